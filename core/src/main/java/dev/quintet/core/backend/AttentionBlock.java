package dev.quintet.core.backend;

import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.ElementwiseKernels.Binary;
import dev.quintet.core.backend.ElementwiseKernels.Comparison;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.ReductionKernels.Reduction;
import dev.quintet.core.shape.Shape;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Some heads of one row of the batch in a [ComposedAttention]: H here is their number.
final class AttentionBlock {
  /// The most scores of a block.
  private static final long SCORES = 1 << 22;

  private final Backend backend;
  private final Borrowed borrowed;
  private final AttentionCall call;
  private final int row;
  private final int first;
  private final int heads;
  private final int square;
  private final long count;

  private AttentionBlock(
      Backend backend, Borrowed borrowed, AttentionCall call, int row, int first, int heads) {
    this.backend = backend;
    this.borrowed = borrowed;
    this.call = call;
    this.row = row;
    this.first = first;
    this.heads = heads;
    this.square = Math.multiplyExact(call.queries(), call.keys());
    this.count = (long) heads * square;
  }

  /// Goes through all blocks of a call.
  static void each(Backend backend, AttentionCall call, Consumer<AttentionBlock> body) {
    long square = Math.max(1, (long) call.queries() * call.keys());
    int most = (int) Math.clamp(SCORES / square, 1, call.heads());
    for (int b = 0; b < call.batch(); b++) {
      for (int h = 0; h < call.heads(); h += most) {
        try (var borrowed = new Borrowed(backend)) {
          int heads = Math.min(most, call.heads() - h);
          body.accept(new AttentionBlock(backend, borrowed, call, b, h, heads));
        }
      }
    }
  }

  void forward(Inputs in, Results to) {
    long p = borrowed.floats(count);
    long rows = (long) heads * call.queries();
    long largest = borrowed.floats(rows);
    long logSumExp = to.logSumExp() + 4 * ((long) row * call.heads() + first) * call.queries();
    scores(in, p);
    // the largest score is the log-sum-exp and the logarithm of its probability
    backend.reduction().reduce(Reduction.MAX, rows, call.keys(), 1, p, logSumExp);
    backend.softmax().softmax(rows, call.keys(), p, p);
    backend.reduction().reduce(Reduction.MAX, rows, call.keys(), 1, p, largest);
    backend.elementwise().unary(Unary.LOG, 0, largest, largest, rows);
    backend.elementwise().addScaled(-1, largest, logSumExp, rows);
    drop(p);
    backend.matmul().multiply(byKeys(false), p, keys(in.v()), queries(to.out()));
  }

  void backward(Inputs in, long dOut, Gradients gradients) {
    MatmulKernels matmul = backend.matmul();
    long dk = gradients.k().address() + contiguous();
    long dv = gradients.v().address() + contiguous();
    long rows = (long) heads * call.queries();
    long p = borrowed.floats(count);
    long dropped = call.dropout().active() ? borrowed.floats(count) : p;
    long ds = borrowed.floats(count);
    scores(in, p);
    backend.softmax().softmax(rows, call.keys(), p, p);
    if (dropped != p) {
      backend.memory().copy(p, dropped, 4 * count);
      drop(dropped);
    }
    matmul.multiply(byKeys(true), dropped, queries(dOut), dv);
    matmul.multiply(byWidth(), queries(dOut), keys(in.v()), ds);
    drop(ds);
    backend.softmax().softmaxBackward(rows, call.keys(), p, ds, ds, false);
    hide(ds, 0);
    if (gradients.bias().wanted()) {
      addToBias(ds, gradients.bias().address());
    }
    scale(ds, ds, count);
    matmul.multiply(byKeys(false), ds, keys(in.k()), queries(gradients.q().address()));
    matmul.multiply(byKeys(true), ds, queries(in.q()), dk);
  }

  /// The scores `[H, T, S]`, masks applied.
  private void scores(Inputs in, long scores) {
    long q = queries(in.q());
    if (call.scale() != 1) {
      long elements = (long) call.queries() * call.heads() * call.width();
      long scaled = borrowed.floats(elements);
      scale(in.q() + 4 * row * elements, scaled, elements);
      q = scaled + 4L * first * call.width();
    }
    backend.matmul().multiply(byWidth(), q, keys(in.k()), scores);
    if (call.bias().present()) {
      long bias = bias(call.bias().address());
      int biases = call.bias().headStride() == 0 ? 1 : heads;
      if (call.bias().relative()) {
        long table = bias;
        bias = borrowed.floats(count);
        backend.layout().gather(places(), table, distances(), bias);
      }
      Broadcast added = Broadcast.of(Shape.of(heads, square), Shape.of(biases, square));
      backend.elementwise().binary(Binary.ADD, added, scores, bias, scores);
    }
    hide(scores, -Float.MAX_VALUE);
  }

