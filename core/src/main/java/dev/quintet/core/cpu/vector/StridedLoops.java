package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.lane.Tails;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.Workspace;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Copies between layouts: runs where both are contiguous, tiles where they are transposed.
public final class StridedLoops {
  /// Elements of a run from which the JDK's copy is faster than our loop.
  private static final int LONG_RUN = 1024;

  private StridedLoops() {}

  /// Copies elements of 1, 2 or 4 bytes.
  static void copy(StridedCopy copy, int bytes, long source, long target) {
    if (bytes != 1 && bytes != 2 && bytes != 4) {
      throw new IllegalArgumentException("copy: elements have 1, 2 or 4 bytes, not " + bytes);
    }
    Axes axes = Axes.merged(copy);
    long elements = axes.elements();
    if (elements == 0) {
      return;
    }
    int last = axes.rank() - 1;
    int inner = axes.size(last);
    boolean toRuns = axes.targetStride(last) == 1;
    if (toRuns && axes.sourceStride(last) == 1 && last == 0) {
      Cuts.elements(
          inner, (from, n) -> copyBytes(source + from * bytes, target + from * bytes, n * bytes));
    } else if (toRuns && axes.sourceStride(last) == 1) {
      lines(axes, elements / inner, source, target, bytes, (x, y) -> runs(x, y, inner, bytes));
    } else if (toRuns && axes.sourceStride(last) == 0 && bytes == 4) {
      lines(axes, elements / inner, source, target, bytes, (x, y) -> repeat(x, y, inner));
    } else if (toRuns && bytes == 4 && axes.alongSource() >= 0) {
      Transposition.copy(axes, axes.alongSource(), source, target);
    } else {
      long xStep = axes.sourceStride(last) * bytes;
      long yStep = axes.targetStride(last) * bytes;
      Line line =
          switch (bytes) {
            case 1 -> (x, y) -> steps1(x, xStep, y, yStep, inner);
            case 2 -> (x, y) -> steps2(x, xStep, y, yStep, inner);
            default -> (x, y) -> steps4(x, xStep, y, yStep, inner);
          };
      lines(axes, elements / inner, source, target, bytes, line);
    }
  }

  /// What is done with the first elements of one line along the innermost axis.
  @FunctionalInterface
  private interface Line {
    void run(long source, long target);
  }

  private static void lines(Axes axes, long count, long source, long target, int bytes, Line line) {
    Cuts.items(
        count,
        axes.size(axes.rank() - 1),
        (from, n) -> {
          for (long i = from; i < from + n; i++) {
            line.run(source + axes.sourceOffset(i) * bytes, target + axes.targetOffset(i) * bytes);
          }
        });
  }

  private static void runs(long source, long target, int n, int bytes) {
    if (bytes == 4) {
      run(source, target, n);
    } else {
      copyBytes(source, target, (long) n * bytes);
    }
  }

  /// Copies `n` elements of 4 bytes.
  static void run(long source, long target, long n) {
    if (n >= LONG_RUN || n < EarlyForms.WIDE) {
      copyBytes(source, target, n << 2);
      return;
    }
    int whole = Tails.whole((int) n);
    runLoop(source, target, whole);
    if (whole < n) {
      Tails.in(0, source, (int) n);
      Tails.out(0, target, (int) n);
    }
  }

  private static void runLoop(long source, long target, int n) {
    MemorySegment x = Native.floats(source, n);
    MemorySegment y = Native.floats(target, n);
    for (int i = 0; i < n; i += Lanes.N) {
      Lanes.store(Lanes.load(x, i), y, i);
    }
  }

  private static void copyBytes(long source, long target, long bytes) {
    MemorySegment.copy(Native.bytes(source, bytes), 0, Native.bytes(target, bytes), 0, bytes);
  }

  private static void repeat(long source, long target, int n) {
    VectorLayout.fill(Native.floats(source, 1).get(JAVA_FLOAT_UNALIGNED, 0), target, n);
  }

  private static void steps1(long source, long xStep, long target, long yStep, int n) {
    MemorySegment x = Native.bytes(source, (n - 1) * xStep + 1);
    MemorySegment y = Native.bytes(target, (n - 1) * yStep + 1);
    for (int i = 0; i < n; i++) {
      y.set(JAVA_BYTE, i * yStep, x.get(JAVA_BYTE, i * xStep));
    }
  }

  private static void steps2(long source, long xStep, long target, long yStep, int n) {
    MemorySegment x = Native.bytes(source, (n - 1) * xStep + 2);
    MemorySegment y = Native.bytes(target, (n - 1) * yStep + 2);
    for (int i = 0; i < n; i++) {
      y.set(JAVA_SHORT_UNALIGNED, i * yStep, x.get(JAVA_SHORT_UNALIGNED, i * xStep));
    }
  }

