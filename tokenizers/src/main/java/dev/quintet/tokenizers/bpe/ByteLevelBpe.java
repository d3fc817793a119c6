package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.format.BpeSpec;
import dev.quintet.tokenizers.format.ByteLetters;
import dev.quintet.tokenizers.format.Vocabulary;
import dev.quintet.tokenizers.token.TokenBuffer;
import dev.quintet.tokenizers.token.WordModel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The byte-level BPE model: merges the bytes of one word, the best merge first, leftmost first
/// among equals (Sennrich et al. 2016, arXiv 1508.07909; bytes after GPT-2).
///
/// Immutable; any number of threads may use it. Time is linear in the length of a
/// word, or n log n where merges are not listed in the order in which they can be made.
public final class ByteLevelBpe implements WordModel {

  private static final int NONE = -1;

  /// From here on going from left to right is faster than a heap, once that has been prepared.
  private static final int MANY = 128;

  private final Vocabulary vocabulary;
  private final int[] mergeList;
  private final PairTable merges;

  /// The id of each byte's letter, or [#NONE].
  private final int[] byteIds = new int[256];

  /// The ids that stand for a byte whose letter the vocabulary lacks; none where there are none.
  private final int[][] fallbackIds = new int[256][];

  private final int unknown;
  private final boolean fuseUnknown;
  private final boolean ignoreMerges;
  private int longestToken;
  private volatile @Nullable Optional<LinearBpe> linear;

  /// Makes a model.
  ///
  /// @param spec its description
  public ByteLevelBpe(BpeSpec spec) {
    this.vocabulary = spec.vocabulary();
    this.mergeList = spec.merges();
    this.merges = new PairTable(mergeList);
    for (int id = 0; id < vocabulary.size(); id++) {
      longestToken = Math.max(longestToken, vocabulary.token(id).map(String::length).orElse(0));
    }
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

  @Override
  public void encode(byte[] utf8, int start, int end, TokenBuffer out) {
    if (ignoreMerges && end - start <= longestToken) {
      OptionalInt whole = vocabulary.id(letters(utf8, start, end));
      if (whole.isPresent()) {
        out.add(whole.getAsInt(), start, end);
        return;
      }
    }
    if (end - start > MANY && isCovered(utf8, start, end)) {
      Optional<LinearBpe> linear = linear();
      if (linear.isPresent()) {
        linear.get().encode(utf8, start, end, out);
        return;
      }
    }
    // A letter has at most two bytes to fall back to.
    Symbols symbols = new Symbols(2 * (end - start));
    for (int i = start; i < end; i++) {
      int b = utf8[i] & 0xFF;
      if (byteIds[b] != NONE) {
        symbols.add(byteIds[b], i, i + 1);
      } else if (fallbackIds[b].length > 0) {
        for (int fallback : fallbackIds[b]) {
          symbols.add(fallback, i, i + 1);
        }
      } else if (unknown != NONE) {
        symbols.addUnknown(unknown, i, fuseUnknown);
      }
    }
    symbols.merge(merges);
    symbols.write(out);
  }

  private boolean isCovered(byte[] utf8, int start, int end) {
    for (int i = start; i < end; i++) {
      if (byteIds[utf8[i] & 0xFF] == NONE) {
        return false;
      }
    }
    return true;
  }

  /// Made when it is first needed, as most texts have no long words; two threads may both make it.
  private Optional<LinearBpe> linear() {
    Optional<LinearBpe> known = linear;
    if (known == null) {
      known = LinearBpe.of(byteIds, mergeList, merges, vocabulary.size());
      linear = known;
    }
    return known;
  }

  /// The word in byte letters, as it would stand in a vocabulary.
  private static String letters(byte[] utf8, int start, int end) {
    char[] letters = new char[end - start];
    for (int i = start; i < end; i++) {
      letters[i - start] = ByteLetters.letter(utf8[i] & 0xFF);
    }
    return new String(letters);
  }
}
