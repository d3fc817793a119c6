package dev.quintet.models.text;

import dev.quintet.tokenizers.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;

/// One answer's text as its tokens come: hands out what no later token can change.
///
/// Held back are characters of which only some bytes are there (U+FFFD at the end), and runs of byte tokens such as
/// `<0xE2>`, which decode as a whole or not at all.
final class PieceText {
  private static final char REPLACEMENT = '�';

  private final Tokenizer tokenizer;
  private final BitSet bytes;
  private final boolean specialTokens;
  private final Consumer<String> pieces;
  private int[] ids = new int[32];
  private int count;
  private String given = "";

  /// A text without tokens.
  ///
  /// @param bytes from [#bytes]
  PieceText(Tokenizer tokenizer, BitSet bytes, boolean specialTokens, Consumer<String> pieces) {
    this.tokenizer = tokenizer;
    this.bytes = bytes;
    this.specialTokens = specialTokens;
    this.pieces = pieces;
  }

  /// The ids of a tokenizer's byte tokens.
  static BitSet bytes(Tokenizer tokenizer) {
    var ids = new BitSet();
    for (int value = 0; value < 256; value++) {
      tokenizer.id(String.format(Locale.ROOT, "<0x%02X>", value)).ifPresent(ids::set);
    }
    return ids;
  }

  void add(int id) {
    if (count == ids.length) {
      ids = Arrays.copyOf(ids, 2 * count);
    }
    ids[count++] = id;
    if (bytes.get(id)) {
      return;
    }
    String text = tokenizer.decode(Arrays.copyOf(ids, count), !specialTokens);
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == REPLACEMENT) {
      end--;
    }
    give(text.substring(0, end));
  }

  /// Hands out the rest.
  ///
  /// @param text the whole answer
  void end(String text) {
    give(text);
  }

  private void give(String text) {
    if (text.length() > given.length() && text.startsWith(given)) {
      String piece = text.substring(given.length());
      given = text;
      pieces.accept(piece);
    }
  }
}
