package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.StoredForm;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A planned step beside the general way, bit for bit.
class PlannedStepTest {
  private static final int VOCABULARY = 1003;

  /// The plain forms of kernels, in which a process begins, are not planned.
  @BeforeAll
  static void endEarlyForms() {
    CpuBackend.warmUp();
  }

  private static T5 model(String kind) {
    int small = kind.indexOf(' ');
    return small < 0
        ? plain(kind)
        : small(plain(kind.substring(0, small)), Precision.valueOf(kind.substring(small + 1)));
  }

  /// The model with its weights stored small; closes it.
  private static T5 small(T5 wide, Precision precision) {
    try (wide) {
      return new T5(
          wide.config(),
          (name, shape) -> {
            Parameter weight = wide.parameters().get(name);
            if (shape.rank() != 2 || name.contains("bias")) {
              return Parameter.copyOf(weight);
            }
            MemorySegment floats = MemorySegment.ofArray(weight.toFloats());
            StoredForm form = StoredForm.of(precision, shape.dim(0), shape.dim(1));
            return Parameter.stored(form, Device.cpu(), block -> form.fill(floats, block));
          });
    }
  }

  private static T5 plain(String kind) {
    T5Config config =
        switch (kind) {
          case "v1.0" -> TinyModels.v10(VOCABULARY).withWidths(128, 64, 3, 160);
          case "v1.1" -> TinyModels.v11(VOCABULARY).withWidths(64, 64, 2, 96);
          case "silu" ->
              TinyModels.v11(VOCABULARY).withFeedForward("gated-silu").withWidths(80, 64, 1, 112);
          case "gelu" ->
              TinyModels.v10(VOCABULARY).withFeedForward("gelu").withWidths(96, 128, 1, 64);
          default -> TinyModels.umt5(VOCABULARY).withWidths(64, 64, 2, 64);
        };
    return T5.create(config, 7, Device.cpu());
  }

  /// Two caches of the same inputs, of which the first may be planned.
  private record Pair(DecoderCache planned, DecoderCache general) {
    static Pair of(T5 model, int inputs, int sources, int capacity, int beams) {
      var random = new Random(inputs * 31L + beams);
      int[] ids = random.ints((long) inputs * sources, 2, VOCABULARY).toArray();
      int[] mask = new int[inputs * sources];
      for (int row = 0; row < inputs; row++) {
        // the last one is seen as a whole, one has a gap, and one shows nothing
        int seen = row == inputs - 1 ? sources : 1 + random.nextInt(sources);
        Arrays.fill(mask, row * sources, row * sources + seen, 1);
        if (row == 1) {
          mask[row * sources + seen / 2] = 0;
        }
        if (row == 2) {
          Arrays.fill(mask, row * sources, (row + 1) * sources, 0);
        }
      }
      Tensor shown = Tensor.ofInts(Shape.of(inputs, sources), mask);
      Tensor memory =
          model.encode(Tensor.ofInts(Shape.of(inputs, sources), ids), shown, Pass.inference());
      return new Pair(
          model.cache(memory, shown, capacity, beams), model.cache(memory, shown, capacity, beams));
    }
  }

  private static float[] general(T5 model, int[] ids, DecoderCache cache) {
    try (var _ = Scope.open()) {
      return model.step(Tensor.ofInts(Shape.of(ids.length, 1), ids), cache).toFloats();
    }
  }

  private static float[] planned(T5 model, int[] ids, DecoderCache cache) {
    try (var _ = Scope.open()) {
      return model.step(ids, cache).toFloats();
    }
  }

  private static boolean plans() {
    return Backends.of(Device.cpu()).arithmetic().matches("cpu-(256|512).*");
  }

