package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.TokenRule;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.IntStream;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Planned steps of decoders on a CUDA device, beside the general way on the processor.
class CudaDecoderTest {
  private static final int VOCABULARY = 203;

  @BeforeEach
  void standInIsThere() {
    StandIn.backend();
  }

  private static T5 model(String kind, Device device) {
    T5Config plain = T5Config.small().withVocabSize(VOCABULARY);
    T5Config config =
        switch (kind) {
          case "v1.0" -> plain.withWidths(64, 16, 3, 72).withLayers(1, 2);
          case "v1.1" -> plain.withWidths(40, 8, 4, 48).withLayers(1, 2).v11();
          case "silu" ->
              plain.withWidths(64, 32, 2, 48).withLayers(1, 1).withFeedForward("gated-silu");
          case "gelu" -> plain.withWidths(72, 64, 1, 40).withLayers(1, 1).withFeedForward("gelu");
          case "odd" -> plain.withWidths(48, 40, 1, 64).withLayers(1, 1);
          case "wide" -> plain.withWidths(264, 128, 1, 528).withLayers(1, 1).v11();
          default -> umt5(plain.withWidths(48, 16, 2, 64).withLayers(1, 2).v11());
        };
    return T5.create(config, 7, device);
  }

  /// A table of biases in every block.
  private static T5Config umt5(T5Config config) {
    JsonObject json = T5ConfigFile.write(config);
    var keys = new TreeMap<String, Object>();
    json.keys().forEach(key -> keys.put(key, json.value(key).orElseThrow()));
    keys.put("model_type", "umt5");
    return T5ConfigFile.of(JsonObject.of(keys)).withoutWeights();
  }

  /// A decoder on a device behind some inputs.
  private static final class Decoder implements AutoCloseable {
    final T5 model;
    final DecoderCache cache;
    private final Tensor shown;
    private final Tensor states;
    private final Device device;
    private final Scope scope;

    Decoder(String kind, Device device, DType type, int inputs, int sources, int beams, int room) {
      this.device = device;
      model = model(kind, device);
      model.to(type);
      scope = Scope.openWithoutGradients(device);
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
      shown = Tensor.ofInts(Shape.of(inputs, sources), mask);
      states = model.encode(Tensor.ofInts(Shape.of(inputs, sources), ids), shown, Pass.inference());
      cache = model.cache(states, shown, room, beams);
    }

    static Decoder onCuda(String kind, int inputs, int sources, int beams, int room) {
      return new Decoder(kind, Device.cuda(0), DType.F32, inputs, sources, beams, room);
    }

    static Decoder onProcessor(String kind, int inputs, int sources, int beams, int room) {
      return new Decoder(kind, Device.cpu(), DType.F32, inputs, sources, beams, room);
    }

    /// Another cache, for so many beams.
    DecoderCache cacheOf(int beams) {
      return model.cache(states, shown, 3, beams);
    }

    float[] step(int[] ids) {
      try (var _ = Scope.openWithoutGradients(device)) {
        return model.step(ids, cache).cast(DType.F32).toFloats();
      }
    }

    float[] general(int[] ids) {
      try (var _ = Scope.openWithoutGradients(device)) {
        Tensor next = Tensor.ofInts(Shape.of(ids.length, 1), ids);
        return model.step(next, cache).cast(DType.F32).toFloats();
      }
    }

    void reorder(int[] from) {
      try (var _ = Scope.openWithoutGradients(device)) {
        cache.reorder(from);
      }
    }

    float[] prompt(int[] ids) {
      try (var _ = Scope.openWithoutGradients(device)) {
        Tensor next = Tensor.ofInts(Shape.of(4, ids.length / 4), ids);
        return model.step(next, cache).toFloats();
      }
    }

    @Override
    public void close() {
      scope.close();
      model.close();
    }
  }

