package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every parameter's gradient beside central differences of the loss along a random direction.
class GradientDirectionsTest {
  private static final int[][] IDS = {{5, 6, 7, 8, 9, 1}, {12, 13, 1, 0, 0, 0}};
  private static final int[][] MASK = {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 0, 0, 0}};
  private static final int[][] LABELS = {{21, 22, 23, 1}, {24, 1, -100, -100}};

  static Stream<T5Config> models() {
    return Stream.of(
        TinyModels.v10(30).withFeedForward("silu"),
        TinyModels.v10(30).withFeedForward("tanh").withLayers(3, 1).withWidths(16, 3, 5, 20),
        TinyModels.v11(30).withLayers(1, 3),
        TinyModels.v11(30).withFeedForward("gated-silu").withHead(true, true),
        TinyModels.umt5(30).withLayers(2, 1));
  }

  // Smooth activations alone: a ReLU's kink would be met by one step in a few.
  @ParameterizedTest
  @MethodSource("models")
  void eachTensorsGradientIsTheSlopeOfTheLoss(T5Config config) {
    try (T5 model = T5.create(config, 3, Device.cpu())) {
      try (var _ = Scope.open(Device.cpu())) {
        loss(model).backward();
      }
      for (var entry : model.parameters().entrySet()) {
        Parameter parameter = entry.getValue();
        float[] start = parameter.toFloats();
        float[] gradient = parameter.gradient().toFloats();
        float[] direction = TinyModels.random(entry.getKey().hashCode(), start.length);
        double size = 0;
        double expected = 0;
        for (int i = 0; i < start.length; i++) {
          size += (double) direction[i] * direction[i];
          expected += (double) gradient[i] * direction[i];
        }
        assertTrue(expected != 0, entry.getKey());
        double step = 0.02 / Math.sqrt(size / start.length) * spread(start);
        double above = along(model, parameter, start, direction, step);
        double below = along(model, parameter, start, direction, -step);
        parameter.set(start);
        double found = (above - below) / (2 * step);
        double rounding = 6e-6 / step; // of losses near 4, and of the third order
        assertEquals(expected, found, 0.02 * Math.abs(expected) + rounding, entry.getKey());
      }
    }
  }

  private static double spread(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  private static double along(
      T5 model, Parameter parameter, float[] start, float[] direction, double step) {
    float[] moved = start.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    parameter.set(moved);
    try (var _ = Scope.openWithoutGradients(Device.cpu())) {
      return loss(model).item();
    }
  }

  private static Tensor loss(T5 model) {
    return model
        .loss(
            TinyModels.ints(IDS),
            TinyModels.ints(MASK),
            TinyModels.ints(LABELS),
            Pass.inference(),
            CrossEntropyOptions.MEAN)
        .loss();
  }
}
