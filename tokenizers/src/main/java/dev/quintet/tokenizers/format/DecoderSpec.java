package dev.quintet.tokenizers.format;

/// How tokens become text again, as a file describes it.
public enum DecoderSpec {
  /// They are joined by spaces: there is no decoder.
  SPACES,
  /// Their letters stand for bytes.
  BYTE_LEVEL,
  /// Tokens such as `<0x0A>` stand for a byte, the letters of all others too.
  BYTE_FALLBACK_THEN_BYTE_LEVEL,
  /// U+2581 stands for a space, but in the first token for nothing.
  METASPACE,
  /// U+2581 stands for a space.
  METASPACE_THROUGHOUT
}
