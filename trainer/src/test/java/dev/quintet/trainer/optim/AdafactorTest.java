package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("deferred")
class AdafactorTest {
  private static final UpdateRule DECAY = UpdateRule.decay(0.25);

  // What transformers 5.18 has after the same steps.
  @Test
  void stepsAreThoseOfTransformersWithAGivenRate() {
    follows(
        Adafactor.Options.GIVEN_RATE,
        0.01,
        0,
        Shape.of(3, 4),
        0.8521152,
        0.9125609,
        0.1528898,
        -0.7560961,
        -0.9402872,
        -0.3139303,
        0.65153,
        0.9997591,
        0.4206056,
        -0.5423714,
        -0.987087,
        -0.5531535);
  }

  @Test
  void stepsAreThoseOfTransformersWithAFirstMomentAndScaledDecay() {
    follows(
        Adafactor.Options.transformers(true, false, false).withBeta1(0.9),
        0.01,
        0.1,
        Shape.of(3, 4),
        0.8397936,
        0.9088673,
        0.1425211,
        -0.7536354,
        -0.9552901,
        -0.28373,
        0.6536353,
        0.9892608,
        0.4128298,
        -0.5418536,
        -0.9960667,
        -0.5385927);
  }

  @Test
  void stepsAreThoseOfTransformersForAVectorWithItsOwnRate() {
    follows(
        options(
            """
            {"name": "adafactor_relative", "beta1": 0.5, "clip_threshold": 0.5}\
            """),
        1,
        0.1,
        Shape.of(5),
        0.8408998,
        0.9119781,
        0.1428107,
        -0.7527682,
        -0.9545681);
  }

  @Test
  void stepsAreThoseOfTransformersForSeveralMatricesOfOneParameter() {
    follows(
        Adafactor.Options.transformers(true, true, true),
        1,
        0,
        Shape.of(2, 2, 3),
        0.8414745,
        0.9092971,
        0.1411214,
        -0.7568041,
        -0.9589205,
        -0.2794193,
        0.6569878,
        0.9893597,
        0.412119,
        -0.5440221,
        -0.9999883,
        -0.536574);
    follows(
        options(
            """
            {"name": "adafactor", "decay_rate": -0.5, "eps": [1e-2, 1e-3]}\
            """),
        0.1,
        0.01,
        Shape.of(2, 2, 3),
        0.968047,
        1.0024909,
        0.2378883,
        -0.7342176,
        -0.8015926,
        -0.551914,
        0.6441075,
        1.1366935,
        0.4721359,
        -0.5556886,
        -0.8769733,
        -0.6634462);
  }

  @Test
  void likeT5xFactorsOnlyLargeMatricesAndDecaysApartFromTheRate() {
    try (var small = Parameter.full(Shape.of(127, 200), 1, Device.cpu());
        var large = Parameter.full(Shape.of(128, 200), 1, Device.cpu());
        var optimizer = Adafactor.Options.T5X.create();
        var updates = new Updates(Map.of("small", small, "large", large), optimizer, DECAY, 1)) {
      gradient(small, 1);
      gradient(large, 1);
      updates.apply(0);
      assertEquals(Set.of("small.second", "large.row", "large.column"), optimizer.state().keySet());
      assertEquals(4 * (127 * 200 + 128 + 200), optimizer.bytes());
      assertEquals(0.75f, small.toFloats()[7]);
      assertEquals(0.75f, large.toFloats()[7]);
    }
  }

  @Test
  void aMatrixCostsItsRowsAndColumnsAlone() {
    try (var matrix = Parameter.full(Shape.of(30, 50), 1, Device.cpu());
        var optimizer = Adafactor.Options.GIVEN_RATE.create()) {
      gradient(matrix, 1);
      optimizer.update("w", matrix, matrix.gradient(), new Optimizer.Step(0.1, 0, 1));
      assertEquals(4 * (30 + 50), optimizer.bytes());
    }
  }

  @Test
  void refusesConstantsThatCannotBe() {
    for (String json :
        List.of(
            "{\"name\": \"adafactor\", \"warmup_init\": true}",
            "{\"name\": \"adafactor\", \"clip_threshold\": 0}",
            "{\"name\": \"adafactor\", \"decay_rate\": 0.8}",
            "{\"name\": \"adafactor\", \"beta1\": 1}",
            "{\"name\": \"adafactor\", \"eps\": 1e-3}",
            "{\"name\": \"adafactor\", \"eps\": [1e-3]}",
            "{\"name\": \"adafactor\", \"betas\": [0.9, 0.99]}",
            "{\"name\": \"sophia\"}",
            "{\"eps\": [1e-30, 1e-3]}")) {
      var e = assertThrows(IllegalArgumentException.class, () -> options(json), json);
      assertTrue(String.valueOf(e.getMessage()).length() > 20, e.getMessage());
    }
  }

  /// The parameter p_i = sin(i + 1) after three steps with the gradients cos(k (i + 1)), k the step.
  private static void follows(
      Adafactor.Options options, double rate, double decay, Shape shape, double... expected) {
    try (var parameter = Parameter.full(shape, 0, Device.cpu());
        var optimizer = new Adafactor(options);
        var updates =
            new Updates(
                Map.of("w", parameter),
                optimizer,
                UpdateRule.decay(decay),
                Double.POSITIVE_INFINITY)) {
      float[] start = new float[(int) shape.elements()];
      for (int i = 0; i < start.length; i++) {
        start[i] = (float) Math.sin(i + 1);
      }
      parameter.set(start);
      for (int step = 1; step <= 3; step++) {
        gradient(parameter, step);
        updates.apply(rate).outcome();
        parameter.zeroGradient();
      }
      float[] moved = parameter.toFloats();
      for (int i = 0; i < moved.length; i++) {
        assertEquals(expected[i], moved[i], 1e-6, "element " + i);
      }
      assertEquals(Map.of("w", 3), updates.counts());
    }
  }

  private static Adafactor.Options options(String json) {
    try {
      Path file = Files.createTempFile("optimizer", ".json");
      try {
        Files.writeString(file, json);
        return (Adafactor.Options) OptimizerSettings.of(JsonObject.read(file));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void gradient(Parameter parameter, int step) {
    float[] gradient = new float[(int) parameter.elements()];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) Math.cos(step * (i + 1));
    }
    try (var _ = Scope.open(Device.cpu())) {
      parameter.multiply(Tensor.of(parameter.shape(), gradient)).sum().backward();
    }
  }
}
