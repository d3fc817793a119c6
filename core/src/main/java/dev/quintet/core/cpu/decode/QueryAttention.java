package dev.quintet.core.cpu.decode;

import static dev.quintet.core.cpu.lane.Lanes.F;
import static dev.quintet.core.cpu.lane.Lanes.N;
import static dev.quintet.core.cpu.lane.Lanes.ORDER;

import dev.quintet.core.cpu.vector.AttentionRows;
import dev.quintet.core.cpu.work.Native;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Attention of one query of one head, on one thread, with the bits of `AttentionHead`: the same sums in the same order.
final class QueryAttention {
  /// Columns that are summed at a time; a head's width is a multiple.
  static final int COLUMNS = 4 * N;

  /// Keys whose products are summed at a stretch, as in `AttentionHead`.
  private static final int CHUNK = 48;

  private static final float[] ALL_SHOWN = {};

  private static final ThreadLocal<QueryAttention> MINE =
      ThreadLocal.withInitial(QueryAttention::new);

  private final float[] block = new float[COLUMNS];
  private final float[] partial = new float[COLUMNS];
  private final float[] other = new float[KeyPanels.KEYS];
  private float[] query = {};
  private float[] scores = {};
  private float sum;

  private QueryAttention() {}

  static QueryAttention mine() {
    return MINE.get();
  }

  /// Reads the query.
  void take(long address, int width) {
    if (query.length < width) {
      query = new float[width];
    }
    MemorySegment from = Native.floats(address, width);
    for (int i = 0; i < width; i += N) {
      FloatVector.fromMemorySegment(F, from, 4L * i, ORDER).intoArray(query, i);
    }
  }

  private void room(int keys) {
    if (scores.length < KeyPanels.padded(keys)) {
      scores = new float[Math.max(KeyPanels.padded(keys), 2 * scores.length)];
    }
  }

  /// Scores keys of one row.
  void score(KeyPanels panels, int row, int head, int keys) {
    room(keys);
    int size = KeyPanels.KEYS;
    long panel = panels.at(row, head);
    for (int j = 0; j < keys; j += 2 * size) {
      long from = Native.at(panel, (long) j * panels.width());
      KeyPanels.score(query, panels.width(), from, keys - j > size, scores, j);
    }
  }

  /// Scores keys, each in the row that is said.
  void score(KeyPanels panels, int[] rows, int head, int keys) {
    room(keys);
    int size = KeyPanels.KEYS;
    for (int j = 0; j < keys; j += size) {
      int end = Math.min(keys, j + size);
      for (int i = j; i < end; i++) {
        if (!among(rows[i], rows, j, i)) {
          long panel = Native.at(panels.at(rows[i], head), (long) j * panels.width());
          KeyPanels.score(query, panels.width(), panel, false, other, 0);
          for (int same = i; same < end; same++) {
            if (rows[same] == rows[i]) {
              scores[same] = other[same - j];
            }
          }
        }
      }
    }
  }

  private static boolean among(int row, int[] rows, int from, int to) {
    for (int i = from; i < to; i++) {
      if (rows[i] == row) {
        return true;
      }
    }
    return false;
  }

  /// From scores to what stands before values.
  ///
  /// @param bias address of the biases of the keys, or 0
  void softmax(int keys, long bias) {
    float most = AttentionRows.bias(scores, 0, keys, bias, ALL_SHOWN, false);
    sum = AttentionRows.exponentials(scores, 0, keys, KeyPanels.padded(keys), most);
  }

  /// The same with a mask, 0 or negative infinity for each key.
  void softmax(int keys, float[] hidden) {
    float most = AttentionRows.bias(scores, 0, keys, 0, hidden, true);
    sum = AttentionRows.exponentials(scores, 0, keys, KeyPanels.padded(keys), most);
  }

  /// All keys alike, where none is seen.
  void uniform(int keys) {
    room(keys);
    AttentionRows.uniform(scores, 0, keys, KeyPanels.padded(keys));
    sum = keys;
  }

