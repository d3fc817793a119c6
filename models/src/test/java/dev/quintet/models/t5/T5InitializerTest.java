package dev.quintet.models.t5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.TinyModels;
import java.util.concurrent.atomic.DoubleAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class T5InitializerTest {

  // nanoT5 logs the norm 7042.47 for its T5 of base size, which starts as transformers' does.
  @ParameterizedTest
  @CsvSource({"true, 7042.47", "false, 4995.4"})
  void trap7TheWeightsOfV11BaseStartWithTheKnownNorm(boolean likeTransformers, double norm) {
    T5Config base = T5Config.small().v11().withWidths(768, 64, 12, 2048).withLayers(12, 12);
    var initializer = new T5Initializer(base, 0, Device.cpu(), likeTransformers);
    var squares = new DoubleAdder();
    try (var stand = Parameter.empty(Shape.of(1), Device.cpu())) {
      new T5(
          base,
          (name, shape) -> {
            double deviation = name.endsWith("layer_norm.weight") ? 1 : initializer.deviation(name);
            squares.add(deviation * deviation * shape.elements());
            return stand;
          });
    }
    assertEquals(norm, Math.sqrt(squares.sum()), 0.1);
  }

  @Test
  void eachMatrixIsNormalWithTransformersDeviation() {
    T5Config config = TinyModels.v11(300);
    try (T5 model = T5.create(config, 5, Device.cpu())) {
      double width = config.modelWidth();
      deviates(model, "shared.weight", 1);
      deviates(model, "lm_head.weight", Math.pow(width, -0.5));
      String block = "decoder.block.1.layer.%s.weight";
      deviates(model, block.formatted("0.SelfAttention.q"), Math.pow(width * 8, -0.5));
      deviates(model, block.formatted("1.EncDecAttention.k"), Math.pow(width, -0.5));
      deviates(model, block.formatted("1.EncDecAttention.o"), Math.pow(24, -0.5));
      deviates(model, block.formatted("2.DenseReluDense.wi_1"), Math.pow(width, -0.5));
      deviates(model, block.formatted("2.DenseReluDense.wo"), Math.pow(48, -0.5));
    }
    try (T5 model = T5.createLikeTransformers(config, 5, Device.cpu())) {
      deviates(model, "lm_head.weight", 1);
    }
  }

  private static void deviates(T5 model, String name, double deviation) {
    Parameter parameter = model.parameters().get(name);
    float[] values = parameter.toFloats();
    double sum = 0;
    double squares = 0;
    int within = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
      within += Math.abs(value) < deviation ? 1 : 0;
    }
    double n = values.length;
    double four = 4 / Math.sqrt(n); // standard errors
    assertEquals(0, sum / n / deviation, four, name);
    assertEquals(1, Math.sqrt(squares / n) / deviation, four, name);
    assertTrue(Math.abs(within / n - 0.6827) < four, name + " is not normal");
  }
}
