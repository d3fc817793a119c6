package dev.quintet.trainer.data;

/// What a model reads and what it should answer.
///
/// @param source the prompt
/// @param target the answer
public record TextPair(String source, String target) {}
