package dev.quintet.core.op;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.nn.Loss;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every operation's way back against central differences of its way there.
@Tag("cpu-variants")
class OperationGradientTest {

  private static float positive(float x) {
    return Math.abs(x) + 0.5f;
  }

  /// Away from the kinks of |x|, ReLU and clamps at 0 and 1.
  private static float apart(float x) {
    return x + (x > 0 ? 0.1f : -0.1f);
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void functionsOfOneArgument(Unary function) {
    boolean needsPositive =
        switch (function) {
          case LOG, SQRT, RSQRT, POWER, RECIPROCAL -> true;
          default -> false;
        };
    float parameter = function == Unary.POWER ? 1.7f : 0;
    GradientCheck.of(1, in -> in.getFirst().unary(function, parameter))
        .input(x -> needsPositive ? positive(x) : apart(x), 3, 37)
        .run();
  }

  @Test
  void sumsAndDifferencesWithBroadcasting() {
    GradientCheck.of(2, in -> in.get(0).add(in.get(1)).subtract(in.get(2)))
        .input(4, 1, 5)
        .input(3, 5)
        .input(4, 3, 1)
        .run();
  }

  @Test
  void productsWithBroadcasting() {
    GradientCheck.of(3, in -> in.get(0).multiply(in.get(1))).input(2, 3, 7).input(7).run();
    GradientCheck.of(4, in -> in.get(0).multiply(in.get(1))).input(2, 3, 7).input(2, 1, 1).run();
  }

  @Test
  void quotients() {
    GradientCheck.of(5, in -> in.get(0).divide(in.get(1)))
        .input(3, 4)
        .input(OperationGradientTest::positive, 3, 1)
        .run();
  }

  @Test
  void largerAndSmallerOfTwo() {
    GradientCheck.of(6, in -> in.get(0).maximum(in.get(1))).input(5, 6).input(5, 6).run();
    GradientCheck.of(7, in -> in.get(0).minimum(in.get(1))).input(5, 6).input(6).run();
  }

  @Test
  void oneTensorUsedTwice() {
    GradientCheck.of(8, in -> in.getFirst().multiply(in.getFirst()).add(in.getFirst()))
        .input(4, 5)
        .run();
  }

  @Test
  void choices() {
    GradientCheck.of(
            9,
            in -> {
              Tensor condition =
                  Tensor.uniform(Shape.of(4, 5), 3)
                      .compare(Comparison.LESS, Tensor.full(Shape.scalar(), 0.5f));
              return condition.where(in.get(0), in.get(1));
            })
        .input(4, 5)
        .input(5)
        .run();
  }

  @Test
  void sumsAlongEachAxis() {
    for (int axis = 0; axis < 3; axis++) {
      int a = axis;
      GradientCheck.of(10 + a, in -> in.getFirst().sum(a, false).square()).input(3, 4, 5).run();
      GradientCheck.of(20 + a, in -> in.getFirst().mean(a, true).square()).input(3, 4, 5).run();
    }
  }

  @Test
  void extremesAlongAnAxis() {
    GradientCheck.of(30, in -> in.getFirst().max(1, false)).distinctInput(3, 9, 2).run();
    GradientCheck.of(31, in -> in.getFirst().min(-1, true)).distinctInput(3, 9).run();
  }

  @Test
  void runningSums() {
    GradientCheck.of(32, in -> in.getFirst().cumulativeSum(1)).input(3, 6, 4).run();
  }

  @Test
  void largestElements() {
    GradientCheck.of(33, in -> in.getFirst().topK(3).values()).distinctInput(4, 11).run();
  }

  @Test
  void powers() {
    GradientCheck.of(70, in -> in.get(0).power(in.get(1)))
        .input(OperationGradientTest::positive, 3, 4)
        .input(3, 1)
        .run();
    GradientCheck.of(71, in -> in.getFirst().power(Tensor.of(Shape.of(3), 1, 2, 3)))
        .input(4, 3)
        .run();
  }

  @Test
  void productsAlongAnAxisWithZerosToo() {
    GradientCheck.of(72, in -> in.getFirst().prod(1, false)).input(3, 7, 2).run();
    GradientCheck.of(73, in -> in.getFirst().prod(-1, true))
        .input(x -> x > 0.5f ? 0 : x, 4, 5)
        .run();
    GradientCheck.of(74, in -> in.getFirst().prod()).input(2, 3).run();
  }

  @Test
  void variancesAndDeviations() {
    GradientCheck.of(75, in -> in.getFirst().var(1, false)).input(3, 7, 2).run();
    GradientCheck.of(76, in -> in.getFirst().std(-1, true)).input(4, 5).run();
    GradientCheck.of(77, in -> in.getFirst().var().add(in.getFirst().std())).input(2, 6).run();
  }

  @Test
  void extremesOfAll() {
    GradientCheck.of(78, in -> in.getFirst().max().multiply(2).add(in.getFirst().min()))
        .distinctInput(3, 9)
        .run();
  }

  @Test
  void parts() {
    GradientCheck.of(79, in -> in.getFirst().get(2, -1).square()).input(4, 3, 5).run();
    GradientCheck.of(80, in -> in.getFirst().select(1, -2).square()).input(4, 3, 5).run();
    GradientCheck.of(81, in -> in.getFirst().slice(1, -3, -1).square()).input(4, 6, 2).run();
    GradientCheck.of(82, in -> in.getFirst().slice(1, 1, 8, 3).square()).input(3, 8, 2).run();
    GradientCheck.of(83, in -> in.getFirst().flip(0).multiply(in.getFirst())).input(5, 3).run();
    GradientCheck.of(
            84, in -> in.getFirst().indexSelect(1, Tensor.ofInts(Shape.of(4), 2, 0, 2, 1)).square())
        .input(3, 3, 2)
        .run();
  }

  @Test
  void shapesWithMoreAndFewerAxes() {
    GradientCheck.of(85, in -> in.getFirst().unsqueeze(1).add(in.getFirst().squeeze()).square())
        .input(3, 1)
        .run();
    GradientCheck.of(86, in -> in.getFirst().tile(2, 1, 3).square()).input(2, 3).run();
    GradientCheck.of(87, in -> Tensor.stack(-1, List.of(in.get(0), in.get(1))).square())
        .input(2, 3)
        .input(2, 3)
        .run();
  }

  @Test
  void matrixProducts() {
    GradientCheck.of(34, in -> in.get(0).matmul(in.get(1))).input(5, 7).input(7, 6).run();
    GradientCheck.of(35, in -> in.get(0).matmul(in.get(1))).input(3, 5, 7).input(3, 7, 2).run();
    GradientCheck.of(36, in -> in.get(0).matmul(in.get(1))).input(3, 5, 7).input(7, 2).run();
    GradientCheck.of(37, in -> in.get(0).matmul(in.get(1))).input(2, 1, 5, 7).input(3, 7, 2).run();
  }

  @Test
  void matrixProductsWithATransposedOperand() {
    GradientCheck.of(38, in -> in.get(0).matmulTransposed(in.get(1)))
        .input(3, 5, 7)
        .input(3, 4, 7)
        .run();
    GradientCheck.of(39, in -> in.get(0).matmulTransposed(in.get(1)))
        .input(1, 5, 7)
        .input(3, 4, 7)
        .run();
  }

  @Test
  void linearLayers() {
    GradientCheck.of(40, in -> in.get(0).linear(in.get(1))).input(2, 9, 6).input(5, 6).run();
    GradientCheck.of(
            41,
            in -> {
              List<Tensor> ys = in.getFirst().linearEach(in.subList(1, 4));
              return ys.get(0).multiply(ys.get(1)).add(ys.get(2));
            })
        .input(2, 9, 6)
        .input(5, 6)
        .input(5, 6)
        .input(5, 6)
        .run();
  }

  @Test
  void reshapesAndPermutations() {
    GradientCheck.of(41, in -> in.getFirst().reshape(4, -1).square().transpose(0, 1))
        .input(2, 6, 5)
        .run();
    GradientCheck.of(42, in -> in.getFirst().permute(2, 0, 3, 1).square()).input(2, 3, 4, 5).run();
  }

  @Test
  void slicesSplitsAndJoins() {
    GradientCheck.of(43, in -> in.getFirst().slice(0, 1, 3).square()).input(4, 5).run();
    GradientCheck.of(44, in -> in.getFirst().slice(1, 2, 5).square()).input(4, 6, 2).run();
    GradientCheck.of(
            45,
            in -> {
              List<Tensor> parts = in.getFirst().split(1, 2, 4);
              return Tensor.concat(1, List.of(parts.get(1), parts.get(0), in.get(1)));
            })
        .input(3, 6)
        .input(3, 2)
        .run();
  }

  @Test
  void stretches() {
    GradientCheck.of(46, in -> in.getFirst().broadcastTo(Shape.of(4, 3, 5)).square())
        .input(3, 1)
        .run();
  }

  @Test
  void rowsOfATable() {
    GradientCheck.of(47, in -> in.getFirst().rows(Tensor.ofInts(Shape.of(2, 3), 1, 4, 1, 0, 1, 5)))
        .input(6, 7)
        .run();
  }

  @Test
  void gathersAndScatters() {
    GradientCheck.of(
            48,
            in ->
                in.getFirst()
                    .gather(
                        1, Tensor.ofInts(Shape.of(2, 3, 2), 0, 3, 1, 1, 0, 0, 2, 2, 3, 1, 0, 2)))
        .input(2, 4, 2)
        .run();
    GradientCheck.of(
            49,
            in ->
                in.get(0)
                    .scatterAdd(-1, Tensor.ofInts(Shape.of(2, 3), 4, 0, 4, 1, 2, 1), in.get(1)))
        .input(2, 5)
        .input(2, 3)
        .run();
  }

  @Test
  void softmaxAndItsLogarithm() {
    GradientCheck.of(50, in -> in.getFirst().softmax()).input(5, 19).run();
    GradientCheck.of(51, in -> in.getFirst().logSoftmax()).input(5, 19).run();
  }

  @Test
  void norms() {
    GradientCheck.of(52, in -> in.get(0).rmsNorm(in.get(1), 1e-6f)).input(3, 4, 21).input(21).run();
    GradientCheck.of(53, in -> in.get(0).layerNorm(in.get(1), in.get(2), 1e-5f))
        .input(6, 21)
        .input(21)
        .input(21)
        .run();
  }

  @Test
  void gates() {
    var mask = new DropoutMask(0.3f, 5, 6, 7, 8);
    for (Unary gate : List.of(Unary.RELU, Unary.SILU, Unary.GELU_TANH, Unary.GELU_ERF)) {
      GradientCheck.of(61, in -> in.get(0).gate(gate, in.get(1), mask))
          .input(OperationGradientTest::apart, 3, 25)
          .input(3, 25)
          .run();
      GradientCheck.of(54, in -> in.get(0).gate(gate, in.get(1)))
          .input(OperationGradientTest::apart, 3, 25)
          .input(3, 25)
          .run();
      GradientCheck.of(62, in -> in.get(0).gatedLinear(gate, in.get(1), in.get(2), mask))
          .input(OperationGradientTest::apart, 3, 4, 5)
          .input(7, 5)
          .input(7, 5)
          .run();
    }
  }

  @Test
  void dropoutAndResiduals() {
    var mask = new DropoutMask(0.3f, 5, 6, 7, 8);
    GradientCheck.of(55, in -> in.getFirst().dropout(mask)).input(3, 4, 30).run();
    GradientCheck.of(56, in -> in.get(0).residual(in.get(1), mask))
        .input(3, 4, 30)
        .input(3, 4, 30)
        .run();
    GradientCheck.of(57, in -> in.get(0).residual(in.get(1), DropoutMask.NONE).square())
        .input(3, 8)
        .input(3, 8)
        .run();
    for (var m : List.of(mask, DropoutMask.NONE)) {
      GradientCheck.of(
              60, in -> Tensor.concat(0, in.get(0).residualNorm(in.get(1), m, in.get(2), 1e-6f)))
          .input(3, 4, 30)
          .input(3, 4, 30)
          .input(30)
          .run();
    }
  }

  @Test
  void attentionWithARelativeBias() {
    GradientCheck.of(
            58,
            in ->
                in.get(0)
                    .attention(
                        in.get(1),
                        in.get(2),
                        AttentionOptions.PLAIN
                            .withBias(in.get(3))
                            .withMask(Tensor.ofInts(Shape.of(2, 5), 1, 1, 1, 1, 1, 1, 1, 1, 0, 0))))
        .input(2, 4, 3, 6)
        .input(2, 5, 3, 6)
        .input(2, 5, 3, 6)
        .input(3, 7)
        .run();
  }

  @Test
  void causalAttentionWithAFullBiasScaleAndDropout() {
    GradientCheck.of(
            59,
            in ->
                in.get(0)
                    .attention(
                        in.get(1),
                        in.get(2),
                        AttentionOptions.PLAIN
                            .withBias(in.get(3))
                            .withCausal()
                            .withScale(0.5f)
                            .withDropout(new DropoutMask(0.2f, 1, 2, 3, 4))))
        .input(2, 5, 3, 6)
        .input(2, 5, 3, 6)
        .input(2, 5, 3, 6)
        .input(1, 3, 5, 5)
        .run();
  }

  @Test
  void attentionToTheFirstKeysToSegmentsAndToRowsWithoutPadding() {
    for (int kind = 0; kind < 3; kind++) {
      int form = kind;
      var check =
          GradientCheck.of(
              62 + kind,
              in -> {
                Tensor four = Tensor.ofInts(Shape.of(2, 4), 1, 1, 2, 2, 3, 3, 3, 4);
                Tensor five = Tensor.ofInts(Shape.of(2, 5), 1, 2, 2, 2, 4, 3, 3, 0, 4, 4);
                Seen seen =
                    switch (form) {
                      case 0 -> new Seen.Lengths(Tensor.ofInts(Shape.of(2), 3, 5));
                      case 1 -> new Seen.Segments(four, five);
                      default ->
                          new Seen.Starts(
                              Tensor.ofInts(Shape.of(3), 0, 3, 8),
                              Tensor.ofInts(Shape.of(3), 0, 6, 10));
                    };
                var options = AttentionOptions.PLAIN.withSeen(seen).withBias(in.get(3));
                return in.get(0).attention(in.get(1), in.get(2), options);
              });
      if (form < 2) {
        check.input(2, 4, 3, 6).input(2, 5, 3, 6).input(2, 5, 3, 6);
      } else {
        check.input(8, 3, 6).input(10, 3, 6).input(10, 3, 6);
      }
      check.input(3, 5).run();
    }
  }

  @Test
  void crossEntropies() {
    GradientCheck.of(60, in -> in.getFirst().crossEntropy(labels())).input(2, 3, 11).run();
    GradientCheck.of(
            61,
            in ->
                in.getFirst()
                    .crossEntropy(
                        labels(), CrossEntropyOptions.MEAN.withSmoothing(0.1f).withNormalizer(7)))
        .input(2, 3, 11)
        .run();
    var options = CrossEntropyOptions.MEAN.withZLoss(0.05f);
    GradientCheck.of(62, in -> in.getFirst().crossEntropy(labels(), options)).input(2, 3, 11).run();
    GradientCheck.of(63, in -> in.get(0).linearCrossEntropy(in.get(1), labels(), options))
        .input(2, 3, 6)
        .input(11, 6)
        .run();
  }

  @Test
  void otherLosses() {
    GradientCheck.of(88, in -> Loss.mse(in.get(0), in.get(1))).input(3, 4).input(3, 4).run();
    GradientCheck.of(89, in -> Loss.l1(in.get(0), in.get(1)))
        .input(OperationGradientTest::apart, 3, 4)
        .input(x -> 0f, 3, 4)
        .run();
    GradientCheck.of(90, in -> Loss.huber(in.get(0), in.get(1), 0.7f))
        .input(5, 4)
        .input(5, 4)
        .run();
    GradientCheck.of(91, in -> Loss.binaryCrossEntropyWithLogits(in.get(0), in.get(1).sigmoid()))
        .input(3, 4)
        .input(3, 4)
        .run();
    GradientCheck.of(92, in -> Loss.klDivergence(in.get(0).logSoftmax(), in.get(1).softmax()))
        .input(3, 4)
        .input(3, 4)
        .run();
  }

  private static Tensor labels() {
    return Tensor.ofInts(Shape.of(2, 3), 4, -100, 0, 10, 3, -100);
  }
}
