package dev.quintet.tokenizers.compare;

/// A text to measure tokenizers on.
///
/// @param type the group that it counts for, such as a file's ending
/// @param source where it is from, such as a file's name
/// @param text the text
public record Sample(String type, String source, String text) {}
