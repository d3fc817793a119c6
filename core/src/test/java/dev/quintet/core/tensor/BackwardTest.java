package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackwardTest {
  private static final Memory MEMORY = Backends.of(Device.cpu()).memory();

  @Test
  void addsToGradientsUntilTheyAreCleared() {
    try (var w = Parameter.full(Shape.of(2), 3, Device.cpu())) {
      for (int i = 1; i <= 2; i++) {
        try (var _ = Scope.open(Device.cpu())) {
          w.square().sum().backward();
        }
        assertArrayEquals(new float[] {6 * i, 6 * i}, w.gradient().toFloats());
      }
      w.zeroGradient();
      assertFalse(w.hasGradient());
      try (var _ = Scope.open(Device.cpu())) {
        w.sum().backward(0.5f);
      }
      assertArrayEquals(new float[] {0.5f, 0.5f}, w.gradient().toFloats());
    }
  }

  @Test
  void stopsWhereNothingTrains() {
    try (var frozen = Parameter.full(Shape.of(2, 2), 3, Device.cpu());
        var trained = Parameter.full(Shape.of(2, 2), 1, Device.cpu());
        var scope = Scope.open(Device.cpu())) {
      frozen.train(false);
      Tensor below = Tensor.ones(Shape.of(2, 2)).matmul(frozen).relu();
      assertEquals(0, scope.tape().size());
      below.matmul(trained).sum().backward();
      assertTrue(trained.hasGradient());
      assertFalse(frozen.hasGradient());
      assertEquals(0, frozen.gradientBytes());
    }
  }

  @Test
  void freezingFreesTheGradient() {
    try (var w = Parameter.full(Shape.of(8), 1, Device.cpu())) {
      try (var _ = Scope.open(Device.cpu())) {
        w.sum().backward();
      }
      assertEquals(32, w.gradientBytes());
      w.train(false);
      assertEquals(0, w.gradientBytes());
    }
  }

  @Test
  void freesWhatItSavedAsItGoes() {
    long before = MEMORY.bytesInUse();
    try (var w = Parameter.full(Shape.of(1000), 1.001f, Device.cpu());
        var _ = Scope.open(Device.cpu())) {
      Tensor loss =
          Scope.local(() -> {
            Tensor x = w;
            for (int i = 0; i < 50; i++) {
              x = x.square();
            }
            return x.sum();
          });
      long forward = MEMORY.bytesInUse() - before;
      assertTrue(forward > 50 * 4000, "activations are held by the tape: " + forward);
      loss.backward();
      long after = MEMORY.bytesInUse() - before;
      assertTrue(after < 10 * 4000, "only parameter, gradient and loss are left: " + after);
    }
    assertEquals(before, MEMORY.bytesInUse());
  }

  @Test
  void sharesOneGradientBetweenTheSidesOfAResidualWithoutMixingThem() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.ones(Shape.of(1, 2)).withGradient();
      Tensor inner = x.multiply(2);
      Tensor branch = inner.multiply(3);
      inner.residual(branch, DropoutMask.NONE).sum().backward();
      // y = 2x + 6x
      assertArrayEquals(new float[] {8, 8}, x.gradient().toFloats());
    }
  }

  @Test
  void refusesASecondBackwardThroughTheSameOperations() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.ones(Shape.of(2)).withGradient();
      Tensor loss = x.square().sum();
      loss.backward();
      assertThrows(IllegalStateException.class, loss::backward);
    }
  }

  @Test
  void keepsOperationsThatItDidNotReach() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.ones(Shape.of(2)).withGradient();
      Tensor first = x.square().sum();
      Tensor second = x.multiply(5).sum();
      first.backward();
      second.backward();
      assertArrayEquals(new float[] {7, 7}, x.gradient().toFloats());
    }
  }

  @Test
  void needsAScalarThatSomethingLearnsFrom() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.ones(Shape.of(2)).withGradient();
      Tensor y = x.square();
      assertThrows(IllegalStateException.class, y::backward);
      Tensor constant = Tensor.ones(Shape.scalar());
      assertThrows(IllegalStateException.class, constant::backward);
    }
  }

  @Test
  void writesTheGradientOfLogitsOverThemWhenOnlyTheTapeHoldsThem() {
    try (var w = Parameter.full(Shape.of(64, 128), 0.01f, Device.cpu());
        var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(Shape.of(256, 128), 1);
      Tensor labels = Tensor.ofInts(Shape.of(256), new int[256]);
      Tensor loss = Scope.local(() -> x.linear(w).crossEntropy(labels));
      MEMORY.resetPeak();
      long held = MEMORY.bytesInUse();
      loss.backward();
      long extra = MEMORY.peakBytes() - held;
      assertTrue(extra < 256 * 64 * 4, "no second tensor of the logits' size: " + extra);
    }
  }

  @Test
  void givesAHeadWithItsLossTheBitsOfBothButHoldsNoLogits() {
    int rows = 4100; // three chunks
    var labels = new int[rows];
    Arrays.setAll(labels, r -> r % 7 == 0 ? -100 : r % 100);
    var options = CrossEntropyOptions.MEAN.withSmoothing(0.1f).withZLoss(1e-3f);
    try (var w = Parameter.normal(Shape.of(100, 8), 1);
        var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(Shape.of(rows, 8), 2).withGradient();
      Tensor y = Tensor.ofInts(Shape.of(rows), labels);
      MEMORY.resetPeak();
      long held = MEMORY.bytesInUse();
      Tensor loss = x.linearCrossEntropy(w, y, options);
      long extra = MEMORY.peakBytes() - held;
      assertTrue(extra < 2048 * 100 * 4, "no room for the logits of all rows: " + extra);
      loss.backward();
      Tensor dx = x.gradient().multiply(1);
      Tensor dw = w.gradient().multiply(1);
      Op.slot(x).clear();
      Op.slot(w).clear();
      Tensor apart = Scope.local(() -> x.linear(w).crossEntropy(y, options));
      apart.backward();
      assertEquals(apart.item(), loss.item());
      assertArrayEquals(x.gradient().toFloats(), dx.toFloats());
      assertArrayEquals(w.gradient().toFloats(), dw.toFloats(), 1e-6f);
    }
  }

  @Test
  void givesSeveralLinearLayersTheBitsOfOneAfterTheOther() {
    try (var p = Parameter.normal(Shape.of(6, 5), 1);
        var q = Parameter.normal(Shape.of(6, 5), 2);
        var frozen = Parameter.normal(Shape.of(6, 5), 3);
        var _ = Scope.open(Device.cpu())) {
      frozen.train(false);
      Tensor x = Tensor.normal(Shape.of(3, 40, 5), 4).withGradient();
      var gradients = new ArrayList<float[]>();
      for (boolean together : new boolean[] {true, false}) {
        List<Tensor> ys =
            together
                ? x.linearEach(List.of(p, q, frozen, p))
                : List.of(x.linear(p), x.linear(q), x.linear(frozen), x.linear(p));
        List<Tensor> three =
            together
                ? x.linearEach(List.of(p, q, frozen))
                : List.of(x.linear(p), x.linear(q), x.linear(frozen));
        Tensor used = three.get(0).multiply(three.get(2)).add(ys.get(1).multiply(ys.get(3)));
        used.square().sum().backward(); // no gradient arrives at the second of three
        for (Tensor each : List.of(x, p, q)) {
          gradients.add(each.gradient().toFloats());
          Op.slot(each).clear();
        }
      }
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(gradients.get(i), gradients.get(i + 3));
      }
      assertTrue(x.linearEach(List.of()).isEmpty());
      List<Tensor> ys = Tensor.ones(Shape.of(2, 5)).linearEach(List.of(frozen, p));
      assertFalse(ys.get(0).requiresGradient(), "nothing learns from it");
      assertTrue(ys.get(1).requiresGradient());
    }
  }

  @Test
  void givesAGatedLayerTheBitsOfItsProductsAndItsGate() {
    var mask = new DropoutMask(0.3f, 1, 2, 3, 4);
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      try (var p = Parameter.normal(Shape.of(70, 24), 1);
          var q = Parameter.normal(Shape.of(70, 24), 2);
          var _ = Scope.open(Device.cpu())) {
        for (int frozen = 0; frozen < 8; frozen++) {
          p.train((frozen & 1) == 0);
          q.train((frozen & 2) == 0);
          Tensor given = Tensor.normal(Shape.of(3, 40, 24), 4).cast(type);
          Tensor x = (frozen & 4) == 0 ? given.withGradient() : given;
          Parameter up = frozen == 0 ? q : frozen == 7 ? p : q;
          var found = new ArrayList<float[]>();
          for (boolean together : new boolean[] {true, false}) {
            List<Tensor> both = together ? List.of() : x.linearEach(List.of(p, up));
            Tensor y =
                together
                    ? x.gatedLinear(Unary.GELU_TANH, p, up, mask)
                    : both.get(0).gate(Unary.GELU_TANH, both.get(1), mask);
            assertEquals(frozen != 7, y.requiresGradient());
            found.add(y.toFloats());
            if (frozen != 7) {
              y.square().sum().backward();
            }
            for (Tensor each : List.of(x, p, q)) {
              found.add(each.hasGradient() ? each.gradient().toFloats() : new float[0]);
              if (each.hasGradient()) {
                Op.slot(each).clear();
              }
            }
          }
          for (int i = 0; i < 4; i++) {
            assertArrayEquals(found.get(i + 4), found.get(i), "result " + i + ", " + frozen);
          }
        }
      }
    }
  }

  /// One weight in both places has one gradient.
  @Test
  void gatesOneWeightWithItself() {
    try (var p = Parameter.normal(Shape.of(6, 5), 1);
        var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(Shape.of(3, 5), 4);
      x.gatedLinear(Unary.SILU, p, p, DropoutMask.NONE).sum().backward();
      float[] together = p.gradient().toFloats();
      Op.slot(p).clear();
      Tensor y = x.linear(p);
      y.gate(Unary.SILU, y).sum().backward();
      assertArrayEquals(p.gradient().toFloats(), together, 1e-5f);
    }
  }

  /// What nothing is learned of keeps neither product.
  @Test
  void aGatedLayerThatRecordsNothingHoldsItsResultAlone() {
    try (var p = Parameter.normal(Shape.of(64, 32), 1);
        var q = Parameter.normal(Shape.of(64, 32), 2);
        var _ = Scope.open(Device.cpu())) {
      p.train(false);
      q.train(false);
      Tensor x = Tensor.normal(Shape.of(100, 32), 4);
      var memory = x.backend().memory();
      long before = memory.bytesInUse();
      Tensor y = x.gatedLinear(Unary.SILU, p, q, DropoutMask.NONE);
      assertTrue(memory.bytesInUse() - before < 2 * 4 * y.elements());
    }
  }

  /// Bfloat16 is what tensors are kept in; the gradient of a parameter is float32.
  @Test
  void multipliesAndComparesInBfloat16() {
    try (var w = Parameter.normal(Shape.of(20, 8), 1);
        var _ = Scope.open(Device.cpu())) {
      Tensor labels = Tensor.ofInts(Shape.of(3), 4, -100, 19);
      Tensor x = Tensor.normal(Shape.of(3, 8), 2).cast(DType.BF16).withGradient();
      Tensor logits = x.linear(w);
      assertEquals(DType.BF16, logits.type());
      Tensor loss = logits.crossEntropy(labels);
      loss.backward();
      float[] dx = x.gradient().toFloats();
      float[] dw = w.gradient().toFloats();
      assertEquals(DType.BF16, x.gradient().type());
      Op.slot(x).clear();
      Op.slot(w).clear();
      Tensor joint = x.linearCrossEntropy(w, labels, CrossEntropyOptions.MEAN);
      joint.backward();
      assertEquals(loss.item(), joint.item());
      assertArrayEquals(dx, x.gradient().toFloats());
      assertArrayEquals(dw, w.gradient().toFloats(), 1e-6f);
      Tensor wide = x.cast(DType.F32).linear(w).crossEntropy(labels);
      assertEquals(wide.item(), loss.item(), 0.01f * wide.item());
    }
  }

  @Test
  void handsOverEachParameterWhenNothingReadsItAnyMoreAndHoldsNoOtherGradientThen() {
    try (var a = Parameter.normal(Shape.of(4, 4), 0.5, 1, Device.cpu());
        var b = Parameter.normal(Shape.of(4, 4), 0.5, 2, Device.cpu());
        var never = Parameter.normal(Shape.of(4, 4), 0.5, 3, Device.cpu())) {
      var plain = new ArrayList<float[]>();
      try (var _ = Scope.open(Device.cpu())) {
        sharing(a, b).backward();
        plain.add(a.gradient().toFloats());
        plain.add(b.gradient().toFloats());
      }
      List<Parameter> all = List.of(a, b, never);
      all.forEach(Parameter::zeroGradient);
      var order = new ArrayList<Parameter>();
      var handed = new ArrayList<float[]>();
      long before = MEMORY.bytesInUse();
      try (var _ = Scope.open(Device.cpu())) {
        sharing(a, b)
            .backward(
                all,
                whole -> {
                  order.add(whole);
                  handed.add(whole.gradient().toFloats());
                  assertEquals(whole == b, b.hasGradient());
                  whole.set(new float[16]); // nothing that is still to come reads it
                });
      }
      assertEquals(List.of(b, a), order);
      assertArrayEquals(plain.get(1), handed.get(0));
      assertArrayEquals(plain.get(0), handed.get(1));
      all.forEach(parameter -> assertFalse(parameter.hasGradient()));
      all.forEach(parameter -> assertEquals(0, parameter.gradientBytes()));
      assertTrue(MEMORY.bytesInUse() <= before);
    }
  }

  /// Reads a first and last, and b in between.
  private static Tensor sharing(Parameter a, Parameter b) {
    Tensor x = Tensor.normal(Shape.of(3, 4), 5);
    return x.linear(a).tanh().linear(b).tanh().linear(a).sum();
  }

  @Test
  void whatAFailedHandingOverLeavesIsFreed() {
    try (var a = Parameter.normal(Shape.of(4, 4), 0.5, 1, Device.cpu());
        var b = Parameter.normal(Shape.of(4, 4), 0.5, 2, Device.cpu());
        var _ = Scope.open(Device.cpu())) {
      Tensor loss = sharing(a, b);
      assertThrows(
          ArithmeticException.class,
          () ->
              loss.backward(
                  List.of(a, b),
                  _ -> {
                    throw new ArithmeticException("no");
                  }));
      assertFalse(a.hasGradient());
      assertEquals(0, a.gradientBytes() + b.gradientBytes());
    }
  }

  @Test
  void aGradientThatPassesTakesMemoryWhenItComesAndTheHeadsWithoutACopy() {
    try (var w = Parameter.normal(Shape.of(3000, 64), 1)) {
      w.passingGradient(true);
      long before = MEMORY.bytesInUse();
      float[] first = head(w);
      w.zeroGradient();
      assertEquals(0, w.gradientBytes());
      assertEquals(before, MEMORY.bytesInUse());
      MEMORY.resetPeak();
      head(w);
      long passing = MEMORY.peakBytes() - before;
      w.passingGradient(false);
      w.zeroGradient();
      assertEquals(0, w.gradientBytes());
      MEMORY.resetPeak();
      assertArrayEquals(first, head(w));
      assertTrue(MEMORY.peakBytes() - before >= passing + 3 * w.elements());
      w.zeroGradient();
      assertEquals(4 * w.elements(), w.gradientBytes());
    }
  }

  private static float[] head(Parameter w) {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor x = Tensor.normal(Shape.of(3, 64), 2);
      Scope.local(() ->
              x.linearCrossEntropy(
                  w, Tensor.ofInts(Shape.of(3), 4, -100, 19), CrossEntropyOptions.MEAN))
          .backward();
      return w.gradient().toFloats();
    }
  }
}
