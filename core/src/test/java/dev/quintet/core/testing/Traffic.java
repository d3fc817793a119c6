package dev.quintet.core.testing;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.function.ToLongFunction;

/// The bytes that a device moves at least for a call: each operand once. Small operands, such as statistics of rows,
/// are left out.
///
/// A method that is not here, or takes other arguments than it did, is [#UNKNOWN]; so is one of Java's that a new call
/// record made another's.
final class Traffic {
  /// A call whose bytes nobody has told yet.
  static final Of UNKNOWN = new Of(1, 0);

  private static final Map<String, ToLongFunction<Call>> BYTES =
      Map.ofEntries(
          Map.entry("MatmulKernels.multiply", a -> product(a.of(0, Product.class))),
          Map.entry("ElementwiseKernels.unary", a -> 8 * a.n(4)),
          Map.entry("ElementwiseKernels.unaryBackward", a -> 4 * a.n(7) * (a.yes(6) ? 5 : 4)),
          Map.entry("ElementwiseKernels.binary", a -> 12 * a.of(1, Broadcast.class).elements()),
          Map.entry("ElementwiseKernels.binaryInts", a -> 12 * a.of(1, Broadcast.class).elements()),
          Map.entry("ElementwiseKernels.compare", a -> 9 * a.of(2, Broadcast.class).elements()),
          Map.entry("ElementwiseKernels.select", a -> 13 * a.n(4)),
          Map.entry("ElementwiseKernels.addScaled", a -> 12 * a.n(3)),
          Map.entry(
              "LayoutKernels.copy",
              a ->
                  2
                      * a.n(1)
                      * Arrays.stream(a.of(0, StridedCopy.class).sizes())
                          .asLongStream()
                          .reduce(1, (x, y) -> x * y)),
          Map.entry("LayoutKernels.fill", a -> 4 * a.n(2)),
          Map.entry(
              "LayoutKernels.cast",
              a -> a.n(4) * (a.of(0, DType.class).bytes() + a.of(1, DType.class).bytes())),
          Map.entry("LayoutKernels.gather", a -> 8 * elements(a.of(0, Gather.class))),
          Map.entry("LayoutKernels.scatterAdd", a -> 12 * elements(a.of(0, Gather.class))),
          Map.entry("ReductionKernels.reduce", a -> 4 * a.n(1) * a.n(2) * a.n(3)),
          Map.entry("ReductionKernels.reduceInts", a -> 4 * a.n(1) * a.n(2) * a.n(3)),
          Map.entry("ReductionKernels.argMax", a -> 4 * a.n(0) * a.n(1)),
          Map.entry("ReductionKernels.topK", a -> 4 * a.n(0) * a.n(1)),
          Map.entry("ReductionKernels.cumulativeSum", a -> 8 * a.n(0) * a.n(1) * a.n(2)),
          Map.entry("SoftmaxKernels.softmax", a -> 8 * a.n(0) * a.n(1)),
          Map.entry("SoftmaxKernels.logSoftmax", a -> 8 * a.n(0) * a.n(1)),
          Map.entry(
              "SoftmaxKernels.softmaxBackward", a -> 4 * a.n(0) * a.n(1) * (a.yes(5) ? 4 : 3)),
          Map.entry(
              "SoftmaxKernels.logSoftmaxBackward", a -> 4 * a.n(0) * a.n(1) * (a.yes(5) ? 4 : 3)),
          Map.entry("NormKernels.rmsNorm", a -> 8 * a.n(0) * a.n(1)),
          Map.entry("NormKernels.rmsNormBackward", a -> 4 * a.n(0) * a.n(1) * (a.yes(7) ? 4 : 3)),
          Map.entry("NormKernels.layerNorm", a -> 8 * a.n(0) * a.n(1)),
          Map.entry("NormKernels.layerNormBackward", a -> 4 * a.n(0) * a.n(1) * (a.yes(8) ? 4 : 3)),
          Map.entry("GateKernels.gated", a -> 12 * a.n(4)),
          Map.entry("GateKernels.gatedBackward", a -> 20 * a.n(8)),
          Map.entry("AttentionKernels.attention", a -> 2 * operands(a.of(0, AttentionCall.class))),
          Map.entry(
              "AttentionKernels.attentionBackward",
              a -> 4 * operands(a.of(0, AttentionCall.class))),
          Map.entry("LossKernels.crossEntropy", a -> 4 * a.n(0) * a.n(1)),
          Map.entry("LossKernels.crossEntropyBackward", a -> 8 * a.n(0) * a.n(1)),
          Map.entry("DropoutKernels.dropout", a -> 4 * a.n(1) * a.n(2) * (a.yes(5) ? 3 : 2)),
          Map.entry("DropoutKernels.residual", a -> 12 * a.n(1) * a.n(2)),
          Map.entry("OptimizerKernels.adamW", a -> updated(28, a.of(2, Spans.class))),
          Map.entry("OptimizerKernels.adafactor", a -> updated(16, a.of(2, Spans.class))),
          Map.entry(
              "OptimizerKernels.sumOfSquares",
              a ->
                  a.of(0, Spans.class).rows().stream()
                      .mapToLong(s -> 4 * s.axes().elements())
                      .sum()),
          Map.entry("OptimizerKernels.addLoss", a -> 16),
          Map.entry("OptimizerKernels.clip", a -> 32));

  private Traffic() {}

  /// What one call costs.
  ///
  /// @param commands how many commands a device makes of it
  /// @param bytes moved
  record Of(long commands, long bytes) {}

  /// What a call of `Family.method` costs.
  static Of of(String call, Object[] arguments) {
    ToLongFunction<Call> bytes = BYTES.get(call);
    try {
      return bytes == null ? UNKNOWN : new Of(1, bytes.applyAsLong(new Call(arguments)));
    } catch (ClassCastException | ArrayIndexOutOfBoundsException e) {
      return UNKNOWN;
    }
  }

  private static long product(Product p) {
    long c = (long) p.m() * p.n() * (p.accumulate() ? 2 : 1);
    return 4 * Math.max(1, p.batch()) * ((long) p.m() * p.k() + (long) p.k() * p.n() + c);
  }

  private static long elements(Gather g) {
    return g.outer() * g.count() * g.inner();
  }

  /// Bytes of queries and keys.
  private static long operands(AttentionCall c) {
    return c.type().bytes(c.queryElements() + c.keyElements());
  }

  /// Bytes of a table's update, of which a bfloat16 parameter is written besides.
  private static long updated(long each, Spans spans) {
    return spans.rows().stream()
        .mapToLong(span -> span.axes().elements() * (each + (span.type() == DType.BF16 ? 2 : 0)))
        .sum();
  }

  private record Call(Object[] arguments) {
    long n(int i) {
      return ((Number) arguments[i]).longValue();
    }

    boolean yes(int i) {
      return (Boolean) arguments[i];
    }

    <T> T of(int i, Class<T> type) {
      return type.cast(arguments[i]);
    }
  }
}
