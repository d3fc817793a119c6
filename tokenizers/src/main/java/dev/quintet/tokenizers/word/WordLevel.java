package dev.quintet.tokenizers.word;

import dev.quintet.tokenizers.huggingface.WordLevelSpec;
import dev.quintet.tokenizers.text.TokenBuffer;
import java.nio.charset.StandardCharsets;

/// Knows whole words. Immutable; any number of threads may use it.
public final class WordLevel implements WordModel {

  private final WordLevelSpec spec;

  /// Makes a model.
  ///
  /// @param spec its description
  public WordLevel(WordLevelSpec spec) {
    this.spec = spec;
  }

  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    String word = new String(utf8, start, end - start, StandardCharsets.UTF_8);
    int id =
        spec.vocabulary()
            .id(word)
            .orElseGet(() ->
                spec.vocabulary()
                    .id(spec.unknown())
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            "encode: expected words that the vocabulary has, as it lacks the"
                                + " unknown token \""
                                + spec.unknown()
                                + "\", got \""
                                + word
                                + "\"")));
    out.add(id, start, end);
  }
}