  private void scale(long x, long y, long elements) {
    if (call.scale() != 1) {
      backend.elementwise().unary(Unary.MULTIPLY_SCALAR, call.scale(), x, y, elements);
    }
  }

  /// Adds dS `[H, T, S]` to the bias's gradient.
  private void addToBias(long ds, long gradient) {
    if (call.bias().relative()) {
      backend.layout().scatterAdd(places(), ds, distances(), bias(gradient));
    } else if (call.bias().headStride() == 0) {
      long sum = borrowed.floats(square);
      backend.reduction().reduce(Reduction.SUM, 1, heads, square, ds, sum);
      backend.elementwise().addScaled(1, sum, bias(gradient), square);
    } else {
      backend.elementwise().addScaled(1, ds, bias(gradient), count);
    }
  }

  /// Where pairs of a query and a key find their distance in a table of biases, int32 `[T, S]`.
  private long distances() {
    int reach = call.bias().reach();
    int offset = call.masks().queryOffset();
    return borrowed.ints(
        IntStream.range(0, square)
            .map(e -> e % call.keys() - e / call.keys())
            .map(distance -> reach + Math.clamp((long) distance - offset, -reach, reach))
            .toArray());
  }

  private Gather places() {
    return new Gather(heads, 2 * call.bias().reach() + 1, square, 1, true, false);
  }

  /// Replaces elements of `[H, T, S]` that the masks hide.
  private void hide(long x, float by) {
    AttentionCall.Masks masks = call.masks();
    long ofKeys = masks.keys() + 4L * row * call.keys();
    switch (masks.kind()) {
      case ALL, STARTS -> {}
      case MASK -> keep(x, by, Comparison.NOT_EQUAL, ofKeys, borrowed.ints(0), 0);
      case LENGTHS ->
          keep(x, by, Comparison.LESS, range(call.keys(), 0), masks.keys() + 4L * row, 0);
      case SEGMENTS -> {
        long ofQueries = masks.queries() + 4L * row * call.queries();
        keep(x, by, Comparison.EQUAL, ofKeys, ofQueries, 1);
      }
    }
    if (masks.causal()) {
      long last = range(call.queries(), masks.queryOffset());
      keep(x, by, Comparison.LESS_OR_EQUAL, range(call.keys(), 0), last, 1);
    }
  }

  private long range(int size, int from) {
    return borrowed.ints(IntStream.range(from, from + size).toArray());
  }

  /// Keeps elements of `[H, T, S]` where a number of the key and one of the query compare so.
  ///
  /// @param stride 1 where queries have numbers of their own, 0 where they share one
  private void keep(long x, float by, Comparison comparison, long keys, long queries, int stride) {
    long seen = borrowed.bytes(square);
    long others = borrowed.filled(by, square);
    int[] sizes = {call.queries(), call.keys()};
    var pairs = new Broadcast(sizes, new long[] {0, 1}, new long[] {stride, 0});
    backend.elementwise().compare(comparison, true, pairs, keys, queries, seen);
    for (long h = 0; h < heads; h++) {
      long scores = x + 4 * h * square;
      backend.elementwise().select(seen, scores, others, scores, square);
    }
  }

  /// Drops probabilities `[H, T, S]`.
  private void drop(long p) {
    for (int h = 0; call.dropout().active() && h < heads; h++) {
      for (int i = 0; i < call.queries(); i++) {
        long at = p + 4L * (h * call.queries() + i) * call.keys();
        DropoutMask mask = call.dropout(first + h, i).fromRow(row);
        var one = new DropoutCall(mask, 1, call.keys(), Types.F32);
        backend.dropout().dropout(one, at, new Gradient(at, false));
      }
    }
  }

  /// `[T, K]` times `[S, K]` transposed, for all heads: scores.
  private Product byWidth() {
    int apart = call.heads() * call.width();
    return Product.nt(call.queries(), call.keys(), call.width())
        .withRows(apart, apart, call.keys())
        .withBatch(heads, call.width(), call.width(), square);
  }

  /// `[T, S]` times `[S, K]`, or `[T, S]` transposed times `[T, K]`, for all heads.
  private Product byKeys(boolean transposed) {
    int apart = call.heads() * call.width();
    Product one =
        transposed
            ? Product.tn(call.keys(), call.width(), call.queries())
            : Product.nn(call.queries(), call.width(), call.keys());
    return one.withRows(call.keys(), apart, apart)
        .withBatch(heads, square, call.width(), call.width());
  }

  private long queries(long address) {
    return address + 4L * ((long) row * call.queries() * call.heads() + first) * call.width();
  }

  private long keys(long address) {
    return address + 4 * (row * call.sizes().keyBatchStride() + (long) first * call.width());
  }

  private long contiguous() {
    return 4L * ((long) row * call.keys() * call.heads() + first) * call.width();
  }

  private long bias(long address) {
    return address + 4 * (row * call.bias().batchStride() + first * call.bias().headStride());
  }
}