  private static void steps4(long source, long xStep, long target, long yStep, int n) {
    MemorySegment x = Native.bytes(source, (n - 1) * xStep + 4);
    MemorySegment y = Native.bytes(target, (n - 1) * yStep + 4);
    for (int i = 0; i < n; i++) {
      y.set(JAVA_INT_UNALIGNED, i * yStep, x.get(JAVA_INT_UNALIGNED, i * xStep));
    }
  }

  /// The axes of a copy without those of size 1, and with neighbours joined where both layouts allow it.
  private static final class Axes {
    private final int[] sizes;
    private final long[] source;
    private final long[] target;
    private int rank;

    private Axes(int most) {
      sizes = new int[most];
      source = new long[most];
      target = new long[most];
    }

    static Axes merged(StridedCopy copy) {
      int most = copy.sizes().length;
      Axes axes = new Axes(most);
      for (int axis = 0; axis < most; axis++) {
        axes.append(copy.sizes()[axis], copy.sourceStrides()[axis], copy.targetStrides()[axis]);
      }
      if (axes.rank == 0) {
        axes.rank = 1;
        axes.sizes[0] = 1;
        axes.source[0] = 1;
        axes.target[0] = 1;
      }
      return axes;
    }

    private void append(int size, long sourceStride, long targetStride) {
      if (size == 1) {
        return;
      }
      int outer = rank - 1;
      boolean joins =
          rank > 0
              && source[outer] == sourceStride * size
              && target[outer] == targetStride * size
              && (long) sizes[outer] * size <= Integer.MAX_VALUE;
      if (joins) {
        sizes[outer] *= size;
      } else {
        sizes[rank++] = size;
      }
      source[rank - 1] = sourceStride;
      target[rank - 1] = targetStride;
    }

    int rank() {
      return rank;
    }

    int size(int axis) {
      return sizes[axis];
    }

    long sourceStride(int axis) {
      return source[axis];
    }

    long targetStride(int axis) {
      return target[axis];
    }

    long elements() {
      long product = 1;
      for (int axis = 0; axis < rank; axis++) {
        product *= sizes[axis];
      }
      return product;
    }

    /// An axis other than the innermost along which the source is contiguous, or -1.
    int alongSource() {
      for (int axis = rank - 2; axis >= 0; axis--) {
        if (source[axis] == 1) {
          return axis;
        }
      }
      return -1;
    }

    long sourceOffset(long line) {
      return offset(line, source, -1);
    }

    long targetOffset(long line) {
      return offset(line, target, -1);
    }

    /// The offset of a line, numbered over all axes but the innermost and `without`.
    long offset(long line, long[] strides, int without) {
      long rest = line;
      long offset = 0;
      for (int axis = rank - 2; axis >= 0; axis--) {
        if (axis != without) {
          offset += rest % sizes[axis] * strides[axis];
          rest /= sizes[axis];
        }
      }
      return offset;
    }
  }

  /// Copies whose source is contiguous along another axis than the target: tile by tile.
  private static final class Transposition {
    private static final int T = Lanes.N;

    static void copy(Axes axes, int along, long source, long target) {
      int last = axes.rank() - 1;
      int rows = axes.size(along);
      int columns = axes.size(last);
      long bands = (rows + T - 1) / T;
      long planes = axes.elements() / rows / columns;
      long xStep = axes.sourceStride(last);
      long yStep = axes.targetStride(along);
      Cuts.items(
          planes * bands,
          (long) T * columns,
          (from, n) -> {
            float[] tiles = Workspace.floats(Workspace.PART, 2 * T * T);
            for (long item = from; item < from + n; item++) {
              long plane = item / bands;
              int row = (int) (item % bands) * T;
              long x = at(source, axes.offset(plane, axes.source, along) + row);
              long y = at(target, axes.offset(plane, axes.target, along) + row * yStep);
              int height = Math.min(T, rows - row);
              for (int column = 0; column < columns; column += T) {
                int width = Math.min(T, columns - column);
                tile(at(x, column * xStep), xStep, at(y, column), yStep, height, width, tiles);
              }
            }
          });
    }

    /// Reads `width` runs of `height` elements and writes `height` runs of `width` elements.
    private static void tile(
        long source, long xStep, long target, long yStep, int height, int width, float[] tiles) {
      MemorySegment x = Native.floats(source, (width - 1) * xStep + height);
      MemorySegment y = Native.floats(target, (height - 1) * yStep + width);
      VectorMask<Float> read = Lanes.first(height);
      for (int j = 0; j < width; j++) {
        Lanes.load(x, j * xStep, read).intoArray(tiles, j * T);
      }
      for (int k = 0; k < T; k++) {
        for (int j = 0; j < T; j++) {
          tiles[T * T + k * T + j] = tiles[j * T + k];
        }
      }
      VectorMask<Float> write = Lanes.first(width);
      for (int k = 0; k < height; k++) {
        Lanes.store(FloatVector.fromArray(Lanes.F, tiles, T * T + k * T), y, k * yStep, write);
      }
    }
  }
}
