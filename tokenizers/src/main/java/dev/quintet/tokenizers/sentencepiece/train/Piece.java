package dev.quintet.tokenizers.sentencepiece.train;

/// A piece that was learned.
///
/// @param text its text
/// @param score its score
public record Piece(String text, float score) {}
