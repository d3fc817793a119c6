package dev.quintet.trainer.data;

/// One example as token ids: what the encoder reads and what the decoder should say, both with their
/// end token. The arrays are not copied: treat them as read-only.
///
/// @param source ids of at most S tokens
/// @param target ids of at most T tokens
public record Example(int[] source, int[] target) {}
