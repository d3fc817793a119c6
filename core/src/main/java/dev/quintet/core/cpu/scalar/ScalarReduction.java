package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.CHUNK;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.ReductionKernels;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Reductions, cumulative sums and selections without the Vector API.
public class ScalarReduction implements ReductionKernels {
  /// Places of the axis in one part of a long reduction.
  private static final int BLOCK = 4096;

  /// Up to this k a row's best are kept in order by insertion; beyond, the row is sorted.
  private static final int INSERTION = 256;

  /// Columns that are worked on together.
  private static final int COLUMNS = 512;

  @Override
  public void reduce(Reduction op, long outer, int axis, long inner, long x, long y) {
    if (outer == 0 || inner == 0) {
      return;
    }
    int blocks = Math.max(1, (axis + BLOCK - 1) / BLOCK);
    int strips = Math.toIntExact((inner + COLUMNS - 1) / COLUMNS);
    double[] parts = new double[blocks == 1 ? 0 : Math.toIntExact(outer * inner * blocks)];
    long strip = Math.min(inner, COLUMNS);
    Cuts.items(
        outer * strips * blocks,
        strip * Math.min(axis, BLOCK),
        (first, many) -> {
          for (long item = first; item < first + many; item++) {
            int block = (int) (item % blocks);
            long column = item / blocks % strips * COLUMNS;
            long o = item / blocks / strips;
            int width = (int) Math.min(COLUMNS, inner - column);
            int from = block * BLOCK;
            int to = Math.min(axis, from + BLOCK);
            double[] result = Workspace.doubles(Workspace.PART, width);
            long start = Native.at(x, o * axis * inner + column);
            reduceBlock(op, start, inner, from, to, width, result);
            if (blocks == 1) {
              store(result, width, Native.at(y, o * inner + column));
            } else {
              int at = Math.toIntExact((o * blocks + block) * inner + column);
              System.arraycopy(result, 0, parts, at, width);
            }
          }
        });
    if (blocks > 1) {
      joinBlocks(op, outer, blocks, (int) inner, parts, y);
    }
  }

  @Override
  public void reduceInts(Reduction op, long outer, int axis, long inner, long x, long y) {
    Cuts.items(
        outer * inner,
        axis,
        (first, many) -> {
          for (long item = first; item < first + many; item++) {
            long start = item / inner * axis * inner + item % inner;
            int result =
                switch (op) {
                  case SUM -> 0;
                  case MAX -> Integer.MIN_VALUE;
                  case MIN -> Integer.MAX_VALUE;
                };
            for (long a = 0; a < axis; a++) {
              int v = ScalarScratch.intAt(Native.at(x, start + a * inner));
              result =
                  switch (op) {
                    case SUM -> result + v;
                    case MAX -> Math.max(result, v);
                    case MIN -> Math.min(result, v);
                  };
            }
            ScalarScratch.setInt(Native.at(y, item), result);
          }
        });
  }

  @Override
  public void argMax(long outer, int axis, long x, long indices) {
    Cuts.items(
        outer,
        axis,
        (first, many) -> {
          for (long row = first; row < first + many; row++) {
            float[] values = ScalarScratch.load(0, Native.at(x, row * axis), axis);
            int best = 0;
            for (int i = 1; i < axis; i++) {
              best = larger(values[i], values[best]) ? i : best;
            }
            ScalarScratch.setInt(Native.at(indices, row), best);
          }
        });
  }

  @Override
  public void topK(long outer, int axis, int k, long x, long values, long indices) {
    if (k < 0 || k > axis) {
      throw new IllegalArgumentException("topK: " + k + " of " + axis + " elements");
    }
    if (k == 0) {
      return;
    }
    Cuts.items(
        outer,
        axis,
        (from, n) -> {
          for (long row = from; row < from + n; row++) {
            topK(
                axis,
                k,
                Native.at(x, row * axis),
                Native.at(values, row * k),
                Native.at(indices, row * k));
          }
        });
  }

  /// Best first means smallest key first: the upper half falls as the value grows, the lower is the place.
  private static void topK(int axis, int k, long address, long values, long indices) {
    MemorySegment x = Native.floats(address, axis);
    long[] keys = Workspace.longs(axis);
    if (k > INSERTION) {
      for (int i = 0; i < axis; i++) {
        keys[i] = key(x.getAtIndex(JAVA_FLOAT_UNALIGNED, i), i);
      }
      Arrays.sort(keys, 0, axis);
    } else {
      insert(x, axis, k, keys);
    }
    MemorySegment v = Native.floats(values, k);
    MemorySegment p = Native.floats(indices, k);
    for (int i = 0; i < k; i++) {
      int place = (int) keys[i];
      v.setAtIndex(JAVA_FLOAT_UNALIGNED, i, x.getAtIndex(JAVA_FLOAT_UNALIGNED, place));
      p.setAtIndex(JAVA_INT_UNALIGNED, i, place);
    }
  }