  /// The sum of the values, each with its weight.
  ///
  /// @param values address of the head's part of a row's first value
  /// @param step elements from one value to the next
  /// @param to where `width` elements go
  void sum(int keys, int width, long values, int step, long to) {
    for (int c = 0; c < width; c += COLUMNS) {
      long from = Native.at(values, c);
      near(0, Math.min(keys, CHUNK), from, step, block);
      for (int j = CHUNK; j < keys; j += CHUNK) {
        near(j, Math.min(keys, j + CHUNK), from, step, partial);
        addPartial();
      }
      place(Native.at(to, c));
    }
  }

  /// The same, where each value lies in the row that is said.
  ///
  /// @param rowStep elements from one row to the next
  void sum(
      int keys, int width, long values, int step, int[] rows, long rowStep, int count, long to) {
    for (int c = 0; c < width; c += COLUMNS) {
      long from = Native.at(values, c);
      long extent = (count - 1) * rowStep + (long) (keys - 1) * step + COLUMNS;
      far(0, Math.min(keys, CHUNK), from, step, rows, rowStep, extent, block);
      for (int j = CHUNK; j < keys; j += CHUNK) {
        far(j, Math.min(keys, j + CHUNK), from, step, rows, rowStep, extent, partial);
        addPartial();
      }
      place(Native.at(to, c));
    }
  }

  private void near(int first, int end, long values, int step, float[] to) {
    MemorySegment v = Native.floats(values, (end - 1L) * step + COLUMNS);
    float[] weights = scores;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int j = first; j < end; j++) {
      FloatVector x = FloatVector.broadcast(F, weights[j]);
      long o = 4L * j * step;
      s0 = x.fma(FloatVector.fromMemorySegment(F, v, o, ORDER), s0);
      s1 = x.fma(FloatVector.fromMemorySegment(F, v, o + 4 * N, ORDER), s1);
      s2 = x.fma(FloatVector.fromMemorySegment(F, v, o + 8 * N, ORDER), s2);
      s3 = x.fma(FloatVector.fromMemorySegment(F, v, o + 12 * N, ORDER), s3);
    }
    s0.intoArray(to, 0);
    s1.intoArray(to, N);
    s2.intoArray(to, 2 * N);
    s3.intoArray(to, 3 * N);
  }

  private void far(
      int first,
      int end,
      long values,
      int step,
      int[] rows,
      long rowStep,
      long extent,
      float[] to) {
    MemorySegment v = Native.floats(values, extent);
    float[] weights = scores;
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int j = first; j < end; j++) {
      FloatVector x = FloatVector.broadcast(F, weights[j]);
      long o = 4 * (rows[j] * rowStep + (long) j * step);
      s0 = x.fma(FloatVector.fromMemorySegment(F, v, o, ORDER), s0);
      s1 = x.fma(FloatVector.fromMemorySegment(F, v, o + 4 * N, ORDER), s1);
      s2 = x.fma(FloatVector.fromMemorySegment(F, v, o + 8 * N, ORDER), s2);
      s3 = x.fma(FloatVector.fromMemorySegment(F, v, o + 12 * N, ORDER), s3);
    }
    s0.intoArray(to, 0);
    s1.intoArray(to, N);
    s2.intoArray(to, 2 * N);
    s3.intoArray(to, 3 * N);
  }

  private void addPartial() {
    for (int i = 0; i < COLUMNS; i += N) {
      FloatVector.fromArray(F, block, i)
          .add(FloatVector.fromArray(F, partial, i))
          .intoArray(block, i);
    }
  }

  private void place(long to) {
    MemorySegment c = Native.floats(to, COLUMNS);
    float factor = 1 / sum;
    for (int i = 0; i < COLUMNS; i += N) {
      FloatVector.fromArray(F, block, i).mul(factor).intoMemorySegment(c, 4L * i, ORDER);
    }
  }
}
