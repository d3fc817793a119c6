package dev.quintet.trainer.demo;

/// What a model reads and what it should answer.
///
/// @param source words joined by single spaces
/// @param target words joined by single spaces
public record TextPair(String source, String target) {}
