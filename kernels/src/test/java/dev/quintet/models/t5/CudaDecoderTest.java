package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.models.json.JsonObject;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
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
      Tensor shown = Tensor.ofInts(Shape.of(inputs, sources), mask);
      Tensor states =
          model.encode(Tensor.ofInts(Shape.of(inputs, sources), ids), shown, Pass.inference());
      cache = model.cache(states, shown, room, beams);
    }

    static Decoder onCuda(String kind, int inputs, int sources, int beams, int room) {
      return new Decoder(kind, Device.cuda(0), DType.F32, inputs, sources, beams, room);
    }

    static Decoder onProcessor(String kind, int inputs, int sources, int beams, int room) {
      return new Decoder(kind, Device.cpu(), DType.F32, inputs, sources, beams, room);
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
          found.cache.reorder(from);
          expected.cache.reorder(from);
        }
      }
      assertEquals(steps, StandIn.counts("decode_finish").launches());
      assertEquals("", StandIn.errors());
    }
  }
}
