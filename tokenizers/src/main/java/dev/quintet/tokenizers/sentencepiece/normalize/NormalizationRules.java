package dev.quintet.tokenizers.sentencepiece.normalize;

import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// The compiled rules that SentencePiece writes into models, by name. They are sentencepiece
/// 0.2.2's own (see NOTICE); a model always uses those that stand in its file.
public final class NormalizationRules {

  private NormalizationRules() {}

  /// Rules by name.
  ///
  /// @param name `nmt_nfkc`, `nfkc`, `nmt_nfkc_cf`, `nfkc_cf` or `identity`
  /// @param addDummyPrefix whether a space is put before a text
  /// @param removeExtraWhitespaces whether runs of spaces become one, and those at the ends none
  /// @return the rules
  /// @throws IllegalArgumentException when there are none of this name
  public static NormalizerSpec named(
      String name, boolean addDummyPrefix, boolean removeExtraWhitespaces) {
    return new NormalizerSpec(name, charsmap(name), addDummyPrefix, removeExtraWhitespaces, true);
  }

  private static byte[] charsmap(String name) {
    if (name.equals("identity")) {
      return new byte[0];
    }
    try (InputStream in = NormalizationRules.class.getResourceAsStream(name + ".bin")) {
      if (in == null || !name.matches("[a-z_]+")) {
        throw new IllegalArgumentException(
            "normalization rules: expected nmt_nfkc, nfkc, nmt_nfkc_cf, nfkc_cf or identity, got \""
                + name
                + "\"");
      }
      return in.readAllBytes();
    } catch (IOException failed) {
      throw new UncheckedIOException("cannot read the rules " + name, failed);
    }
  }
}
