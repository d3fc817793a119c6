package dev.quintet.tokenizers.unigram;

import dev.quintet.tokenizers.format.SentencePieceModel;
import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.token.Segments;
import dev.quintet.tokenizers.token.Utf8;
import java.util.Arrays;

/// Finds the most probable segmentation of a text (Kudo 2018, arXiv 1804.10959) in one pass from
/// left to right.
///
/// All sums are in float32 in the order of sentencepiece 0.2.2, and of two equal ones the piece
/// that begins first stays; that decides real ties, such as `mm` `m` against `m` `mm`. Immutable;
/// any number of threads may use it.
public final class UnigramModel {

  /// How much less likely than the rarest piece a character is that no piece covers.
  private static final float UNKNOWN_PENALTY = 10;

  private final ByteTrie pieces;
  private final float[] scores;
  private final boolean[] unused;
  private final boolean[] userDefined;
  private final float unknownScore;
  private final float userDefinedUnit;
  private final int unknown;

  /// Makes a model.
  ///
  /// @param model its description
  /// @param pieces the pieces that a text may give, with their ids
  public UnigramModel(SentencePieceModel model, ByteTrie pieces) {
    this.pieces = pieces;
    this.unknown = model.unknown();
    this.scores = new float[model.size()];
    this.unused = new boolean[model.size()];
    this.userDefined = new boolean[model.size()];
    float lowest = Float.MAX_VALUE;
    // The reference begins with the smallest positive float, so log-probabilities never raise it.
    float highest = Float.MIN_NORMAL;
    for (int id = 0; id < scores.length; id++) {
      scores[id] = model.score(id);
      switch (model.type(id)) {
        case NORMAL -> {
          lowest = Math.min(lowest, scores[id]);
          highest = Math.max(highest, scores[id]);
        }
        case USER_DEFINED -> userDefined[id] = true;
        case UNUSED -> unused[id] = true;
        case UNKNOWN, CONTROL, BYTE -> {}
      }
    }
    this.unknownScore = lowest - UNKNOWN_PENALTY;
    this.userDefinedUnit = highest;
  }

  /// Segments a normalized text.
  ///
  /// @param text the text's UTF-8
  /// @param size how many bytes of it
  /// @param out takes the pieces
  public void segment(byte[] text, int size, Segments out) {
    float[] best = new float[size + 1];
    int[] starts = new int[size + 1];
    int[] ids = new int[size + 1];
    Arrays.fill(starts, -1);
    int length;
    for (int start = 0; start < size; start += length) {
      length = Utf8.step(text, start, size);
      float before = best[start];
      boolean single = false;
      int node = ByteTrie.ROOT;
      for (int at = start; at < size; ) {
        node = pieces.child(node, text[at++] & 0xFF);
        if (node == ByteTrie.NONE) {
          break;
        }
        int id = pieces.value(node);
        if (id == ByteTrie.NONE || unused[id]) {
          continue;
        }
        float score = userDefined[id] ? userDefinedScore(at - start) : scores[id];
        float candidate = score + before;
        if (starts[at] < 0 || candidate > best[at]) {
          best[at] = candidate;
          starts[at] = start;
          ids[at] = id;
        }
        single |= at - start == length;
      }
      if (!single) {
        int end = start + length;
        float candidate = unknownScore + before;
        if (starts[end] < 0 || candidate > best[end]) {
          best[end] = candidate;
          starts[end] = start;
          ids[end] = unknown;
        }
      }
    }
    for (int end = size; end > 0; end = starts[end]) {
      out.add(ids[end], end);
    }
    out.reverse();
  }

  private float userDefinedScore(int length) {
    return (float) (length * userDefinedUnit - 0.1);
  }
}
