package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's copies, fills, casts, gathers and scatters must do.
public abstract class LayoutContract extends BackendContract {
  private static final int[] AXES = {1, 2, 3, 5, 8, 9, 17};

  @Test
  void copiesBetweenLayouts() {
    Values.trials(80, random -> checkCopy(layout(random), Values.oneOf(random, 1, 2, 4), random));
  }

  @Test
  void transposes() {
    for (int bytes : new int[] {1, 2, 4}) {
      for (int[] s : new int[][] {{1, 7}, {64, 48}, {33, 65}, {130, 17}, {8, 8}, {300, 3}}) {
        checkCopy(
            new StridedCopy(new int[] {s[1], s[0]}, new long[] {1, s[1]}, new long[] {s[0], 1}),
            bytes,
            new Random(1));
      }
    }
  }

  @Test
  void copiesOneBlockStraightThrough() {
    for (int n : new int[] {0, 1, 3, 64, 1000, 70_001}) {
      checkCopy(new StridedCopy(new int[] {n}, new long[] {1}, new long[] {1}), 4, new Random(2));
    }
  }

  @Test
  void fills() {
    for (int n : new int[] {0, 1, 7, 16, 33, 5000}) {
      try (Buffers b = buffers()) {
        long target = b.blank(n);
        backend().layout().fill(-1.5f, target, n);
        float[] expected = new float[n];
        Arrays.fill(expected, -1.5f);
        Expect.bits("filled", expected, b.read(target, n));
      }
    }
  }

  @Test
  void castsToBfloat16ToTheNearestEven() {
    float[] x = Values.normal(new Random(3), 1000);
    float[] special = {
      0,
      -0f,
      1,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      1e-40f,
      -Float.MAX_VALUE,
      Float.MIN_VALUE,
      Float.intBitsToFloat(0x3F808000),
      Float.intBitsToFloat(0x3F818000),
      Float.intBitsToFloat(0x3F808001),
      Float.intBitsToFloat(0x3F80FFFF),
      Float.intBitsToFloat(0xBF817FFF)
    };
    System.arraycopy(special, 0, x, 0, special.length);
    short[] expected = new short[x.length];
    for (int i = 0; i < x.length; i++) {
      expected[i] = PlainLayout.bfloat16(x[i]);
    }
    try (Buffers b = buffers()) {
      long narrow = b.blankShorts(1000);
      backend().layout().cast(DType.F32, DType.BF16, b.put(x), narrow, 1000);
      assertArrayEquals(expected, b.readShorts(narrow, 1000));
      long wide = b.blank(1000);
      backend().layout().cast(DType.BF16, DType.F32, narrow, wide, 1000);
      float[] back = b.read(wide, 1000);
      for (int i = 0; i < 1000; i++) {
        assertEquals(PlainLayout.widen(expected[i]), back[i]);
      }
    }
  }

  @Test
  void keepsNaNAmongBfloat16() {
    float[] x = new float[33];
    Arrays.fill(x, Float.intBitsToFloat(0x7F800001)); // its upper half alone would be infinite
    try (Buffers b = buffers()) {
      long narrow = b.blankShorts(33);
      long wide = b.blank(33);
      backend().layout().cast(DType.F32, DType.BF16, b.put(x), narrow, 33);
      backend().layout().cast(DType.BF16, DType.F32, narrow, wide, 33);
      Arrays.fill(x, Float.NaN);
      Expect.bits("NaN", x, b.read(wide, 33));
    }
  }

  @Test
  void castsIntegersTowardsZero() {
    float[] x = {
      0,
      0.99f,
      -0.99f,
      1.5f,
      -1.5f,
      2.5f,
      1e9f,
      -1e9f,
      3e9f,
      -3e9f,
      Float.NaN,
      16777217,
      -7,
      7.9f,
      100.5f,
      -100.5f,
      Float.POSITIVE_INFINITY
    };
    try (Buffers b = buffers()) {
      long integers = b.blank(x.length);
      backend().layout().cast(DType.F32, DType.I32, b.put(x), integers, x.length);
      int[] expected = new int[x.length];
      for (int i = 0; i < x.length; i++) {
        expected[i] = (int) x[i];
      }
      assertArrayEquals(expected, b.readInts(integers, x.length));
    }
  }

