package dev.quintet.tokenizers.sentencepiece.train;

import dev.quintet.tokenizers.primitive.IntOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Counts characters and chooses those that become pieces whatever happens.
final class Alphabet {

  private static final int CODE_POINTS = Character.MAX_CODE_POINT + 1;

  private final long[] counts = new long[CODE_POINTS];
  private final boolean[] demanded = new boolean[CODE_POINTS];
  private final boolean[] chosen = new boolean[CODE_POINTS];
  private final float coverage;
  private final boolean all;
  private long total;
  private boolean hasAll = true;
  private final SequencedMap<Integer, Long> required = new LinkedHashMap<>();

  Alphabet(SentencePieceOptions options) {
    coverage = options.fraction("character_coverage");
    all = options.on("use_all_vocab");
    options
        .text("required_chars")
        .codePoints()
        .filter(c -> c != 0)
        .forEach(c -> demanded[c] = true);
  }

  void add(byte[] text, int from, int to, long count) {
    for (int i = from; i < to; ) {
      int c = text[i];
      if (c >= 0) {
        i++;
      } else {
        c = WellFormed.codePoint(text, i);
        i += WellFormed.length(text[i]);
      }
      counts[c] += count;
    }
  }

  /// Takes the demanded characters and then the most frequent ones, until they make up enough of
  /// the text.
  void choose() {
    hasAll = counts[0] == 0 && counts[' '] == 0;
    counts[0] = 0;
    counts[' '] = 0;
    int[] found = new int[CODE_POINTS];
    int size = 0;
    for (int c = 0; c < CODE_POINTS; c++) {
      total += counts[c];
      if (counts[c] > 0 || demanded[c]) {
        found[size++] = c;
      }
    }
    int[] order = Arrays.copyOf(found, size);
    IntOrder.sort(
        order,
        (a, b) ->
            demanded[a] != demanded[b]
                ? Boolean.compare(demanded[b], demanded[a])
                : Long.compare(counts[b], counts[a]));
    long accumulated = 0;
    int taken = 0;
    for (int c : order) {
      if (!all && (float) (1.0 * accumulated / total) >= coverage) {
        break;
      }
      accumulated += counts[c];
      chosen[c] = c != PieceRules.BOUNDARY;
      taken++;
    }
    hasAll &= taken == size && counts[PieceRules.BOUNDARY] == 0;
    IntOrder.sort(
        order,
        (a, b) ->
            counts[a] != counts[b] ? Long.compare(counts[b], counts[a]) : Integer.compare(a, b));
    for (int c : order) {
      if (chosen[c]) {
        required.put(c, counts[c]);
      }
    }
  }

  boolean has(int codePoint) {
    return chosen[codePoint];
  }

  boolean seen(int codePoint) {
    return counts[codePoint] > 0;
  }

  /// Whether no character was left out.
  boolean hasAll() {
    return hasAll;
  }

  SequencedMap<Integer, Long> required() {
    return required;
  }

  /// A text with the mark for unknown characters in the place of those left out.
  byte[] withoutRare(byte[] text, int from, int to) {
    byte[] out = new byte[3 * (to - from)];
    int size = 0;
    for (int i = from; i < to; ) {
      int length = WellFormed.length(text[i]);
      if (chosen[WellFormed.codePoint(text, i)]) {
        System.arraycopy(text, i, out, size, length);
        size += length;
      } else {
        out[size++] = (byte) 0xE2;
        out[size++] = (byte) 0x96;
        out[size++] = (byte) 0x85;
      }
      i += length;
    }
    return Arrays.copyOf(out, size);
  }
}
