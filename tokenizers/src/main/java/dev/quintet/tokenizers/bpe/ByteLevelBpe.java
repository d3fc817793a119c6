package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.format.BpeSpec;
import dev.quintet.tokenizers.format.ByteLetters;
import dev.quintet.tokenizers.format.Vocabulary;
import dev.quintet.tokenizers.token.TokenBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// The byte-level BPE model: merges the bytes of one word, the best merge first, leftmost first
/// among equals (Sennrich et al. 2016, arXiv 1508.07909; bytes after GPT-2).
///
/// Immutable but for a bounded cache of short words; any number of threads may use it. Time is
/// n log n in the length of a word.
public final class ByteLevelBpe {

  private static final int NONE = -1;

  private final Vocabulary vocabulary;
  private final PairTable merges;

  /// The id of each byte's letter, or [#NONE].
  private final int[] byteIds = new int[256];

  /// The ids that stand for a byte whose letter the vocabulary lacks; none where there are none.
  private final int[][] fallbackIds = new int[256][];

  private final int unknown;
  private final boolean fuseUnknown;
  private final boolean ignoreMerges;
  private final WordCache cache = new WordCache();

  /// Makes a model.
  ///
  /// @param spec its description
  public ByteLevelBpe(BpeSpec spec) {
    this.vocabulary = spec.vocabulary();
    this.merges = new PairTable(spec.merges());
    for (int b = 0; b < 256; b++) {
      byteIds[b] = vocabulary.id(String.valueOf(ByteLetters.letter(b))).orElse(NONE);
      fallbackIds[b] = spec.byteFallback() ? fallback(ByteLetters.letter(b)) : new int[0];
    }
    this.unknown = spec.unknown().map(vocabulary::id).orElse(OptionalInt.empty()).orElse(NONE);
    this.fuseUnknown = spec.fuseUnknown();
    this.ignoreMerges = spec.ignoreMerges();
  }

  /// The tokens of a letter's UTF-8 bytes: all of them or none.
  private int[] fallback(char letter) {
    byte[] utf8 = String.valueOf(letter).getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[utf8.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = vocabulary.id(String.format("<0x%02X>", utf8[i] & 0xFF)).orElse(NONE);
      if (ids[i] == NONE) {
        return new int[0];
      }
    }
    return ids;
  }

  /// Encodes one word.
  ///
  /// @param text the text, without lone surrogates
  /// @param start where the word begins in it
  /// @param end where it ends
  /// @param out takes the tokens, with their places in `text`
  public void encode(String text, int start, int end, TokenBuffer out) {
    if (end - start > WordCache.MAX_LENGTH) {
      merge(text, start, end, out);
      return;
    }
    int slot = WordCache.slot(text, start, end);
    if (!cache.find(slot, text, start, end, out)) {
      int first = out.size();
      merge(text, start, end, out);
      cache.put(slot, text, start, end, out, first);
    }
  }

  private void merge(String text, int start, int end, TokenBuffer out) {
    WordBytes word = new WordBytes(text, start, end);
    if (ignoreMerges) {
      OptionalInt whole = vocabulary.id(word.letters());
      if (whole.isPresent()) {
        out.add(whole.getAsInt(), start, end);
        return;
      }
    }
    // A letter has at most two bytes to fall back to.
    Symbols symbols = new Symbols(2 * word.size);
    for (int i = 0; i < word.size; i++) {
      int id = byteIds[word.bytes[i] & 0xFF];
      if (id != NONE) {
        symbols.add(id, i, i + 1);
      } else if (fallbackIds[word.bytes[i] & 0xFF].length > 0) {
        for (int fallback : fallbackIds[word.bytes[i] & 0xFF]) {
          symbols.add(fallback, i, i + 1);
        }
      } else if (unknown != NONE) {
        symbols.addUnknown(unknown, i, fuseUnknown);
      }
    }
    symbols.merge(merges);
    symbols.write(word, out);
  }
}
