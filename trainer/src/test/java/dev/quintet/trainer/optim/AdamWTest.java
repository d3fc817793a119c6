package dev.quintet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.RunState;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.TinyText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
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
        var adam = new AdamW(AdamW.Options.DEFAULT);
        var updates = updates(Map.of("w", parameter), adam, 0.1)) {
      for (int i = 0; i < SIZE; i++) {
        plain[i] = random.nextGaussian();
      }
      parameter.set(floats(plain));
      for (int t = 1; t <= 20; t++) {
        float[] gradient = gradient(parameter, random);
        updates.apply(0.01);
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
        var adam = new AdamW(AdamW.Options.DEFAULT);
        var updates = updates(Map.of("a", a, "b", b), adam, 0)) {
      for (int step = 0; step < 5; step++) {
        gradient(a, random);
        updates.apply(0.01).outcome();
        a.zeroGradient();
      }
      assertEquals(Map.of("a", 5), updates.counts());
      float[] gradient = gradient(b, random);
      updates.apply(0.01).outcome();
      assertEquals(Map.of("a", 5, "b", 1), updates.counts());
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
    var seen = new TreeMap<String, float[]>();
    Optimizer own = (name, parameter, gradient, step) -> seen.put(name, gradient.toFloats());
    try (var a = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var b = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var c = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var updates = new Updates(Map.of("a", a, "b", b, "c", c), own, UpdateRule.decay(0), 1);
        var free =
            new Updates(Map.of("a", a), own, UpdateRule.decay(0), Double.POSITIVE_INFINITY)) {
      double sum = 0;
      float[] first = gradient(a, random);
      for (float[] gradient : List.of(first, gradient(b, random))) {
        for (float g : gradient) {
          sum += (double) g * g;
        }
      }
      RunState.Outcome outcome = updates.apply(0.1).outcome();
      assertEquals(Math.sqrt(sum), outcome.norm(), 1e-5);
      assertEquals(1 / Math.sqrt(sum), outcome.scale(), 1e-5);
      assertEquals(Set.of("a", "b"), seen.keySet());
      float[] clipped = seen.get("a");
      assertEquals(first[3] * outcome.scale(), clipped == null ? 0 : clipped[3]);
      assertEquals(1, free.apply(0.1).outcome().scale());
      assertFalse(c.hasGradient());
    }
  }

  @Test
  void aStepThatIsNotFiniteLeavesParametersMomentsAndCountsAndIsCounted() {
    var random = new Random(7);
    try (var a = Parameter.full(Shape.of(SIZE), 1, Device.cpu());
        var adam = new AdamW(AdamW.Options.DEFAULT);
        var updates = updates(Map.of("a", a), adam, 0.1)) {
      gradient(a, random);
      updates.apply(0.01);
      float[] before = a.toFloats();
      float[] moments = adam.state().values().iterator().next().toFloats();
      for (int skipped = 1; skipped < 4; skipped++) {
        try (var _ = Scope.open(Device.cpu())) {
          updates.add(Tensor.full(Shape.scalar(), 1));
          updates.add(Tensor.full(Shape.scalar(), Float.NaN));
        }
        assertEquals(skipped, updates.apply(0.01).outcome().skipped());
      }
      assertArrayEquals(before, a.toFloats());
      assertArrayEquals(moments, adam.state().values().iterator().next().toFloats());
      assertEquals(Map.of("a", 1), updates.counts());
      try (var _ = Scope.open(Device.cpu())) {
        updates.add(Tensor.full(Shape.scalar(), 1));
      }
      assertEquals(0, updates.apply(0.01).outcome().skipped());
      assertEquals(Map.of("a", 2), updates.counts());
    }
  }

  @Test
  void aBfloat16ParameterFollowsItsMasterRoundedAndGoesOnBitForBit() {
    Shape shape = Shape.of(SIZE);
    try (var wide = Parameter.full(shape, 1, Device.cpu());
        var narrow = Parameter.empty(shape, DType.BF16, Device.cpu());
        var resumed = Parameter.empty(shape, DType.BF16, Device.cpu());
        var adamOfWide = new AdamW(AdamW.Options.DEFAULT);
        var adam = new AdamW(AdamW.Options.DEFAULT);
        var adamAgain = new AdamW(AdamW.Options.DEFAULT);
        var ofWide = updates(Map.of("w", wide), adamOfWide, 0.1);
        var of = updates(Map.of("w", narrow), adam, 0.1);
        var again = updates(Map.of("w", resumed), adamAgain, 0.1)) {
      narrow.set(wide.toFloats());
      for (int step = 0; step < 12; step++) {
        if (step == 5) {
          resumed.set(narrow);
          adamAgain.restore("w", resumed);
          adam.state()
              .forEach((name, moment) ->
                  Objects.requireNonNull(adamAgain.state().get(name)).set(moment));
          again.restore(of.counts(), 0);
        }
        for (Parameter p : List.of(wide, narrow, resumed)) {
          gradientOf(p, step);
        }
        ofWide.apply(1e-4);
        of.apply(1e-4);
        if (step >= 5) {
          again.apply(1e-4);
        }
        List.of(wide, narrow, resumed).forEach(Parameter::zeroGradient);
      }
      assertEquals(Set.of("w.first", "w.second", "w.master"), adam.state().keySet());
      Parameter master = Objects.requireNonNull(adam.state().get("w.master"));
      assertArrayEquals(wide.toFloats(), master.toFloats());
      assertArrayEquals(resumed.toFloats(), narrow.toFloats());
      try (var _ = Scope.open(Device.cpu())) {
        assertArrayEquals(master.detach().cast(DType.BF16).toFloats(), narrow.toFloats());
      }
      assertEquals(12 * SIZE, adam.bytes());
    }
  }

  /// Gives a parameter of any type the gradient cos(i + step).
  private static void gradientOf(Parameter parameter, int step) {
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = (float) Math.cos(i + step);
    }
    try (var _ = Scope.open(Device.cpu())) {
      Op.add(parameter, Tensor.of(Shape.of(SIZE), gradient));
    }
  }

  private static Updates updates(Map<String, Parameter> parameters, AdamW adam, double decay) {
    return new Updates(parameters, adam, UpdateRule.decay(decay), Double.POSITIVE_INFINITY);
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

  @Test
  void narrowMomentsStayNearThoseOfFloat32ThoughEachStepChangesThemLessThanTheirRounding() {
    int size = 4096;
    double[] sums = new double[2];
    for (boolean narrow : new boolean[] {false, true}) {
      Optimizer.Options options =
          narrow ? AdamW.Options.DEFAULT.withNarrowMoments() : AdamW.Options.DEFAULT;
      try (var parameter = Parameter.full(Shape.of(size), 0, Device.cpu());
          Optimizer adam = options.create();
          var updates =
              new Updates(
                  Map.of("w", parameter), adam, UpdateRule.decay(0), Double.POSITIVE_INFINITY)) {
        float[] large = new float[size];
        Arrays.fill(large, 1);
        for (int t = 0; t < 700; t++) {
          if (t == 1) {
            Arrays.fill(large, 0.01f); // the second moment falls by a thousandth a step
          }
          parameter.zeroGradient();
          try (var _ = Scope.open(Device.cpu())) {
            parameter.multiply(Tensor.of(Shape.of(size), large)).sum().backward();
          }
          updates.apply(1e-4);
        }
        Parameter second = Objects.requireNonNull(adam.state().get("w.second"));
        assertEquals(narrow ? DType.BF16 : DType.F32, second.type());
        for (float one : second.toFloats()) {
          sums[narrow ? 1 : 0] += one;
        }
        assertEquals((narrow ? 4L : 8L) * size, adam.bytes());
      }
    }
    assertEquals(sums[0], sums[1], 0.01 * sums[0]);
  }
}
