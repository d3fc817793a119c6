package dev.quintet.trainer.evaluate;

/// What a model answered.
///
/// @param text without special tokens
/// @param tokens of the answer, its end included
/// @param cutOff whether it ended at the limit of its length
public record Reply(String text, int tokens, boolean cutOff) {}
