package dev.quintet.tokenizers.sentencepiece.file;

/// A piece of a SentencePiece model.
///
/// @param piece its text, with U+2581 for spaces
/// @param score its score; higher is likelier
/// @param type what it is for
public record SentencePieceEntry(String piece, float score, SentencePieceModel.Type type) {}