  private static int likeliest(float[] logits, int row) {
    int best = row * VOCABULARY;
    for (int i = best; i < (row + 1) * VOCABULARY; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best - row * VOCABULARY;
  }

  @ParameterizedTest
  @CsvSource({
    "v1.0, 1, 1, 70",
    "v1.0, 3, 1, 70",
    "v1.0, 16, 1, 9",
    "v1.1, 2, 1, 20",
    "v1.1, 5, 1, 20",
    "v1.1, 9, 1, 5",
    "v1.1, 11, 1, 5",
    "umt5, 4, 1, 20",
    "umt5, 8, 1, 60",
    "silu, 6, 1, 5",
    "gelu, 7, 1, 5",
    "v1.0, 1, 4, 70",
    "v1.1, 3, 5, 40",
    "umt5, 2, 3, 40",
    "v1.0, 17, 1, 4",
    "v1.0 INT8, 1, 1, 40",
    "v1.1 INT8, 7, 1, 9",
    "umt5 INT8, 2, 3, 20",
    "v1.1 BF16, 1, 1, 40",
    "v1.0 BF16, 16, 1, 9",
    "silu BF16, 1, 4, 9",
    "v1.1 INT8, 17, 1, 4"
  })
  void hasTheBitsOfTheGeneralWay(String kind, int inputs, int beams, int steps) {
    int threads = CpuBackend.threads();
    try (T5 model = model(kind);
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Pair caches = Pair.of(model, inputs, 21 + 40 * (beams - 1), steps + 1, beams);
      int rows = inputs * beams;
      assertEquals(plans() && rows <= 16, caches.planned.step().isPresent());
      var random = new Random(steps);
      int[] ids = new int[rows];
      for (int step = 0; step < steps; step++) {
        CpuBackend.threads(1 + step % 3);
        float[] expected = general(model, ids, caches.general);
        int[] chosen = new int[rows];
        if (step % 2 == 0) {
          assertArrayEquals(expected, planned(model, ids, caches.planned), "step " + step);
        } else {
          model.likeliest(ids, caches.planned, chosen);
          for (int row = 0; row < rows; row++) {
            assertEquals(likeliest(expected, row), chosen[row], "row " + row);
          }
        }
        int[] from = new int[rows];
        for (int row = 0; row < rows; row++) {
          ids[row] = step % 2 == 1 ? chosen[row] : 2 + random.nextInt(VOCABULARY - 2);
          from[row] = row / beams * beams + random.nextInt(beams);
        }
        if (beams > 1 && step % 3 != 0) {
          caches.planned.reorder(from);
          caches.general.reorder(from);
        }
      }
    } finally {
      CpuBackend.threads(threads);
    }
  }

  @Test
  void goesOnBehindAPromptAndInALargerRoomAndBesideTheGeneralWay() {
    try (T5 model = model("v1.0");
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Pair caches = Pair.of(model, 2, 9, 40, 2);
      int[] prompt = new Random(5).ints(4 * 37L, 2, VOCABULARY).toArray();
      Tensor ids = Tensor.ofInts(Shape.of(4, 37), prompt);
      assertArrayEquals(
          model.step(ids, caches.general).toFloats(), model.step(ids, caches.planned).toFloats());
      for (int step = 0; step < 30; step++) {
        if (step == 3) {
          caches.planned.reserve(100);
          caches.general.reserve(100);
        }
        int[] next = {5 + step, 6, 7, 8 + step};
        float[] expected = general(model, next, caches.general);
        float[] found =
            step % 7 == 5
                ? general(model, next, caches.planned)
                : planned(model, next, caches.planned);
        assertArrayEquals(expected, found, "step " + step);
        int[] from = {step % 2, 0, 3, 2 + step % 2};
        caches.planned.reorder(from);
        caches.general.reorder(from);
      }
    }
  }

  @Test
  void givesWayToAPartThatIsPutInAPlainOnesPlace() {
    try (T5 model = model("v1.1");
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Pair caches = Pair.of(model, 2, 9, 12, 1);
      for (int step = 0; step < 10; step++) {
        if (step == 4) {
          Linear biased = Linear.create(96, 64, 3);
          model.replace("decoder.block.1.layer.2.DenseReluDense.wo", biased);
        }
        int[] next = {5 + step, 6};
        assertArrayEquals(
            general(model, next, caches.general), planned(model, next, caches.planned));
        assertEquals(plans() && step < 4, caches.planned.step().isPresent());
      }
    }
  }

  @Test
  void leavesTheChoiceOfTokensToTheHost() {
    try (T5 model = model("v1.0");
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      DecoderCache cache = Pair.of(model, 2, 9, 12, 1).planned;
      var rule = new TokenRule(TokenRule.Chooser.LIKELIEST, List.of(1), 0);
      assertEquals(0, model.choose(new int[2], cache, new boolean[2], rule, 8, new int[16]));
      assertEquals(0, cache.length());
      cache.close();
      model.likeliest(new int[2], cache, new int[2]); // planned anew
      assertEquals(1, cache.length());
    }
  }

  @Test
  void plansNothingForNarrowModels() {
    try (T5 model = T5.create(TinyModels.v11(VOCABULARY), 1, Device.cpu());
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Pair caches = Pair.of(model, 2, 9, 12, 1);
      int[] next = {5, 6};
      assertArrayEquals(general(model, next, caches.general), planned(model, next, caches.planned));
      assertTrue(caches.planned.step().isEmpty());
    }
  }

  @Test
  void refusesIdsThatAreNoRowsAndWrongNumbersOfThem() {
    try (T5 model = model("v1.0");
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      Pair caches = Pair.of(model, 2, 9, 1, 1);
      int[] ids = new int[2];
      for (DecoderCache cache : new DecoderCache[] {caches.planned, caches.general}) {
        for (int bad : new int[] {-1, VOCABULARY}) {
          assertThrows(
              IndexOutOfBoundsException.class,
              () -> model.likeliest(new int[] {0, bad}, cache, ids));
        }
        assertThrows(IllegalArgumentException.class, () -> model.likeliest(new int[3], cache, ids));
        model.likeliest(new int[2], cache, ids);
        assertThrows(IllegalStateException.class, () -> model.likeliest(new int[2], cache, ids));
      }
    }
  }

  /// Until loops are compiled, every vector in them is an object: so it goes on until there are none.
  @Test
  void makesNextToNoObjectsOnceItIsCompiled() {
    assumeTrue(plans());
    int rows = 8;
    int steps = 48;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(100);
    long least = Long.MAX_VALUE;
    try (T5 model = model("v1.0");
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      while (least > rows * 1024 && System.nanoTime() < end) {
        try (var _ = Scope.open()) {
          DecoderCache cache = Pair.of(model, rows, 21, steps + 1, 1).planned;
          int[] ids = new int[rows];
          model.likeliest(ids, cache, ids);
          long before = allocated();
          for (int step = 0; step < steps; step++) {
            model.likeliest(ids, cache, ids);
          }
          least = Math.min(least, (allocated() - before) / steps);
        }
      }
    }
    assertTrue(least <= rows * 1024, "%d bytes a step of %d rows".formatted(least, rows));
  }

  /// Bytes of heap that this thread and those of the pool have ever taken.
  private static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] ours =
        Thread.getAllStackTraces().keySet().stream()
            .filter(each -> each == Thread.currentThread() || each.getName().startsWith("quintet-"))
            .mapToLong(Thread::threadId)
            .toArray();
    return LongStream.of(threads.getThreadAllocatedBytes(ours)).filter(bytes -> bytes > 0).sum();
  }

  @Test
  void whatIsNoNumberIsTheLikeliest() {
    try (T5 model = model("v1.1");
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      UnaryOperator<float[]> spoil =
          weights -> {
            Arrays.fill(weights, 64 * 500, 64 * 501, Float.NaN);
            Arrays.fill(weights, 64 * 900, 64 * 901, Float.NaN);
            return weights;
          };
      Parameter head = model.parameters().get("lm_head.weight");
      head.set(spoil.apply(head.toFloats()));
      Pair caches = Pair.of(model, 3, 9, 4, 1);
      int[] found = new int[3];
      model.likeliest(new int[3], caches.planned, found);
      assertArrayEquals(new int[] {500, 500, 500}, found);
    }
  }
}
