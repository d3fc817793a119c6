package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Segments;
import dev.quintet.tokenizers.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Finds the most probable segmentation of a text (Kudo 2018, arXiv 1804.10959) in one pass from
/// left to right.
///
/// All sums are in float32 in the order of sentencepiece 0.2.2, and of two equal ones the piece
/// that begins first stays; that decides real ties, such as `mm` `m` against `m` `mm`. Immutable;
/// any number of threads may use it.
public final class UnigramModel {

  /// How much less likely than the rarest piece a character is that no piece covers.
  private static final float UNKNOWN_PENALTY = 10;

  private static final double RAISED = 2 * 0.1 * KnownWords.MAX_LENGTH;

  private final ByteTrie pieces;

  /// What each piece adds: its score, or more the longer it is where it is user-defined. Length is
  /// in bytes here, and in characters where several segmentations are wanted, as in the reference.
  private final float[] scores;

  private final float[] pathScores;

  private final float unknownScore;
  private final int unknown;
  private final Joints joints;
  private final KnownWords words = new KnownWords();

  /// Whether no ordinary score is positive, as the bound on rounding supposes.
  private final boolean wordByWord;

  /// Makes a model.
  ///
  /// @param model its description
  /// @param texts the pieces that a text may give, without the unused ones
  /// @param ids the id of each, from the first one on; there may be more
  public UnigramModel(SentencePieceModel model, List<byte[]> texts, int[] ids) {
    this.pieces = ByteTrie.of(texts, ids);
    this.joints = new Joints(texts);
    this.unknown = model.unknown();
    this.scores = new float[model.size()];
    this.pathScores = new float[model.size()];
    float lowest = Float.MAX_VALUE;
    boolean positive = false;
    for (int id = 0; id < scores.length; id++) {
      scores[id] = model.score(id);
      pathScores[id] = model.score(id);
      if (model.type(id) == SentencePieceModel.Type.NORMAL) {
        lowest = Math.min(lowest, scores[id]);
        positive |= scores[id] > 0;
      } else if (model.type(id) == SentencePieceModel.Type.USER_DEFINED) {
        String piece = model.piece(id);
        scores[id] = userDefined(piece.getBytes(StandardCharsets.UTF_8).length);
        pathScores[id] = userDefined(piece.codePointCount(0, piece.length()));
      }
    }
    this.unknownScore = lowest - UNKNOWN_PENALTY;
    scores[unknown] = unknownScore;
    this.wordByWord = !positive;
  }

  /// What a user-defined piece adds, which is more than others do.
  private static float userDefined(int length) {
    return (float) (length * 0.1 - 0.1);
  }

  /// Segments a normalized text.
  ///
  /// @param text the text's UTF-8
  /// @param size how many bytes of it
  /// @param valid whether it is known to be valid UTF-8
  /// @param out takes the pieces
  public void segment(byte[] text, int size, boolean valid, Segments out) {
    Pass pass = new Pass(text, size, out);
    if (!valid || !wordByWord) {
      pass.exact(0, size, 0);
      return;
    }
    float total = 0;
    int from = 0;
    for (int at = 1; at <= size; at++) {
      if (at == size || !joints.at(pass.text, at, size)) {
        total = pass.word(from, at, total);
        from = at;
      }
    }
  }

  /// What a piece adds to the score of a segmentation.
  ///
  /// @param id its id
  /// @return its score, and less than any for the unknown piece
  public float score(int id) {
    return id == unknown ? unknownScore : pathScores[id];
  }

  /// All segmentations of a normalized text.
  ///
  /// @param text the text's UTF-8
  /// @param size how many bytes of it
  /// @return the segmentations
  public Paths paths(byte[] text, int size) {
    Paths all = new Paths(size);
    int length;
    for (int start = 0; start < size; start += length) {
      length = Utf8.step(text, start, size);
      boolean single = false;
      int node = ByteTrie.ROOT;
      for (int at = start; at < size; ) {
        node = pieces.child(node, text[at++] & 0xFF);
        if (node == ByteTrie.NONE) {
          break;
        }
        int id = pieces.value(node);
        if (id != ByteTrie.NONE) {
          all.add(start, at, id, pathScores[id]);
          single |= at - start == length;
        }
      }
      if (!single) {
        all.add(start, start + length, unknown, unknownScore);
      }
    }
    return all;
  }

  /// One text while it is being segmented.
  private final class Pass {
    private final byte[] text;
    private final Segments out;
    private float[] best = new float[KnownWords.MAX_LENGTH + 1];

    /// The start of the last piece of the best path to each place in the high half, its id in the
    /// low half.
    private long[] last = new long[KnownWords.MAX_LENGTH + 1];