  @Test
  void castsIntegersToTheNearestFloat() {
    int[] x = {0, 1, -1, 16777216, 16777217, 16777219, Integer.MAX_VALUE, Integer.MIN_VALUE, 77};
    float[] expected = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      expected[i] = (float) x[i];
    }
    try (Buffers b = buffers()) {
      long y = b.blank(x.length);
      backend().layout().cast(DType.I32, DType.F32, b.put(x), y, x.length);
      Expect.bits("floats", expected, b.read(y, x.length));
    }
  }

  @Test
  void castsBytesWithoutSign() {
    byte[] x = new byte[300];
    float[] floats = new float[300];
    int[] integers = new int[300];
    for (int i = 0; i < 300; i++) {
      x[i] = (byte) i;
      floats[i] = i & 255;
      integers[i] = i & 255;
    }
    try (Buffers b = buffers()) {
      long y = b.blank(300);
      backend().layout().cast(DType.U8, DType.F32, b.put(x), y, 300);
      Expect.bits("floats", floats, b.read(y, 300));
      backend().layout().cast(DType.U8, DType.I32, b.put(x), y, 300);
      assertArrayEquals(integers, b.readInts(y, 300));
      byte[] truth = {0, 1, 1, 0, 1};
      backend().layout().cast(DType.BOOL, DType.F32, b.put(truth), y, 5);
      Expect.bits("truths", new float[] {0, 1, 1, 0, 1}, b.read(y, 5));
      backend().layout().cast(DType.BOOL, DType.I32, b.put(truth), y, 5);
      assertArrayEquals(new int[] {0, 1, 1, 0, 1}, b.readInts(y, 5));
    }
  }

  @Test
  void refusesCastsThatItDoesNotDocument() {
    DType[][] pairs = {
      {DType.F32, DType.U8},
      {DType.BF16, DType.I32},
      {DType.I32, DType.BF16},
      {DType.F32, DType.BOOL},
      {DType.U8, DType.BF16}
    };
    try (Buffers b = buffers()) {
      long x = b.blank(8);
      long y = b.blank(8);
      for (DType[] pair : pairs) {
        assertThrows(
            IllegalArgumentException.class,
            () -> backend().layout().cast(pair[0], pair[1], x, y, 8),
            pair[0] + " to " + pair[1]);
      }
    }
  }

  @Test
  void gathersAndScatters() {
    Values.trials(
        60,
        random -> {
          Gather g =
              switch (random.nextInt(4)) {
                case 0 ->
                    Gather.rows(
                        1 + random.nextInt(40), random.nextInt(90), size(random), type(random));
                case 1 -> sizes(random, true, false);
                case 2 -> sizes(random, false, false);
                default -> sizes(random, false, true);
              };
          checkGather(g, random);
        });
    checkGather(Gather.rows(50, 700, 96, DType.F32), new Random(1));
    checkGather(Gather.rows(50, 700, 96, DType.BF16), new Random(1));
    checkGather(Gather.rows(3, 2000, 33, DType.F32), new Random(2));
    checkGather(new Gather(0, 3, 2, 5, false, false), new Random(3));
    checkGather(Gather.rows(2, 3000, 5, DType.BF16), new Random(4));
    checkGather(Gather.rows(70_000, 300, 4, DType.F32), new Random(5));
    checkGather(new Gather(3, 300, 100, 12, false, false), new Random(6));
    checkGather(new Gather(2, 300, 2100, 1, false, true), new Random(7));
  }

  @Test
  void gathersBitsUnchanged() {
    int[] x = {0x7F800001, 0xFF800001, -1, 0x80000000, 5};
    try (Buffers b = buffers()) {
      long y = b.blank(5);
      backend().layout().gather(Gather.rows(5, 5, 1, DType.F32), b.put(x), b.put(4, 3, 2, 1, 0), y);
      assertArrayEquals(new int[] {5, 0x80000000, -1, 0xFF800001, 0x7F800001}, b.readInts(y, 5));
    }
  }

  @Test
  void refusesAnIndexBeyondTheAxis() {
    for (int wrong : new int[] {-1, 6, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      for (Gather g :
          new Gather[] {
            Gather.rows(6, 4, 3, DType.F32),
            new Gather(2, 6, 2, 3, false, false, DType.BF16),
            new Gather(1, 6, 2, 2, false, true)
          }) {
        try (Buffers b = buffers()) {
          long x = b.put(new float[36]);
          long y = b.put(new float[12]);
          long index = b.put(0, 5, wrong, 1);
          assertThrows(
              IndexOutOfBoundsException.class,
              () -> {
                backend().layout().gather(g, x, index, y);
                backend().queue().synchronize();
              });
          assertThrows(
              IndexOutOfBoundsException.class,
              () -> {
                backend().layout().scatterAdd(g, y, index, x);
                backend().queue().synchronize();
              });
        }
      }
    }
  }

  @Test
  void refusesAnIndexBeyondTheAxisAmongMany() {
    for (int wrong : new int[] {-1, 6}) {
      int[] index = new int[100];
      index[77] = wrong;
      Gather g = Gather.rows(6, 100, 3, DType.F32);
      try (Buffers b = buffers()) {
        long x = b.put(new float[18]);
        long y = b.put(new float[300]);
        long at = b.put(index);
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> {
              backend().layout().scatterAdd(g, y, at, x);
              backend().queue().synchronize();
            });
      }
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (Gather g :
        new Gather[] {Gather.rows(7, 40, 9, DType.F32), Gather.rows(50, 3000, 40, DType.F32)}) {
      Random random = new Random(4);
      int[] index = Values.indices(random, g.count(), g.axis());
      float[] rows = Values.normal(random, g.count() * g.inner());
      assertSameBits(
          g.count() < 100 ? 1500 : 8,
          b -> {
            long table = b.put(new float[(int) (g.axis() * g.inner())]);
            backend().layout().scatterAdd(g, b.put(rows), b.put(index), table);
            return b.read(table, g.axis() * g.inner());
          });
    }
  }

  private static Gather sizes(Random random, boolean shared, boolean elementwise) {
    return new Gather(
        size(random),
        size(random),
        1 + random.nextInt(12),
        size(random),
        shared,
        elementwise,
        elementwise ? DType.F32 : type(random));
  }

  private static DType type(Random random) {
    return random.nextBoolean() ? DType.F32 : DType.BF16;
  }

  private static int size(Random random) {
    return AXES[random.nextInt(AXES.length)];
  }

  private void checkGather(Gather g, Random random) {
    int inX = (int) (g.outer() * g.axis() * g.inner());
    int inY = (int) (g.outer() * g.count() * g.inner());
    long indices = (g.shared() ? 1 : g.outer()) * g.count() * (g.elementwise() ? g.inner() : 1);
    int[] index = Values.indices(random, indices, g.axis());
    float[] x = Values.of(g.type(), Values.normal(random, inX));
    float[] y = new float[inY];
    double[] sums = Values.doubles(x);
    PlainLayout.gather(g, index, (in, out) -> y[out] = x[in]);
    PlainLayout.gather(g, index, (in, out) -> sums[in] += y[out]);
    try (Buffers b = buffers()) {
      long target = b.blank(g.type(), inY);
      long at = b.put(index);
      backend().layout().gather(g, b.put(g.type(), x), at, target);
      Expect.bits(g.toString(), y, b.read(g.type(), target, inY));
      long floats = b.put(x);
      backend().layout().scatterAdd(g, target, at, floats);
      Expect.close(g + " scattered", sums, b.read(floats, inX), 1e-5);
    }
  }

  /// A random permutation of a part of a larger source into a part of a larger target.
  private static StridedCopy layout(Random random) {
    int rank = 1 + random.nextInt(5);
    int[] sizes = new int[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = random.nextInt(40) == 0 ? 0 : rank > 3 ? 1 + random.nextInt(5) : size(random);
    }
    return new StridedCopy(sizes, strides(random, sizes, true), strides(random, sizes, false));
  }

  private static long[] strides(Random random, int[] sizes, boolean mayRepeat) {
    long[] strides = new long[sizes.length];
    boolean[] done = new boolean[sizes.length];
    boolean permuted = random.nextBoolean();
    long step = random.nextInt(4) == 0 ? 2 : 1;
    for (int i = sizes.length - 1; i >= 0; i--) {
      int axis = i;
      while (permuted || done[axis]) {
        axis = random.nextInt(sizes.length);
        if (!done[axis]) {
          break;
        }
      }
      done[axis] = true;
      if (mayRepeat && random.nextInt(6) == 0) {
        continue;
      }
      strides[axis] = step;
      step *= Math.max(1, sizes[axis]) + (random.nextInt(3) == 0 ? random.nextInt(4) : 0);
    }
    return strides;
  }

  private void checkCopy(StridedCopy copy, int elementBytes, Random random) {
    byte[] source = new byte[extent(copy.sizes(), copy.sourceStrides()) * elementBytes];
    byte[] expected = new byte[extent(copy.sizes(), copy.targetStrides()) * elementBytes];
    random.nextBytes(source);
    random.nextBytes(expected);
    try (Buffers b = buffers()) {
      long from = put(b, source, elementBytes);
      long to = put(b, expected, elementBytes);
      PlainLayout.copy(
          copy,
          (s, t) ->
              System.arraycopy(source, s * elementBytes, expected, t * elementBytes, elementBytes));
      backend().layout().copy(copy, elementBytes, from, to);
      assertArrayEquals(
          expected,
          b.readBytes(to, expected.length),
          () ->
              Arrays.toString(copy.sizes())
                  + Arrays.toString(copy.sourceStrides())
                  + Arrays.toString(copy.targetStrides()));
    }
  }

  private long put(Buffers b, byte[] bytes, int elementBytes) {
    long address =
        switch (elementBytes) {
          case 1 -> b.blankBytes(bytes.length);
          case 2 -> b.blankShorts(bytes.length / 2);
          default -> b.blank(bytes.length / 4);
        };
    backend().memory().write(java.lang.foreign.MemorySegment.ofArray(bytes), address, bytes.length);
    return address;
  }

  private static int extent(int[] sizes, long[] strides) {
    int extent = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == 0) {
        return 0;
      }
      extent += (sizes[i] - 1) * (int) strides[i];
    }
    return extent;
  }
}
