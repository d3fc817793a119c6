package dev.quintet.core.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.ComposedOptimizer;
import dev.quintet.core.backend.ElementwiseContract;
import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.cpu.vector.EarlyBlock;
import dev.quintet.core.cpu.vector.RegisterBlock;
import dev.quintet.core.cpu.work.CpuChoice;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

/// The plain forms that vectors' kernels begin with, beside the vectors: bit for bit the same.
@DisabledIf("scalar")
class EarlyFormsTest {
  private static final float[] ODD = {
    0f,
    -0f,
    1f,
    -1f,
    0.625f,
    -0.625f,
    2f,
    4f,
    4.001f,
    -80f,
    -80.1f,
    -86.6f,
    -86.7f,
    -87.5f,
    -104f,
    88.7f,
    88.73f,
    20.01f,
    1.414f,
    -1.415f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    1e-39f,
    1e30f,
    -1e30f,
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  private final CpuKernels vectors = CpuKernels.vector(Backends.of(Device.cpu()));
  private final CpuKernels mixed = CpuKernels.of(CpuChoice.chosen(), Backends.of(Device.cpu()));
  private final Random random = new Random(Long.getLong("quintet.seed", 5));

  static boolean scalar() {
    return CpuChoice.chosen().scalar();
  }

  @Test
  void functionsAndDerivativesHaveTheBitsOfVectors() {
    float[] x = values(4099, 3);
    float[] dy = values(4099, 1);
    for (Unary op : Unary.values()) {
      float p = op == Unary.POWER ? 1.7f : 0.3f;
      same(
          op + "", new float[4099], x, (k, in, out) -> k.elementwise().unary(op, p, in, out, 4099));
      try (Arena arena = Arena.ofConfined()) {
        long in = put(arena, x);
        long result = put(arena, new float[4099]);
        vectors.elementwise().unary(op, p, in, result, 4099);
        long v = ElementwiseContract.read(op, in, result);
        long gradient = put(arena, dy);
        for (boolean add : new boolean[] {false, true}) {
          same(
              op + " backward",
              values(4099, 1),
              x,
              (k, _, out) ->
                  k.elementwise().unaryBackward(op, p, v, gradient, new Gradient(out, add), 4099));
        }
      }
    }
  }

  @Test
  void arithmeticHasTheBitsOfVectors() {
    for (int[] sizes : new int[][] {{4099}, {65, 63}, {3, 7, 100}}) {
      int last = sizes.length - 1;
      long[] straight = new long[sizes.length];
      long[] row = new long[sizes.length];
      long[] column = new long[sizes.length];
      long step = 1;
      for (int axis = last; axis >= 0; axis--) {
        straight[axis] = step;
        step *= sizes[axis];
      }
      row[last] = 1;
      column[0] = last == 0 ? 0 : 1;
      int count = (int) step;
      try (Arena arena = Arena.ofConfined()) {
        long y = put(arena, values(count, 1));
        for (Binary op : Binary.values()) {
          for (long[] other : new long[][] {straight, row, column}) {
            Broadcast axes = new Broadcast(sizes, straight, other);
            same(
                op + "",
                new float[count],
                values(count, 1),
                (k, x, z) -> k.elementwise().binary(op, axes, x, y, z));
            Broadcast turned = new Broadcast(sizes, other, straight);
            same(
                op + "",
                new float[count],
                values(count, 1),
                (k, x, z) -> k.elementwise().binary(op, turned, x, y, z));
          }
        }
        same(
            "addScaled",
            values(count, 1),
            values(count, 1),
            (k, x, z) -> k.elementwise().addScaled(0.3f, x, z, count));
        same("fill", new float[count], new float[0], (k, _, z) -> k.layout().fill(3, z, count));
      }
    }
  }

  @Test
  void productsHaveTheBitsOfVectorsInAllFormsAndPlans() {
    for (Product p :
        new Product[] {
          Product.nt(1, 70, 515),
          Product.nt(3, 7, 64),
          Product.nt(16, 33, 100).withAccumulate(true),
          Product.nt(17, 65, 1300),
          Product.nt(512, 32, 2),
          Product.nt(130, 2, 32),
          Product.nn(512, 2, 32),
          Product.nn(40, 700, 1300).withAccumulate(true),
          Product.nn(100, 96, 1300),
          Product.nn(5, 300, 40).withBatch(3, 200, 12000, 1500),
          Product.tn(32, 2, 515).withAccumulate(true),
          Product.tn(96, 96, 960),
          Product.tt(130, 70, 530)
        }) {
      try (Arena arena = Arena.ofConfined()) {
        long a = put(arena, normals(p.m() * p.k() * p.batch()));
        long b = put(arena, normals(p.k() * p.n() * p.batch()));
        same(
            "" + p,
            normals(p.m() * p.n() * p.batch()),
            new float[0],
            (k, _, c) -> k.matmul().multiply(p, a, b, c));
      }
    }
  }

  @Test
  void productsWithSmallWeightsHaveTheBitsOfVectors() {
    for (StoredForm form :
        new StoredForm[] {
          new StoredForm(Precision.BF16, 70, 515, 0),
          new StoredForm(Precision.INT8, 70, 515, 515),
          new StoredForm(Precision.INT8, 33, 640, 32)
        }) {
      for (int m : new int[] {1, 2, 7, 16, 17, 60}) {
        try (Arena arena = Arena.ofShared()) {
          MemorySegment block = arena.allocate(form.bytes(), 64);
          form.fill(MemorySegment.ofArray(normals(form.rows() * form.columns())), block);
          same(
              form + ", " + m,
              new float[m * form.rows()],
              normals(m * form.columns()),
              (k, x, y) ->
                  k.stored().multiplyEach(m, x, List.of(form.at(block.address())), new long[] {y}));
        }
      }
    }
  }

  @Test
  void aRowHasTheSameBitsWhateverStandsBesideIt() {
    for (StoredForm form :
        new StoredForm[] {
          new StoredForm(Precision.BF16, 70, 96, 0), new StoredForm(Precision.INT8, 100, 96, 48)
        }) {
      try (Arena arena = Arena.ofShared()) {
        MemorySegment block = arena.allocate(form.bytes(), 64);
        form.fill(MemorySegment.ofArray(normals(form.rows() * 96)), block);
        var weight = List.of(form.at(block.address()));
        long x = put(arena, normals(16 * 96));
        float[] all = new float[16 * form.rows()];
        MemorySegment y = arena.allocate(4L * all.length, 64);
        for (int m = 1; m <= 16; m++) {
          vectors.stored().multiplyEach(m, x, weight, new long[] {y.address()});
          float[] some = y.asSlice(0, 4L * m * form.rows()).toArray(ValueLayout.JAVA_FLOAT);
          System.arraycopy(some, (m - 1) * form.rows(), all, (m - 1) * form.rows(), form.rows());
          assertArrayEquals(Arrays.copyOf(all, some.length), some, form + ", " + m);
        }
      }
    }
  }

  @Test
  void updatesAndGatheredRowsHaveTheBitsOfVectors() {
    var update = new OptimizerKernels.AdamW(0.9f, 0.999f, 1e-8f);
    var step = new OptimizerKernels.Step(1e-3f, 0.01f, 1, 3);
    for (int count : new int[] {33, 5001}) {
      try (Arena arena = Arena.ofConfined()) {
        long g = put(arena, normals(count));
        float[] first = normals(count);
        float[] second = values(count, 1);
        for (int i = 0; i < count; i++) {
          second[i] = first[i] * first[i];
        }
        same(
            "AdamW",
            normals(count),
            new float[0],
            (k, _, p) -> {
              var at = new Span.Places(p, 0, g, put(arena, first), put(arena, second), 0);
              ((ComposedOptimizer) k.optimizer()).adamW(update, step, at, count);
            });
      }
    }
    for (int width : new int[] {5, 70}) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment ids = arena.allocateFrom(ValueLayout.JAVA_INT, 3, 0, 3, 9, 1);
        Gather rows = Gather.rows(10, 5, width, DType.F32);
        same(
            "gather",
            new float[5 * width],
            normals(10 * width),
            (k, x, y) -> k.layout().gather(rows, x, ids.address(), y));
        same(
            "scatterAdd",
            normals(10 * width),
            normals(5 * width),
            (k, y, x) -> k.layout().scatterAdd(rows, y, ids.address(), x));
      }
    }
  }

  @Test
  void rowsOfABatchOfOneAndOfEightAreTheSame() {
    for (int[] size : new int[][] {{2, 32}, {32, 32}, {32, 2}, {64, 64}, {100, 70}}) {
      float[] x = normals(8 * size[0]);
      try (Arena arena = Arena.ofConfined()) {
        long w = put(arena, normals(size[0] * size[1]));
        long all = put(arena, x);
        MemorySegment eight = arena.allocate(4L * 8 * size[1], 64);
        mixed.matmul().multiply(Product.nt(8, size[1], size[0]), all, w, eight.address());
        MemorySegment one = arena.allocate(4L * 8 * size[1], 64);
        for (int i = 0; i < 8; i++) {
          mixed
              .matmul()
              .multiply(
                  Product.nt(1, size[1], size[0]),
                  all + 4L * i * size[0],
                  w,
                  one.address() + 4L * i * size[1]);
        }
        assertArrayEquals(eight.toArray(ValueLayout.JAVA_INT), one.toArray(ValueLayout.JAVA_INT));
      }
    }
  }

  @Test
  void blocksOfAttentionHaveTheBitsOfVectors() {
    int rows = RegisterBlock.ROWS;
    int columns = RegisterBlock.COLUMNS;
    float[] a = normals(rows * 40);
    try (Arena arena = Arena.ofConfined()) {
      long b = put(arena, normals(40 * (columns + 3)));
      float[] vector = new float[rows * columns];
      float[] early = normals(rows * columns);
      RegisterBlock.rows(37, a, 1, 39, b, columns + 3, vector, 0, columns);
      EarlyBlock.plain(37, a, 1, 39, 1, b, columns + 3, early, 0, columns);
      assertArrayEquals(vector, early);
      RegisterBlock.columns(37, a, 1, rows, b, columns, vector, 0, columns);
      EarlyBlock.plain(37, a, 1, 1, rows, b, columns, early, 0, columns);
      assertArrayEquals(vector, early);
    }
  }

  @Test
  void afterSomeWorkVectorsFollow() {
    EarlyForms forms = EarlyForms.ofElements();
    assertEquals(true, forms.take(false, Long.MAX_VALUE));
    assertEquals(false, forms.take(false, 1));
    assertEquals(true, forms.take(true, 1));
    assertEquals(false, EarlyForms.none().take(true, 1));
  }

  @FunctionalInterface
  private interface Call {
    void run(CpuKernels kernels, long x, long y);
  }

  private void same(String name, float[] target, float[] x, Call call) {
    try (Arena arena = Arena.ofConfined()) {
      int[][] bits = new int[2][];
      for (int form = 0; form < 2; form++) {
        long in = put(arena, x);
        MemorySegment out = arena.allocate(4L * target.length, 64);
        out.copyFrom(MemorySegment.ofArray(target));
        call.run(form == 0 ? vectors : mixed, in, out.address());
        float[] result = out.toArray(ValueLayout.JAVA_FLOAT);
        bits[form] = new int[result.length];
        for (int i = 0; i < result.length; i++) {
          bits[form][i] = Float.floatToIntBits(result[i]); // one NaN
        }
      }
      assertArrayEquals(bits[0], bits[1], name);
    }
  }

  private static long put(Arena arena, float[] values) {
    MemorySegment segment = arena.allocate(Math.max(4L, 4L * values.length), 64);
    segment.asSlice(0, 4L * values.length).copyFrom(MemorySegment.ofArray(values));
    return segment.address();
  }

  private float[] normals(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /// Odd values first, then normal ones of several magnitudes.
  private float[] values(int count, double spread) {
    float[] values = normals(count);
    for (int i = 0; i < count; i++) {
      values[i] =
          i < ODD.length
              ? ODD[i]
              : (float) (values[i] * Math.pow(10, spread * (random.nextDouble() - 0.3)));
    }
    return values;
  }
}