    Pass(byte[] text, int size, Segments out) {
      int room = size + KnownWords.MAX_LENGTH;
      this.text = text.length < room ? Arrays.copyOf(text, room) : text;
      this.out = out;
    }

    /// Segments a stretch that no piece reaches out of; gives the sum of scores after it.
    float word(int from, int to, float total) {
      if (to - from > KnownWords.MAX_LENGTH) {
        return exact(from, to, total);
      }
      long[] word = words.find(text, from, to);
      if (word == null) {
        word = learn(from, to);
      }
      if (!(Math.abs(total) < KnownWords.reach(word))) {
        return exact(from, to, total);
      }
      int count = word.length - KnownWords.PIECES;
      int first = out.extend(count);
      float sum = total;
      for (int i = 0; i < count; i++) {
        long piece = word[KnownWords.PIECES + i];
        sum += scores[(int) piece];
        out.set(first + i, (int) piece, from + (int) (piece >>> 32));
      }
      return sum;
    }

    /// The best path, with all roundings as in the reference.
    float exact(int from, int to, float total) {
      int size = to - from;
      if (best.length <= size) {
        best = new float[size + 1];
        last = new long[size + 1];
      }
      float[] best = this.best;
      long[] last = this.last;
      best[0] = total;
      // No score is at least as good as "not a number", so it stands for a place not reached yet.
      Arrays.fill(best, 1, size + 1, Float.NaN);
      int length;
      for (int start = 0; start < size; start += length) {
        length = Utf8.step(text, from + start, to);
        float before = best[start];
        long link = (long) start << 32;
        int single = start + length;
        int node = ByteTrie.ROOT;
        for (int at = start; at < size; ) {
          node = pieces.child(node, text[from + at++] & 0xFF);
          if (node == ByteTrie.NONE) {
            break;
          }
          int id = pieces.value(node);
          if (id != ByteTrie.NONE) {
            float candidate = scores[id] + before;
            if (!(candidate <= best[at])) {
              best[at] = candidate;
              last[at] = link | id;
            }
            if (at == start + length) {
              single = ByteTrie.NONE;
            }
          }
        }
        if (single != ByteTrie.NONE) {
          float candidate = unknownScore + before;
          if (!(candidate <= best[single])) {
            best[single] = candidate;
            last[single] = link | unknown;
          }
        }
      }
      write(from, size);
      return best[size];
    }

    private void write(int from, int size) {
      int count = 0;
      for (int end = size; end > 0; end = (int) (last[end] >>> 32)) {
        count++;
      }
      int i = out.extend(count) + count;
      for (int end = size; end > 0; end = (int) (last[end] >>> 32)) {
        out.set(--i, (int) last[end], from + end);
      }
    }

    /// The best path of a short word, and by how much it is better than any other.
    private long[] learn(int from, int to) {
      int size = to - from;
      double[] first = new double[size + 1];
      double[] second = new double[size + 1];
      int[] starts = new int[size + 1];
      int[] ids = new int[size + 1];
      Arrays.fill(first, 1, size + 1, Double.NEGATIVE_INFINITY);
      Arrays.fill(second, Double.NEGATIVE_INFINITY);
      int length;
      for (int start = 0; start < size; start += length) {
        length = Utf8.step(text, from + start, to);
        boolean single = false;
        int node = ByteTrie.ROOT;
        for (int at = start; at <= size; ) {
          node = at == size ? ByteTrie.NONE : pieces.child(node, text[from + at++] & 0xFF);
          boolean covered = node != ByteTrie.NONE;
          if (!covered && single) {
            break;
          }
          int id = covered ? pieces.value(node) : unknown;
          int end = covered ? at : start + length;
          if (id != ByteTrie.NONE) {
            single |= end == start + length;
            double candidate = first[start] + scores[id];
            if (candidate > first[end]) {
              second[end] = Math.max(first[end], second[start] + scores[id]);
              first[end] = candidate;
              starts[end] = start;
              ids[end] = id;
            } else {
              second[end] = Math.max(second[end], candidate);
            }
          }
          if (!covered) {
            break;
          }
        }
      }
      int count = 0;
      for (int end = size; end > 0; end = starts[end]) {
        count++;
      }
      long[] found = new long[count];
      for (int end = size; end > 0; end = starts[end]) {
        found[--count] = (long) end << 32 | ids[end];
      }
      float reach = reach(size, first[size], first[size] - second[size]);
      return words.put(text, from, to, reach, found);
    }
  }

  /// Each of at most `size` roundings moves a sum by at most 2^-24 of the largest sum; so does each
  /// of the other path, whose sum is larger by `margin` at least. User-defined pieces may first
  /// raise a sum, by 0.1 a byte at most.
  private static float reach(int size, double best, double margin) {
    return (float) (0.99 * margin / (size * 0x1p-23) - Math.abs(best) - RAISED);
  }
}
