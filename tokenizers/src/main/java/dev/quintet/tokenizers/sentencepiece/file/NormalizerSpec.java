package dev.quintet.tokenizers.sentencepiece.file;

import java.util.Arrays;
import java.util.Objects;

/// How SentencePiece normalizes a text, as a model file describes it.
///
/// @param name the rules' name, such as `nmt_nfkc`
/// @param charsmap the compiled rules; empty for none. Not copied: treat as read-only
/// @param addDummyPrefix whether a space is put before a text
/// @param removeExtraWhitespaces whether runs of spaces become one, and those at the ends none
/// @param escapeWhitespaces whether spaces become U+2581
public record NormalizerSpec(
    String name,
    byte[] charsmap,
    boolean addDummyPrefix,
    boolean removeExtraWhitespaces,
    boolean escapeWhitespaces) {

  /// What a file means that says nothing.
  static final NormalizerSpec DEFAULT = new NormalizerSpec("", new byte[0], true, true, true);

  static NormalizerSpec read(ProtoReader in) {
    String name = "";
    byte[] charsmap = new byte[0];
    boolean dummy = true;
    boolean remove = true;
    boolean escape = true;
    while (in.next()) {
      switch (in.number()) {
        case 1 -> name = in.string();
        case 2 -> charsmap = in.byteArray();
        case 3 -> dummy = in.bool();
        case 4 -> remove = in.bool();
        case 5 -> escape = in.bool();
        default -> {}
      }
    }
    return new NormalizerSpec(name, charsmap, dummy, remove, escape);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NormalizerSpec that
        && name.equals(that.name)
        && Arrays.equals(charsmap, that.charsmap)
        && addDummyPrefix == that.addDummyPrefix
        && removeExtraWhitespaces == that.removeExtraWhitespaces
        && escapeWhitespaces == that.escapeWhitespaces;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, charsmap.length, addDummyPrefix);
  }
}