  private static int likeliest(float[] logits, int row) {
    int best = row * VOCABULARY;
    for (int i = best; i < (row + 1) * VOCABULARY; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best - row * VOCABULARY;
  }

  private static void near(float[] expected, float[] found, float part, String what) {
    float most = 0;
    for (float x : expected) {
      most = Math.max(most, Math.abs(x));
    }
    assertArrayEquals(expected, found, part * most, what);
  }

  @ParameterizedTest
  @CsvSource({"v1.0, 1, 1, 9", "v1.1, 2, 3, 9"})
  void hasTheLogitsOfTheGeneralWay(String kind, int inputs, int beams, int steps) {
    compare(kind, inputs, 21, beams, steps);
  }

  @ParameterizedTest
  @Tag("emulator")
  @CsvSource({
    "v1.0, 1, 300, 1, 40",
    "v1.0, 3, 21, 1, 9",
    "v1.0, 16, 9, 1, 6",
    "v1.1, 2, 21, 1, 9",
    "v1.1, 5, 150, 1, 9",
    "v1.1, 3, 21, 5, 12",
    "umt5, 4, 21, 1, 9",
    "umt5, 2, 21, 3, 12",
    "umt5, 1, 130, 16, 5",
    "silu, 6, 13, 1, 5",
    "gelu, 1, 13, 4, 12"
  })
  void hasTheLogitsOfTheGeneralWay(String kind, int inputs, int sources, int beams, int steps) {
    compare(kind, inputs, sources, beams, steps);
  }

  private static void compare(String kind, int inputs, int sources, int beams, int steps) {
    compare(kind, inputs, sources, beams, steps, steps);
  }

  private static void compare(
      String kind, int inputs, int sources, int beams, int steps, int planned) {
    try (var found = Decoder.onCuda(kind, inputs, sources, beams, steps);
        var expected = Decoder.onProcessor(kind, inputs, sources, beams, steps)) {
      int rows = inputs * beams;
      var random = new Random(steps);
      int[] ids = new int[rows];
      StandIn.reset();
      for (int step = 0; step < steps; step++) {
        float[] logits = expected.general(ids);
        int[] chosen = new int[rows];
        Arrays.setAll(chosen, row -> likeliest(logits, row));
        if (step % 2 == 0) {
          near(logits, found.step(ids), 1e-4f, "step " + step);
        } else {
          int[] likeliest = new int[rows];
          found.model.likeliest(ids, found.cache, likeliest);
          assertArrayEquals(chosen, likeliest, "step " + step);
        }
        int[] from = new int[rows];
        for (int row = 0; row < rows; row++) {
          ids[row] = step % 2 == 1 ? chosen[row] : 2 + random.nextInt(VOCABULARY - 2);
          from[row] = row / beams * beams + random.nextInt(beams);
        }
        if (beams > 1 && step % 3 != 0) {
          found.reorder(from);
          expected.reorder(from);
        }
      }
      assertEquals(planned, StandIn.counts("decode_finish").launches());
      assertEquals("", StandIn.errors());
    }
  }

  /// The chain of many rows, for a few too.
  @ParameterizedTest
  @Tag("emulator")
  @CsvSource({"v1.0, 1, 300, 1, 5", "v1.1, 1, 21, 3, 9"})
  void soHasTheChainOfManyRows(String kind, int inputs, int sources, int beams, int steps) {
    var whole = (CudaBackend) StandIn.backend();
    Backend other = Rung.of(whole, "decoder", (device, _) -> new CudaDecoder(device.cuda(), true));
    Backends.unregister(whole);
    Backends.register(other);
    try {
      compare(kind, inputs, sources, beams, steps);
      assertTrue(StandIn.counts("decode_attend_f32").launches() > 0);
    } finally {
      Backends.unregister(other);
      Backends.register(whole);
    }
  }

  /// Weights of bfloat16 beside the same ones in float32: only keys and values are rounded.
  @ParameterizedTest
  @Tag("emulator")
  @CsvSource({
    "v1.0, 1, 300, 1, 9",
    "v1.1, 2, 21, 2, 9",
    "gelu, 7, 21, 1, 4",
    "umt5, 2, 21, 5, 5",
    "silu, 3, 9, 1, 4",
    "v1.0, 2, 130, 4, 3",
    "v1.1, 16, 9, 1, 3",
    "wide, 1, 130, 16, 2"
  })
  void takesWeightsOfBfloat16(String kind, int inputs, int sources, int beams, int steps) {
    try (var expected = new Decoder(kind, Device.cpu(), DType.BF16, inputs, sources, beams, steps);
        var found = new Decoder(kind, Device.cuda(0), DType.BF16, inputs, sources, beams, steps)) {
      int rows = inputs * beams;
      StandIn.reset();
      for (int step = 0; step < steps; step++) {
        int[] ids = new Random(step).ints(rows, 2, VOCABULARY).toArray();
        near(expected.general(ids), found.step(ids), 0.02f, "step " + step);
        if (beams > 1) {
          int[] from = IntStream.range(0, rows).map(row -> row / beams * beams).toArray();
          found.reorder(from);
          expected.reorder(from);
        }
      }
      assertEquals(steps, StandIn.counts("decode_finish").launches());
      assertEquals("", StandIn.errors());
    }
  }

  /// On tensor cores a row has the same logits beside any others, to the bit, and to rounding those that it has among few.
  @Test
  @Tag("emulator")
  void aRowsLogitsAreItsOwn() {
    float[] few = ofTheFirstRows(4);
    float[] five = ofTheFirstRows(5);
    near(few, Arrays.copyOf(five, few.length), 1e-5f, "beside few");
    for (int rows : new int[] {8, 16}) {
      assertArrayEquals(five, Arrays.copyOf(ofTheFirstRows(rows), five.length), rows + " rows");
    }
  }

  /// Logits of a second token, of beams behind one input.
  private static float[] ofTheFirstRows(int rows) {
    try (var found = new Decoder("gelu", Device.cuda(0), DType.BF16, 1, 21, 16, 3);
        var _ = Scope.openWithoutGradients(Device.cuda(0))) {
      int[] ids = new Random(3).ints(rows, 2, VOCABULARY).toArray();
      DecoderCache cache = found.cacheOf(rows);
      float[] _ = found.model.step(ids, cache).cast(DType.F32).toFloats();
      return found.model.step(ids, cache).cast(DType.F32).toFloats();
    }
  }

  /// Behind a prompt, in a larger room, and with tokens between that go the general way.
  @Test
  @Tag("emulator")
  void goesOnBehindAPromptAndInALargerRoomAndBesideTheGeneralWay() {
    try (var found = Decoder.onCuda("v1.0", 2, 9, 2, 14);
        var expected = Decoder.onProcessor("v1.0", 2, 9, 2, 40);
        var _ = Scope.openWithoutGradients(Device.cuda(0))) {
      int[] prompt = new Random(5).ints(4 * 11L, 2, VOCABULARY).toArray();
      near(expected.prompt(prompt), found.prompt(prompt), 1e-4f, "prompt");
      for (int step = 0; step < 20; step++) {
        if (step == 3) {
          found.cache.reserve(40);
        }
        int[] next = {5 + step, 6, 7, 8 + step};
        float[] logits = expected.general(next);
        float[] here = step % 7 == 5 ? found.general(next) : found.step(next);
        near(logits, here, 1e-4f, "step " + step);
        int[] from = {step % 2, 0, 3, 2 + step % 2};
        found.reorder(from);
        expected.reorder(from);
      }
    }
  }

  /// What a device chooses by itself is what the host chooses by the same steps, with one wait, one upload and a graph a token.
  @ParameterizedTest
  @CsvSource({"v1.0, 1", "v1.1, 3"})
  void choosesByItselfWhatTheHostWouldChoose(String kind, int rows) {
    choose(kind, rows, DType.F32);
  }

  @ParameterizedTest
  @Tag("emulator")
  @CsvSource({"umt5, 5, F32", "v1.1, 2, BF16", "v1.0, 8, BF16"})
  void choosesByItselfWhatTheHostWouldChoose(String kind, int rows, DType type) {
    choose(kind, rows, type);
  }

  private static void choose(String kind, int rows, DType type) {
    int count = 27;
    int pad = 1;
    int[][] ids = new int[count][rows];
    try (var host = new Decoder(kind, Device.cuda(0), type, rows, 9, 1, count)) {
      int[] next = new int[rows];
      for (int[] token : ids) {
        host.model.likeliest(next, host.cache, token);
        next = token;
      }
    }
    // the last row's token of a later step ends that row; from there on it reads the pad id, and
    // others go on
    int end = ids[4][rows - 1];
    var rule = new TokenRule(TokenRule.Chooser.LIKELIEST, List.of(end), pad);
    boolean[] ended = new boolean[rows];
    int[] into = new int[8 * rows];
    try (var device = new Decoder(kind, Device.cuda(0), type, rows, 9, 1, count)) {
      int[] next = new int[rows];
      int at = 0;
      while (at < count) {
        int[] from = next;
        StandIn.reset();
        int chosen = late(() -> device.model.choose(from, device.cache, ended, rule, 8, into));
        assertEquals(1, StandIn.waits());
        assertEquals(1, StandIn.uploads());
        assertEquals(4 + 4 * rows * Math.min(8, count - at), StandIn.readBack());
        if (at > 0) {
          assertEquals(Math.min(8, count - at), StandIn.graphLaunches());
        }
        for (int token = 0; token < chosen; token++) {
          for (int row = 0; row < rows; row++) {
            int id = into[token * rows + row];
            assertEquals(ended[row] ? pad : ids[at + token][row], id, "row " + row);
            ended[row] |= id == end;
          }
        }
        at += chosen;
        assertEquals(at, device.cache.length());
        next = Arrays.copyOfRange(into, (chosen - 1) * rows, chosen * rows);
        boolean all = true;
        for (boolean one : ended) {
          all &= one;
        }
        if (all) {
          break;
        }
      }
      assertTrue(ended[rows - 1]);
      assertEquals(rows == 1 ? firstOf(ids, end) + 1 : at, at);
      assertEquals("", StandIn.errors());
    }
  }

  /// The device has room for 64 tokens of each row, which the host takes before it goes on.
  @Test
  @Tag("emulator")
  void choosesMoreTokensThanTheDeviceKeeps() {
    int rows = 2;
    int count = 70;
    var rule = new TokenRule(TokenRule.Chooser.LIKELIEST, List.of(), 0);
    int[] apart = new int[count * rows];
    try (var few = Decoder.onCuda("v1.0", rows, 3, 1, count)) {
      int[] next = new int[rows];
      for (int at = 0; at < count; at += 10) {
        int[] ten = new int[10 * rows];
        assertEquals(10, few.model.choose(next, few.cache, new boolean[rows], rule, 10, ten));
        System.arraycopy(ten, 0, apart, at * rows, ten.length);
        next = Arrays.copyOfRange(ten, 9 * rows, 10 * rows);
      }
    }
    int[] together = new int[count * rows];
    try (var all = Decoder.onCuda("v1.0", rows, 3, 1, count)) {
      int[] first = new int[rows];
      StandIn.reset();
      boolean[] ended = new boolean[rows];
      int chosen = late(() -> all.model.choose(first, all.cache, ended, rule, count, together));
      assertEquals(count, chosen);
      assertEquals(2, StandIn.waits());
    }
    assertArrayEquals(apart, together);
    assertEquals("", StandIn.errors());
  }

  /// On a device that computes only when somebody waits.
  private static int late(IntSupplier work) {
    StandIn.late(true);
    try {
      return work.getAsInt();
    } finally {
      StandIn.late(false);
    }
  }

  private static int firstOf(int[][] ids, int end) {
    return IntStream.range(0, ids.length).filter(i -> ids[i][0] == end).findFirst().orElseThrow();
  }

  @Test
  void takesTheTokensOfAChooser() {
    int rows = 2;
    try (var found = Decoder.onCuda("v1.0", rows, 9, 1, 12);
        var host = Decoder.onCuda("v1.0", rows, 9, 1, 12)) {
      Backend device = StandIn.backend();
      var rule =
          new TokenRule(
              (logits, tokens) -> device.reduction().argMax(rows, VOCABULARY, logits, tokens),
              List.of(),
              0);
      int[] into = new int[12 * rows];
      assertEquals(
          12, found.model.choose(new int[rows], found.cache, new boolean[rows], rule, 99, into));
      int[] next = new int[rows];
      for (int token = 0; token < 12; token++) {
        host.model.likeliest(next, host.cache, next);
        assertArrayEquals(next, Arrays.copyOfRange(into, token * rows, token * rows + rows));
      }
    }
  }

  /// T5-base's depth: what a token costs the device, whatever the widths.
  @Test
  void aTokenOfTwelveLayersIsOneGraphOfAtMost66Commands() {
    T5Config config = T5Config.small().withVocabSize(96).withWidths(32, 8, 4, 32).withLayers(1, 12);
    try (T5 model = T5.create(config.v11(), 3, Device.cuda(0));
        var _ = Scope.openWithoutGradients(Device.cuda(0))) {
      Tensor ids = Tensor.ofInts(Shape.of(1, 3), 5, 6, 1);
      Tensor mask = Tensor.ofInts(Shape.of(1, 3), 1, 1, 1);
      DecoderCache cache = model.cache(model.encode(ids, mask, Pass.inference()), mask, 30);
      int[] next = new int[1];
      model.likeliest(next, cache, next);
      StandIn.reset();
      model.likeliest(next, cache, next);
      assertEquals(65, StandIn.commands()); // an upload, 63 kernels, and what the host reads
      model.likeliest(next, cache, next);
      StandIn.reset();
      model.likeliest(next, cache, next);
      assertEquals(1, StandIn.graphLaunches());
      StandIn.reset();
      var rule = new TokenRule(TokenRule.Chooser.LIKELIEST, List.of(), 0);
      assertEquals(8, late(() -> model.choose(next, cache, new boolean[1], rule, 8, new int[8])));
      assertEquals(8, StandIn.graphLaunches());
      assertEquals(1, StandIn.waits());
      assertEquals(1, StandIn.uploads());
    }
  }

  /// Two layers of five launches each in bfloat16, of seven in float32, and three more.
  @ParameterizedTest
  @CsvSource({"BF16, 13", "F32, 17"})
  void aTokenOfSixteenRowsTakesFiveLaunchesALayer(DType type, int kernels) {
    try (var found = new Decoder("v1.0", Device.cuda(0), type, 1, 3, 16, 4)) {
      int[] next = new int[16];
      found.model.likeliest(next, found.cache, next);
      StandIn.reset();
      found.model.likeliest(next, found.cache, next);
      assertEquals(kernels + 2, StandIn.commands()); // an upload, and what the host reads
    }
  }

  @Test
  void saysOnceOfHeadsThatNoPlanTakes() {
    List<String> said =
        hearing(
            CudaDecoder.class,
            () -> {
              for (int i = 0; i < 2; i++) {
                compare("odd", 1, 3, 1, 1, 0);
              }
            });
    assertEquals(
        List.of(
            "a decoder with heads of 40 columns in F32 is not planned: its tokens take the launches of single operations"),
        said);
  }

  @Test
  void goesOnWithoutAGraphWhereThereIsNoRoomForOne() {
    List<String> said =
        hearing(
            RepeatedStep.class,
            () -> {
              for (int i = 0; i < 2; i++) {
                int[] crowded = new int[5];
                int[] free = new int[5];
                tokensOf(1, crowded);
                assertEquals(0, StandIn.graphLaunches());
                tokensOf(0, free);
                assertEquals(3, StandIn.graphLaunches());
                assertArrayEquals(free, crowded);
              }
            });
    assertEquals(1, said.size(), said.toString());
    assertTrue(
        said.getFirst().contains("cuGraphInstantiate")
            && said.getFirst()
                .endsWith("CUDA_ERROR_OUT_OF_MEMORY; tokens are called kernel by kernel"),
        said.getFirst());
  }

  /// Likeliest tokens one after the other.
  ///
  /// @param fails the graph for which there is no room; 0 for none
  private static void tokensOf(int fails, int[] into) {
    try (var found = Decoder.onCuda("v1.0", 1, 3, 1, into.length)) {
      StandIn.reset();
      StandIn.fail("cuGraphInstantiate", fails, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
      int[] next = new int[1];
      for (int i = 0; i < into.length; i++) {
        found.model.likeliest(next, found.cache, next);
        into[i] = next[0];
      }
    } finally {
      StandIn.fail("cuGraphInstantiate", 0, 0);
    }
  }

  /// What a class says while something runs.
  private static List<String> hearing(Class<?> who, Runnable work) {
    Logger logger = Logger.getLogger(who.getName());
    var said = new ArrayList<String>();
    var hears =
        new Handler() {
          @Override
          public void publish(LogRecord logged) {
            said.add(new SimpleFormatter().formatMessage(logged));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(hears);
    logger.setUseParentHandlers(false);
    try {
      work.run();
    } finally {
      logger.removeHandler(hears);
      logger.setUseParentHandlers(true);
    }
    return said;
  }

  @Test
  @Tag("emulator")
  void beamsCopyNoCache() {
    try (var found = Decoder.onCuda("v1.1", 1, 9, 4, 9)) {
      int[] ids = {4, 5, 6, 7};
      found.step(ids);
      StandIn.reset();
      found.cache.reorder(new int[] {2, 2, 0, 1});
      assertEquals(0, StandIn.commands());
      found.step(ids);
      assertEquals(1, StandIn.uploads());
    }
  }

  @Test
  @Tag("emulator")
  void givesTheSameBitsWhateverTheOrderOfThreads() {
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      for (int rows : new int[] {1, 3, 6}) {
        Schedules.same(
            rows + " rows of " + type,
            () -> {
              try (var found = new Decoder("v1.1", Device.cuda(0), type, rows, 140, 1, 3)) {
                found.step(new Random(1).ints(rows, 2, VOCABULARY).toArray());
                float[] logits = found.step(new Random(2).ints(rows, 2, VOCABULARY).toArray());
                ByteBuffer bytes = ByteBuffer.allocate(4 * logits.length);
                bytes.asFloatBuffer().put(logits);
                return bytes.array();
              }
            });
      }
    }
  }

  @Test
  @Tag("emulator")
  void movesTheBytesThatItSays() {
    var backend = (CudaBackend) StandIn.backend();
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      for (int rows : new int[] {1, 4, 7}) {
        try (var found = new Decoder("v1.1", Device.cuda(0), type, 1, 150, rows, 4)) {
          var _ = found.step(new int[rows]); // behind half of the room, which launchers reckon with
          var launched =
              Traffic.check(
                  backend, () -> found.step(new Random(1).ints(rows, 2, VOCABULARY).toArray()));
          assertTrue(launched.size() > 7, () -> "kernels: " + launched);
        }
      }
    }
  }
}
