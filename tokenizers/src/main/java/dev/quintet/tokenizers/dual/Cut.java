package dev.quintet.tokenizers.dual;

/// A stretch of a text that one tokenizer encodes.
///
/// @param start where it begins
/// @param end where it ends
/// @param code whether it is the code tokenizer's
record Cut(int start, int end, boolean code) {}
