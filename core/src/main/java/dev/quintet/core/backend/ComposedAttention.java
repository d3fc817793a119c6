package dev.quintet.core.backend;

import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.AttentionCall.Sizes;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Attention, composed of products, softmax, copies and element by element functions of the same backend: some heads of
/// one row of the batch after the other, with their scores in memory.
///
/// A backend whose kernels run at once may give [#forward] and [#backward] of its own, and has types, dropout's state
/// and rows without padding seen to here.
public interface ComposedAttention extends AttentionKernels {

  /// The backend whose kernels these are composed of.
  Backend backend();

  /// The forward in float32, with masks of all kinds but starts of rows, and dropout without a state.
  default void forward(AttentionCall call, Inputs in, Results to) {
    AttentionBlock.each(backend(), call, block -> block.forward(in, to));
  }

  /// The backward in the same cases; the gradients of queries, keys and values are written over, that of the bias is added
  /// to or not wanted.
  default void backward(
      AttentionCall call, Inputs in, Results results, long dOut, Gradients gradients) {
    AttentionBlock.each(backend(), call, block -> block.backward(in, dOut, gradients));
  }

  /// The forward of all parts of a call, one after the other where nobody knows better.
  default void forward(List<Part> parts, Inputs in, Results to) {
    parts.forEach(part -> forward(part.call, part.of(in), part.of(to)));
  }

  /// The backward of all parts of a call.
  default void backward(
      List<Part> parts, Inputs in, Results results, long dOut, Gradients gradients) {
    parts.forEach(part ->
        backward(part.call, part.of(in), part.of(results), part.of(dOut), part.of(gradients)));
  }

  @Override
  default void attention(AttentionCall call, Inputs in, Results to) {
    try (var widened = new Widened(backend())) {
      Inputs floats = floats(widened, call, in);
      long out = widened.write(call.type(), to.out(), call.queryElements());
      List<Part> parts = parts(call);
      for (Part part : parts) {
        if (part.call.queries() > 0 && part.call.keys() == 0) {
          throw new IllegalArgumentException("attention needs at least one key");
        }
      }
      forward(parts, floats, new Results(out, to.logSumExp()));
    }
  }

  @Override
  default void attentionBackward(
      AttentionCall call, Inputs in, Results results, long dOut, Gradients gradients) {
    long queries = call.queryElements();
    long keys = call.keyElements();
    Gradient bias = gradients.bias();
    if (bias.wanted() && !bias.add()) {
      backend().memory().zero(bias.address(), 4 * call.biasElements());
    }
    try (var borrowed = new Borrowed(backend());
        var widened = new Widened(backend())) {
      Inputs floats = floats(widened, call, in);
      long out = widened.read(call.type(), results.out(), queries);
      long d = widened.read(call.type(), dOut, queries);
      Gradient q = widened.write(call.type(), gradients.q(), queries);
      Gradient k = widened.write(call.type(), gradients.k(), keys);
      Gradient v = widened.write(call.type(), gradients.v(), keys);
      Gradient dq = writable(borrowed, q, queries);
      Gradient dk = writable(borrowed, k, keys);
      Gradient dv = writable(borrowed, v, keys);
      var into = new Gradients(dq, dk, dv, bias);
      backward(parts(call), floats, new Results(out, results.logSumExp()), d, into);
      addUp(dq, q, queries);
      addUp(dk, k, keys);
      addUp(dv, v, keys);
    }
  }

  /// A gradient that may be written over: itself, or room for it.
  private static Gradient writable(Borrowed borrowed, Gradient gradient, long count) {
    return gradient.wanted() && !gradient.add()
        ? gradient
        : new Gradient(borrowed.floats(count), false);
  }

  private void addUp(Gradient written, Gradient gradient, long count) {
    if (gradient.add()) {
      backend().elementwise().addScaled(1, written.address(), gradient.address(), count);
    }
  }

  private static Inputs floats(Widened widened, AttentionCall call, Inputs in) {
    return new Inputs(
        widened.read(call.type(), in.q(), call.queryElements()),
        widened.read(call.type(), in.k(), call.keySpan()),
        widened.read(call.type(), in.v(), call.keySpan()));
  }

  /// The call as one part or, where rows have lengths of their own, a part for each of them.
  private List<Part> parts(AttentionCall call) {
    Memory memory = backend().memory();
    AttentionCall floats = call.withType(DType.F32).withDropout(call.dropout().resolved(memory));
    Masks masks = call.masks();
    if (masks.kind() != Kind.STARTS) {
      return List.of(new Part(floats, 0, 0, 0));
    }
    int[] queries = starts(masks.queries(), call.batch(), call.queries());
    int[] keys = starts(masks.keys(), call.batch(), call.keys());
    var all = new Masks(Kind.ALL, 0, 0, masks.causal(), masks.queryOffset());
    long width = (long) call.heads() * call.width();
    var parts = new ArrayList<Part>();
    for (int b = 0; b < call.batch(); b++) {
      int t = queries[b + 1] - queries[b];
      int s = keys[b + 1] - keys[b];
      AttentionCall row =
          floats
              .withSizes(new Sizes(1, call.heads(), t, s, call.width(), s * width))
              .withMasks(all)
              .withDropout(floats.dropout().fromRow(b));
      parts.add(
          new Part(row, queries[b] * width, keys[b] * width, (long) queries[b] * call.heads()));
    }
    return parts;
  }

  private int[] starts(long address, int rows, int tokens) {
    int[] starts = new int[rows + 1];
    backend().memory().read(address, MemorySegment.ofArray(starts), 4L * starts.length);
    boolean rising = starts[0] == 0 && starts[rows] == tokens;
    for (int b = 0; b < rows; b++) {
      rising &= starts[b] <= starts[b + 1];
    }
    if (!rising) {
      throw new IllegalArgumentException(
          "attention: starts of rows must rise from 0 to all tokens, "
              + tokens
              + ", not "
              + Arrays.toString(starts));
    }
    return starts;
  }

  /// A call, and from which element on its queries, keys and log-sum-exp are found.
  record Part(AttentionCall call, long query, long key, long row) {
    /// Its own part of what is read.
    public Inputs of(Inputs in) {
      return new Inputs(in.q() + 4 * query, in.k() + 4 * key, in.v() + 4 * key);
    }

    /// Its own part of the results.
    public Results of(Results to) {
      return new Results(to.out() + 4 * query, to.logSumExp() + 4 * row);
    }

    /// Its own part of the gradient of the results.
    public long of(long dOut) {
      return dOut + 4 * query;
    }

    /// Its own part of the gradients.
    public Gradients of(Gradients to) {
      return new Gradients(
          to.q().plus(4 * query), to.k().plus(4 * key), to.v().plus(4 * key), to.bias());
    }
  }
}
