package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.core.shape.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's products with small weights must do.
public abstract class StoredContract extends BackendContract {
  /// Rows, columns and the group of a weight.
  private static final int[][] SHAPES = {
    {1, 1, 1},
    {31, 7, 7},
    {32, 64, 64},
    {33, 64, 32},
    {70, 100, 20},
    {65, 515, 515},
    {40, 1100, 100},
    {300, 48, 48}
  };

  @Test
  void multipliesAnyNumberOfRows() {
    Random random = new Random(1);
    for (int[] shape : SHAPES) {
      for (StoredForm form : forms(shape)) {
        for (int m : new int[] {1, 2, 7, 16, 17, 70}) {
          check(random, form, m);
        }
      }
    }
  }

  @Test
  void severalWeightsAreMultipliedAsEachAlone() {
    Random random = new Random(2);
    for (StoredForm form : forms(new int[] {70, 64, 32})) {
      for (int m : new int[] {1, 4, 20}) {
        try (Buffers b = buffers()) {
          long x = b.put(Values.normal(random, (long) m * 64));
          StoredMatrix[] weights = new StoredMatrix[3];
          long[] together = new long[3];
          for (int i = 0; i < 3; i++) {
            weights[i] = put(b, form, Values.normal(random, 70 * 64));
            together[i] = b.blank(70L * m);
          }
          backend().stored().multiplyEach(m, x, List.of(weights), together);
          for (int i = 0; i < 3; i++) {
            long alone = b.blank(70L * m);
            backend().stored().multiplyEach(m, x, List.of(weights[i]), new long[] {alone});
            assertArrayEquals(b.read(alone, 70L * m), b.read(together[i], 70L * m));
          }
        }
      }
    }
  }

  @Test
  void gradientsOfTheInputAreAddedUp() {
    Random random = new Random(3);
    for (StoredForm form : forms(new int[] {33, 64, 32})) {
      for (boolean add : new boolean[] {false, true}) {
        try (Buffers b = buffers()) {
          int m = 5;
          float[] before = Values.normal(random, (long) m * 64);
          long dx = add ? b.put(before) : b.blank((long) m * 64);
          double[] expected = new double[m * 64];
          for (int i = 0; add && i < expected.length; i++) {
            expected[i] = before[i];
          }
          long[] dys = new long[2];
          StoredMatrix[] weights = new StoredMatrix[2];
          for (int i = 0; i < 2; i++) {
            float[] dy = Values.normal(random, (long) m * 33);
            float[] w = Values.normal(random, 33 * 64);
            dys[i] = b.put(dy);
            weights[i] = put(b, form, w);
            float[] wide = values(form, w);
            for (int r = 0; r < m; r++) {
              for (int n = 0; n < 33; n++) {
                for (int k = 0; k < 64; k++) {
                  expected[r * 64 + k] += (double) dy[r * 33 + n] * wide[n * 64 + k];
                }
              }
            }
          }
          backend().stored().multiplyBack(m, dys, List.of(weights), new Gradient(dx, add));
          float[] got = b.read(dx, m * 64L);
          for (int i = 0; i < got.length; i++) {
            assertEquals(expected[i], got[i], 1e-4, form + " at " + i);
          }
        }
      }
    }
  }

  @Test
  void widensToTheVeryValues() {
    Random random = new Random(4);
    for (int[] shape : SHAPES) {
      for (StoredForm form : forms(shape)) {
        try (Buffers b = buffers()) {
          float[] w = Values.normal(random, (long) shape[0] * shape[1]);
          StoredMatrix stored = put(b, form, w);
          long wide = b.blank(stored.storedRows() * shape[1]);
          backend().stored().widen(stored, wide);
          float[] all = b.read(wide, stored.storedRows() * shape[1]);
          assertArrayEquals(values(form, w), Arrays.copyOf(all, w.length), form.toString());
          for (int i = w.length; i < all.length; i++) {
            assertEquals(0, all[i]);
          }
        }
      }
    }
  }

