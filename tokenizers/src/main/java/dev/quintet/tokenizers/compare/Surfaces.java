package dev.quintet.tokenizers.compare;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.text.ByteLetters;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// What each token of a vocabulary stands for within a text, whatever its file spells it like: `▁the`
/// and `Ġthe` are both ` the`.
public final class Surfaces {

  private static final char REPLACEMENT = '\ufffd';

  private final String[] texts;
  private final byte[][] bytes;
  private final boolean[] special;

  private Surfaces(int size) {
    this.texts = new String[size];
    this.bytes = new byte[size][];
    this.special = new boolean[size];
  }

  /// Reads off a tokenizer what its tokens stand for, by decoding each after another token.
  ///
  /// @param tokenizer the tokenizer
  /// @return the surfaces of all its ids
  public static Surfaces of(Tokenizer tokenizer) {
    Surfaces surfaces = new Surfaces(tokenizer.vocabularySize());
    int[] letter = tokenizer.encodeToIds("a", false);
    int[] pair = Arrays.copyOf(letter, letter.length + 1);
    String before = tokenizer.decode(letter);
    for (int id = 0; id < surfaces.texts.length; id++) {
      pair[letter.length] = id;
      String both = tokenizer.decode(pair);
      // Some decoders change a token once another follows it.
      String text =
          both.startsWith(before)
              ? both.substring(before.length())
              : tokenizer.decode(new int[] {id});
      surfaces.special[id] =
          tokenizer.unknownId().orElse(-1) == id
              || (tokenizer.decode(pair, true).equals(before) && !text.isEmpty());
      surfaces.texts[id] = text;
      surfaces.bytes[id] =
          text.indexOf(REPLACEMENT) < 0 && !text.isEmpty()
              ? text.getBytes(StandardCharsets.UTF_8)
              : spelledBytes(tokenizer, id).orElseGet(() -> text.getBytes(StandardCharsets.UTF_8));
    }
    return surfaces;
  }

  /// The bytes of a token that holds part of a character.
  private static Optional<byte[]> spelledBytes(Tokenizer tokenizer, int id) {
    String token;
    try {
      token = tokenizer.token(id);
    } catch (IllegalArgumentException _) {
      // A gap in the ids.
      return Optional.empty();
    }
    if (token.matches("<0x[0-9A-F]{2}>")) {
      return Optional.of(new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)});
    }
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int value = ByteLetters.value(token.charAt(i));
      if (value < 0 && token.length() == 1 && token.charAt(0) < 256) {
        value = token.charAt(0);
      }
      if (value < 0) {
        return Optional.empty();
      }
      bytes[i] = (byte) value;
    }
    return Optional.of(bytes);
  }

  /// The number of ids.
  ///
  /// @return the number of ids, gaps included
  public int size() {
    return texts.length;
  }

  /// The text of a token after another.
  ///
  /// @param id the token's id
  /// @return its text; empty for gaps and marks without a text
  public String text(int id) {
    return texts[id];
  }

  /// Whether a token is whole characters.
  ///
  /// @param id the token's id
  /// @return whether its bytes are those of its text
  public boolean isText(int id) {
    return Arrays.equals(bytes[id], texts[id].getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a token is special: it stands for no text of its own.
  ///
  /// @param id the token's id
  /// @return whether decoding may leave it out, or it is the unknown token
  public boolean isSpecial(int id) {
    return special[id];
  }

  /// A token's bytes, as characters from U+0000 to U+00FF, to be compared with other tokens'.
  String key(int id) {
    return new String(bytes[id], StandardCharsets.ISO_8859_1);
  }
}
