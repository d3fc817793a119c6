package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.TinyText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("deferred")
class AdamWTest {
  private static final int SIZE = 37;

  @Test
  void stepsAreThoseOfThePaper() {
    var random = new Random(3);
    double[] plain = new double[SIZE];
    double[] first = new double[SIZE];
    double[] second = new double[SIZE];
    try (var parameter = Parameter.full(Shape.of(SIZE), 0, Device.cpu());
        var adam = new AdamW(AdamW.Options.DEFAULT)) {
      for (int i = 0; i < SIZE; i++) {
        plain[i] = random.nextGaussian();
      }
      parameter.set(floats(plain));
      for (int t = 1; t <= 20; t++) {
        float[] gradient = gradient(parameter, random);
        adam.update("w", parameter, 0.01, 0.1, 0);
        parameter.zeroGradient();
        for (int i = 0; i < SIZE; i++) {
          plain[i] *= 1 - 0.01 * 0.1; // decay first, and apart from the moments
          first[i] = 0.9 * first[i] + 0.1 * gradient[i];
          second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
          double m = first[i] / (1 - Math.pow(0.9, t));
          double v = second[i] / (1 - Math.pow(0.999, t));
          plain[i] -= 0.01 * m / (Math.sqrt(v) + 1e-8); // epsilon outside the root
        }
      }
      float[] trained = parameter.toFloats();
      for (int i = 0; i < SIZE; i++) {
        assertEquals(plain[i], trained[i], 1e-5);
      }
      assertEquals(8 * SIZE, adam.bytes());
    }
  }

  @Test
  void eachParameterHasItsOwnCount() {
    var random = new Random(5);
    try (var a = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var b = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var adam = new AdamW(AdamW.Options.DEFAULT)) {
      for (int step = 0; step < 5; step++) {
        gradient(a, random);
        adam.update("a", a, 0.01, 0, 0);
        a.zeroGradient();
      }
      assertEquals(Map.of("a", 5), adam.updates());
      float[] gradient = gradient(b, random);
      adam.update("b", b, 0.01, 0, 0);
      assertEquals(Map.of("a", 5, "b", 1), adam.updates());
      // a first step has the length of the rate, whatever the gradient's size
      float[] moved = b.toFloats();
      for (int i = 0; i < SIZE; i++) {
        assertEquals(1 - 0.01 * Math.signum(gradient[i]), moved[i], 1e-6);
      }
    }
  }

  @Test
  void clippingScalesAllGradientsByOneFactor() {
    var random = new Random(6);
    try (var a = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var b = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var c = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var clip = new GradientClip(Backends.of(Device.cpu()))) {
      double sum = 0;
      for (float[] gradient : List.of(gradient(a, random), gradient(b, random))) {
        for (float g : gradient) {
          sum += (double) g * g;
        }
      }
      clip.measure(List.of(a, b, c), 1);
      assertEquals(Math.sqrt(sum), clip.norm(), 1e-5);
      clip.measure(List.of(a, b, c), Double.POSITIVE_INFINITY);
      assertEquals(Math.sqrt(sum), clip.norm(), 1e-5);
      assertFalse(c.hasGradient());
    }
  }

  @Test
  void normsAndPositionsDoNotDecay() {
    try (T5 model = T5.create(TinyText.config(0).v11(), 1, Device.cpu())) {
      var spared = new ArrayList<String>();
      for (String name : model.parameters().keySet()) {
        double decay = UpdateRule.decay(0.1).decay(name);
        assertTrue(decay == 0 || decay == 0.1);
        if (decay == 0) {
          spared.add(name.replaceAll("block\\.\\d+\\.layer\\.\\d+\\.", ""));
        }
      }
      assertEquals(
          List.of(
              "decoder.SelfAttention.relative_attention_bias.weight",
              "decoder.final_layer_norm.weight",
              "decoder.layer_norm.weight",
              "encoder.SelfAttention.relative_attention_bias.weight",
              "encoder.final_layer_norm.weight",
              "encoder.layer_norm.weight"),
          spared.stream().distinct().sorted().toList());
    }
    assertTrue(UpdateRule.decays("shared.weight"));
    assertTrue(UpdateRule.decays("lm_head.weight"));
  }

  /// Gives a parameter a random gradient, and returns it.
  private static float[] gradient(Parameter parameter, Random random) {
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = (float) random.nextGaussian();
    }
    try (var _ = Scope.open(Device.cpu())) {
      parameter.multiply(Tensor.of(Shape.of(SIZE), gradient)).sum().backward();
    }
    return gradient;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