  private static void insert(MemorySegment x, int axis, int k, long[] keys) {
    int held = 0;
    for (int i = 0; i < axis; i++) {
      long key = key(x.getAtIndex(JAVA_FLOAT_UNALIGNED, i), i);
      if (held == k && key > keys[k - 1]) {
        continue;
      }
      int place = held < k ? held++ : k - 1;
      while (place > 0 && keys[place - 1] > key) {
        keys[place] = keys[place - 1];
        place--;
      }
      keys[place] = key;
    }
  }

  private static long key(float value, int place) {
    int bits = Float.floatToIntBits(value + 0f); // +0 makes -0 equal to 0
    int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
    return (long) ~ascending << 32 | place;
  }

  @Override
  public void cumulativeSum(long outer, int axis, long inner, boolean reverse, long x, long y) {
    int strips = Math.toIntExact((inner + COLUMNS - 1) / COLUMNS);
    Cuts.items(
        outer * strips,
        Math.min(inner, COLUMNS) * axis,
        (first, many) -> {
          for (long item = first; item < first + many; item++) {
            long column = item % strips * COLUMNS;
            long start = item / strips * axis * inner + column;
            int width = (int) Math.min(COLUMNS, inner - column);
            if (inner == 1) {
              addUpRow(axis, reverse, Native.at(x, start), Native.at(y, start));
            } else {
              addUpColumns(axis, inner, width, reverse, Native.at(x, start), Native.at(y, start));
            }
          }
        });
  }

  /// Reduces places `from` to `to` of the axis, for each of `width` columns.
  private static void reduceBlock(
      Reduction op, long start, long inner, int from, int to, int width, double[] result) {
    if (inner == 1) {
      float[] row = ScalarScratch.load(0, Native.at(start, from), to - from);
      result[0] =
          switch (op) {
            case SUM -> ScalarRows.sum(row, 0, to - from);
            case MAX -> ScalarRows.max(row, 0, to - from);
            case MIN -> ScalarRows.min(row, 0, to - from);
          };
      return;
    }
    Arrays.fill(result, 0, width, neutral(op));
    float[] row = Workspace.floats(0, width);
    for (int a = from; a < to; a++) {
      ScalarScratch.load(Native.at(start, a * inner), row, 0, width);
      for (int i = 0; i < width; i++) {
        result[i] = combine(op, result[i], row[i]);
      }
    }
  }

  private static void joinBlocks(
      Reduction op, long outer, int blocks, int inner, double[] parts, long y) {
    double[] result = new double[inner];
    for (int o = 0; o < outer; o++) {
      Arrays.fill(result, neutral(op));
      for (int block = 0; block < blocks; block++) {
        for (int i = 0; i < inner; i++) {
          result[i] = combine(op, result[i], parts[(o * blocks + block) * inner + i]);
        }
      }
      store(result, inner, Native.at(y, (long) o * inner));
    }
  }

  private static double neutral(Reduction op) {
    return switch (op) {
      case SUM -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
    };
  }

  private static double combine(Reduction op, double a, double b) {
    return switch (op) {
      case SUM -> a + b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }

  private static void store(double[] result, int width, long address) {
    float[] narrow = Workspace.floats(1, width);
    for (int i = 0; i < width; i++) {
      narrow[i] = (float) result[i];
    }
    ScalarScratch.store(narrow, address, width);
  }

  /// Whether a is larger than b, where NaN is larger than all else.
  private static boolean larger(float a, float b) {
    return a > b || (Float.isNaN(a) && !Float.isNaN(b));
  }

  private static void addUpRow(int axis, boolean reverse, long x, long y) {
    double sum = 0;
    for (int done = 0; done < axis; done += CHUNK) {
      int n = Math.min(CHUNK, axis - done);
      int from = reverse ? axis - done - n : done;
      float[] row = ScalarScratch.load(0, Native.at(x, from), n);
      for (int i = 0; i < n; i++) {
        int at = reverse ? n - 1 - i : i;
        sum += row[at];
        row[at] = (float) sum;
      }
      ScalarScratch.store(row, Native.at(y, from), n);
    }
  }

  private static void addUpColumns(
      int axis, long inner, int width, boolean reverse, long x, long y) {
    double[] sums = Workspace.doubles(Workspace.PART, width);
    Arrays.fill(sums, 0, width, 0);
    for (int a = 0; a < axis; a++) {
      long at = (reverse ? axis - 1 - a : a) * inner;
      float[] row = ScalarScratch.load(0, Native.at(x, at), width);
      for (int i = 0; i < width; i++) {
        sums[i] += row[i];
        row[i] = (float) sums[i];
      }
      ScalarScratch.store(row, Native.at(y, at), width);
    }
  }
}
