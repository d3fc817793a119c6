package dev.quintet.core.backend;

import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.Shape;
import java.util.stream.IntStream;

/// Attention, composed of products, softmax, copies and element by element functions of the same
/// backend: one row of the batch after the other, all heads at once, with scores `[H, T, S]` in memory.
public interface ComposedAttention extends AttentionKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  @Override
  default void attention(AttentionCall call, long q, long k, long v, long out, long logSumExp) {
    int rows = call.heads() * call.queries();
    for (int b = 0; b < call.batch(); b++) {
      try (Borrowed borrowed = new Borrowed(backend())) {
        long p = borrowed.floats((long) rows * call.keys());
        scores(borrowed, call, b, q, k, p);
        borrowed.logSumExp(rows, call.keys(), p, logSumExp + 4L * b * rows);
        backend().softmax().softmax(rows, call.keys(), p, p);
        drop(call, b, p);
        backend()
            .matmul()
            .multiply(byKeys(call, false), p, v + keyOffset(call, b), out + queryOffset(call, b));
      }
    }
  }

  @Override
  default void attentionBackward(
      AttentionCall call,
      long q,
      long k,
      long v,
      long out,
      long logSumExp,
      long dOut,
      long dq,
      long dk,
      long dv,
      long dBias) {
    int rows = call.heads() * call.queries();
    long count = (long) rows * call.keys();
    MatmulKernels matmul = backend().matmul();
    for (int b = 0; b < call.batch(); b++) {
      long inQ = queryOffset(call, b);
      long inK = keyOffset(call, b);
      long inGradient = 4L * b * call.keys() * call.heads() * call.width();
      try (Borrowed borrowed = new Borrowed(backend())) {
        long p = borrowed.floats(count);
        long dropped = borrowed.floats(count);
        long ds = borrowed.floats(count);
        scores(borrowed, call, b, q, k, p);
        backend().softmax().softmax(rows, call.keys(), p, p);
        backend().memory().copy(p, dropped, 4 * count);
        drop(call, b, dropped);
        matmul.multiply(byKeys(call, true), dropped, dOut + inQ, dv + inGradient);
        matmul.multiply(byWidth(call), dOut + inQ, v + inK, ds);
        drop(call, b, ds);
        backend().softmax().softmaxBackward(rows, call.keys(), p, ds, ds, false);
        hide(borrowed, call, b, ds, 0);
        if (dBias != 0) {
          addToBias(borrowed, call, b, ds, dBias);
        }
        backend().elementwise().unary(Unary.MULTIPLY_SCALAR, call.scale(), ds, ds, count);
        matmul.multiply(byKeys(call, false), ds, k + inK, dq + inQ);
        matmul.multiply(byKeys(call, true), ds, q + inQ, dk + inGradient);
      }
    }
  }

  /// The scores `[H, T, S]` of one row of the batch, masks applied.
  private void scores(Borrowed borrowed, AttentionCall call, int b, long q, long k, long scores) {
    long count = (long) call.heads() * call.queries() * call.keys();
    backend()
        .matmul()
        .multiply(byWidth(call), q + queryOffset(call, b), k + keyOffset(call, b), scores);
    backend().elementwise().unary(Unary.MULTIPLY_SCALAR, call.scale(), scores, scores, count);
    if (call.bias().present()) {
      int heads = call.bias().headStride() == 0 ? 1 : call.heads();
      int square = Math.multiplyExact(call.queries(), call.keys());
      long bias = call.bias().address() + 4 * b * call.bias().batchStride();
      if (call.bias().relative()) {
        long table = bias;
        bias = borrowed.floats(count);
        backend().layout().gather(places(call, square), table, distances(borrowed, call), bias);
      }
      Broadcast added = Broadcast.of(Shape.of(call.heads(), square), Shape.of(heads, square));
      backend().elementwise().binary(Binary.ADD, added, scores, bias, scores);
    }
    hide(borrowed, call, b, scores, -Float.MAX_VALUE);
  }

  /// Where pairs of a query and a key find their distance in a table of biases, int32 `[T, S]`.
  private static long distances(Borrowed borrowed, AttentionCall call) {
    int reach = call.bias().reach();
    int offset = call.masks().queryOffset();
    return borrowed.ints(
        IntStream.range(0, call.queries() * call.keys())
            .map(e -> e % call.keys() - e / call.keys())
            .map(distance -> reach + Math.clamp((long) distance - offset, -reach, reach))
            .toArray());
  }

  private static Gather places(AttentionCall call, int count) {
    return new Gather(call.heads(), 2 * call.bias().reach() + 1, count, 1, true, false);
  }

  /// Replaces elements of `[H, T, S]` that the masks hide.
  private void hide(Borrowed borrowed, AttentionCall call, int b, long x, float by) {
    if (call.masks().causal()) {
      long keys = borrowed.ints(IntStream.range(0, call.keys()).toArray());
      long last =
          borrowed.ints(
              IntStream.range(0, call.queries())
                  .map(i -> i + call.masks().queryOffset())
                  .toArray());
      long seen = borrowed.bytes((long) call.queries() * call.keys());
      Broadcast pairs = Broadcast.of(Shape.of(1, call.keys()), Shape.of(call.queries(), 1));
      backend().elementwise().compare(Comparison.LESS_OR_EQUAL, true, pairs, keys, last, seen);
      keep(borrowed, call, seen, call.keys(), x, by);
    }
    if (call.masks().keys() != 0) {
      long seen = borrowed.bytes(call.keys());
      Broadcast one = Broadcast.of(Shape.of(call.keys()), Shape.of(1));
      long row = call.masks().keys() + 4L * b * call.keys();
      backend().elementwise().compare(Comparison.NOT_EQUAL, true, one, row, borrowed.ints(0), seen);
      keep(borrowed, call, seen, 0, x, by);
    }
  }

  /// Keeps elements of `[H, T, S]` where a mask `[T, S]` is 1, or `[S]` when its rows are 0 apart.
  private void keep(
      Borrowed borrowed, AttentionCall call, long seen, long rowStride, long x, float by) {
    int[] sizes = {call.heads(), call.queries(), call.keys()};
    long square = (long) call.queries() * call.keys();
    long count = call.heads() * square;
    long all = borrowed.bytes(count);
    long kept = borrowed.floats(count);
    backend()
        .layout()
        .copy(
            new StridedCopy(
                sizes, new long[] {0, rowStride, 1}, new long[] {square, call.keys(), 1}),
            1,
            seen,
            all);
    backend().elementwise().select(all, x, borrowed.filled(by, count), kept, count);
    backend().memory().copy(kept, x, 4 * count);
  }

  /// Drops probabilities `[H, T, S]` of one row of the batch.
  private void drop(AttentionCall call, int b, long p) {
    for (int h = 0; call.dropout().active() && h < call.heads(); h++) {
      for (int i = 0; i < call.queries(); i++) {
        long row = p + 4L * (h * call.queries() + i) * call.keys();
        backend().dropout().dropout(call.dropout(h, i).fromRow(b), 1, call.keys(), row, row, false);
      }
    }
  }

  /// Adds dS `[H, T, S]` of one row of the batch to the bias's gradient.
  private void addToBias(Borrowed borrowed, AttentionCall call, int b, long ds, long dBias) {
    int square = call.queries() * call.keys();
    if (call.bias().relative()) {
      long places = distances(borrowed, call);
      backend().layout().scatterAdd(places(call, square), ds, places, dBias);
      return;
    }
    int heads = call.bias().headStride() == 0 ? 1 : call.heads();
    long summand = ds;
    if (heads < call.heads()) {
      summand = borrowed.floats(square);
      backend().reduction().reduce(Reduction.SUM, 1, call.heads(), square, ds, summand);
    }
    long target = dBias + 4 * b * call.bias().batchStride();
    backend().elementwise().addScaled(1, summand, target, (long) heads * square);
  }

  /// `[T, K]` times `[S, K]` transposed, for all heads: scores.
  private static Product byWidth(AttentionCall call) {
    int apart = call.heads() * call.width();
    return Product.nt(call.queries(), call.keys(), call.width())
        .withRows(apart, apart, call.keys())
        .withBatch(call.heads(), call.width(), call.width(), (long) call.queries() * call.keys());
  }

  /// `[T, S]` times `[S, K]`, or `[T, S]` transposed times `[T, K]`, for all heads.
  private static Product byKeys(AttentionCall call, boolean transposed) {
    int apart = call.heads() * call.width();
    Product one =
        transposed
            ? Product.tn(call.keys(), call.width(), call.queries())
            : Product.nn(call.queries(), call.width(), call.keys());
    return one.withRows(call.keys(), apart, apart)
        .withBatch(call.heads(), (long) call.queries() * call.keys(), call.width(), call.width());
  }

  private static long queryOffset(AttentionCall call, int b) {
    return 4L * b * call.queries() * call.heads() * call.width();
  }

  private static long keyOffset(AttentionCall call, int b) {
    return 4L * b * call.sizes().keyBatchStride();
  }
}