  @Test
  void takesRowsByTheirNumbers() {
    Random random = new Random(5);
    for (StoredForm form : forms(new int[] {70, 100, 20})) {
      try (Buffers b = buffers()) {
        float[] w = Values.normal(random, 70 * 100);
        StoredMatrix table = put(b, form, w);
        long y = b.blank(400);
        backend().stored().rows(table, 4, b.put(0, 69, 31, 0), y);
        float[] wide = values(form, w);
        float[] expected = new float[400];
        int[] ids = {0, 69, 31, 0};
        for (int i = 0; i < 4; i++) {
          System.arraycopy(wide, 100 * ids[i], expected, 100 * i, 100);
        }
        assertArrayEquals(expected, b.read(y, 400));
      }
    }
  }

  @Test
  void refusesARowThatIsNotThere() {
    for (StoredForm form : forms(new int[] {70, 100, 20})) {
      for (int id : new int[] {-1, 70, 95}) {
        try (Buffers b = buffers()) {
          StoredMatrix table = put(b, form, new float[7000]);
          long y = b.blank(100);
          long ids = b.put(id);
          assertThrows(
              IndexOutOfBoundsException.class,
              () -> {
                backend().stored().rows(table, 1, ids, y);
                b.read(y, 100);
              });
        }
      }
    }
  }

  @Test
  void bitsDoNotDependOnThreadsNorCompilation() {
    for (StoredForm form : forms(new int[] {300, 64, 32})) {
      for (int m : new int[] {1, 7, 33}) {
        assertSameBits(
            200,
            b -> {
              Random random = new Random(6);
              StoredMatrix w = put(b, form, Values.normal(random, 300 * 64));
              long y = b.blank(300L * m);
              long x = b.put(Values.normal(random, 64L * m));
              backend().stored().multiplyEach(m, x, List.of(w), new long[] {y});
              return b.read(y, 300L * m);
            });
      }
    }
  }

  private static List<StoredForm> forms(int[] shape) {
    return List.of(
        new StoredForm(Precision.BF16, shape[0], shape[1], 0),
        new StoredForm(Precision.INT8, shape[0], shape[1], shape[2]));
  }

  private void check(Random random, StoredForm form, int m) {
    int n = form.rows();
    int k = form.columns();
    try (Buffers b = buffers()) {
      float[] x = Values.normal(random, (long) m * k);
      float[] w = Values.normal(random, (long) n * k);
      long y = b.blank((long) m * n);
      long from = b.put(x);
      backend().stored().multiplyEach(m, from, List.of(put(b, form, w)), new long[] {y});
      float[] got = b.read(y, (long) m * n);
      float[] wide = values(form, w);
      for (int r = 0; r < m; r += Math.max(1, m / 7)) {
        for (int j = 0; j < n; j++) {
          double expected = 0;
          double size = 0;
          for (int i = 0; i < k; i++) {
            double term = (double) x[r * k + i] * wide[j * k + i];
            expected += term;
            size += Math.abs(term);
          }
          int row = r;
          int column = j;
          assertEquals(
              expected,
              got[r * n + j],
              1e-6 * size + 1e-9,
              () -> form + ", " + m + " rows, at " + row + ", " + column);
        }
      }
    }
  }

  /// A weight in the backend's memory.
  private static StoredMatrix put(Buffers b, StoredForm form, float[] values) {
    byte[] block = new byte[Math.toIntExact(form.bytes())];
    form.fill(MemorySegment.ofArray(values), MemorySegment.ofArray(block));
    while (true) { // scales are float32, wherever the numbers may lie
      long address = b.put(block);
      if (address % 4 == 0) {
        return form.at(address);
      }
    }
  }

  /// The values that a form keeps of these, computed plainly.
  private static float[] values(StoredForm form, float[] values) {
    float[] kept = new float[values.length];
    if (form.precision() == Precision.BF16) {
      return Values.widened(Values.bfloat16(values));
    }
    for (int from = 0; from < values.length; from += form.group()) {
      float largest = 0;
      for (int i = from; i < from + form.group(); i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      float scale = largest / 127;
      for (int i = from; i < from + form.group(); i++) {
        kept[i] = (int) Math.rint(values[i] * (double) (1 / scale)) * scale; // no -0
      }
    }
    return kept;
  }
}
