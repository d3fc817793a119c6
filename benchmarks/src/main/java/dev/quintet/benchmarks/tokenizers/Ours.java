package dev.quintet.benchmarks.tokenizers;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Tokenizer;

/// Quintet's tokenizers, asked for ids alone.
///
/// @param tokenizer the tokenizer
record Ours(Tokenizer tokenizer) implements Codec {

  @Override
  public int[] encode(String text) {
    return tokenizer.encodeToIds(text, false);
  }

  @Override
  public String decode(Object encoded) {
    return tokenizer.decode((int[]) encoded);
  }

  @Override
  public int[] ids(Object encoded) {
    return (int[]) encoded;
  }

  /// The same with offsets, which some peers always compute.
  Codec withOffsets() {
    return new Codec() {
      @Override
      public Encoding encode(String text) {
        return tokenizer.encode(text, false);
      }

      @Override
      public String decode(Object encoded) {
        return tokenizer.decode(ids(encoded));
      }

      @Override
      public int[] ids(Object encoded) {
        return ((Encoding) encoded).ids();
      }
    };
  }
}
