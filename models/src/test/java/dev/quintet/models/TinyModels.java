package dev.quintet.models;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.t5.T5ConfigFile;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Outcome;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;

/// Configurations that build in milliseconds, and what tests of their models need.
public final class TinyModels {
  private TinyModels() {}

  /// v1.0: relu, tied, scaled.
  public static T5Config v10(int vocabulary) {
    return T5Config.small()
        .withVocabSize(vocabulary)
        .withWidths(32, 8, 4, 64)
        .withLayers(2, 2)
        .withDropout(0);
  }

  /// v1.1: gated GELU, untied, an inner width of three quarters of the model's.
  public static T5Config v11(int vocabulary) {
    return v10(vocabulary).v11().withWidths(32, 8, 3, 48);
  }

  /// A table of biases in every block.
  public static T5Config umt5(int vocabulary) {
    JsonObject json = T5ConfigFile.write(v11(vocabulary));
    var keys = new TreeMap<String, Object>();
    json.keys().forEach(key -> keys.put(key, json.value(key).orElseThrow()));
    keys.put("model_type", "umt5");
    return T5ConfigFile.of(JsonObject.of(keys)).withoutWeights();
  }

  /// An int32 tensor of rows of one length.
  public static Tensor ints(int[][] rows) {
    int[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
    return Tensor.ofInts(Shape.of(rows.length, rows[0].length), flat);
  }

  /// Normal numbers.
  public static float[] random(long seed, int count) {
    var random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /// Fails unless each value is within a share of the largest expected one.
  public static void assertNear(float[] expected, float[] found, double share) {
    assertNear("values", expected, found, share);
  }

  /// Fails unless each value is within a share of the largest expected one.
  public static void assertNear(String what, float[] expected, float[] found, double share) {
    Comparison compared = Comparison.of(what, expected, found, share);
    assertEquals(Outcome.PASS, compared.outcome(), compared::toString);
  }
}
