package dev.quintet.core.op;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Bias;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Attention: softmax(scale Q Kᵀ + bias, masked) V, one fused operation that reads [B, T, H, K] as it lies.
public final class Attentions {
  private Attentions() {}

  /// Attention of q [B, T, H, K] over k and v [B, S or more, H, K], or of [tokens, H, K] with starts of rows.
  public static Tensor attention(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    AttentionCall call = call(q, k, v, options);
    Tensor out = Tensor.empty(q.shape(), q.type());
    long rows = q.elements() / Math.max(1, call.width());
    Tensor logSumExp = Tensor.empty(Shape.of(rows), DType.F32);
    var kernels = q.backend().attention();
    kernels.attention(
        call,
        new Inputs(q.address(), k.address(), v.address()),
        new Results(out.address(), logSumExp.address()));
    var inputs = new ArrayList<Tensor>(List.of(q, k, v));
    options.bias().ifPresent(inputs::add);
    var saved = new ArrayList<Tensor>(inputs);
    saved.addAll(options.seen().numbers());
    saved.addAll(List.of(out, logSumExp));
    return Op.result("attention", out)
        .from(inputs)
        .saves(saved)
        .back(dOut -> {
          if (k.elements() != call.keyElements()) {
            throw new IllegalStateException(
                "attention: no gradient passes through a cache that is not full");
          }
          kernels.attentionBackward(
              call,
              new Inputs(q.address(), k.address(), v.address()),
              new Results(out.address(), logSumExp.address()),
              dOut.address(),
              new Gradients(
                  Op.gradient(q),
                  Op.gradient(k),
                  Op.gradient(v),
                  options.bias().map(Op::gradient).orElse(Gradient.NONE)));
        });
  }

  private static AttentionCall call(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    Operands.real("attention", q, k, v);
    Operands.type("attention", "the keys", k, q.type());
    Operands.type("attention", "the values", v, q.type());
    Shape shape = q.shape();
    boolean starts = options.seen() instanceof Seen.Starts;
    int rank = starts ? 3 : 4;
    if (shape.rank() != rank
        || k.shape().rank() != rank
        || (!starts && k.shape().dim(0) != shape.dim(0))
        || k.shape().dim(-2) != shape.dim(-2)
        || k.shape().dim(-1) != shape.dim(-1)) {
      String rule =
          starts
              ? "queries [tokens, H, K] and keys [tokens, H, K] with starts of rows"
              : "queries [B, T, H, K] and keys [B, S, H, K]";
      throw Operands.mismatch("attention", rule, q, k);
    }
    Operands.shape("attention", "values", v, k.shape());
    int most = k.shape().dim(-3);
    int keys = options.keys().orElse(most);
    if (keys < 0 || keys > most || (starts && keys < most)) {
      throw new IllegalArgumentException(
          "attention: " + keys + " keys of a cache of shape " + k.shape());
    }
    int queries = shape.dim(-3);
    int offset = options.queryOffset();
    if (offset < 0 || offset > Integer.MAX_VALUE - 1 - queries) {
      throw new IllegalArgumentException(
          "attention: the first of " + queries + " queries cannot stand at place " + offset);
    }
    int batch =
        options.seen() instanceof Seen.Starts(Tensor rows, _)
            ? Math.max(0, (int) rows.elements() - 1)
            : shape.dim(0);
    AttentionCall call =
        AttentionCall.of(batch, shape.dim(-2), queries, keys, shape.dim(-1))
            .withKeyBatchStride(k.elements() / Math.max(1, batch))
            .withScale(options.scale())
            .withDropout(options.dropout())
            .withType(q.type());
    call = call.withMasks(masks(call, q, options));
    return options.bias().isPresent() ? biased(call, q, options.bias().get()) : call;
  }

  private static Masks masks(AttentionCall call, Tensor q, AttentionOptions options) {
    Shape ofKeys = Shape.of(call.batch(), call.keys());
    Shape ofQueries = Shape.of(call.batch(), call.queries());
    Shape ofStarts = Shape.of(call.batch() + 1);
    Kind kind = Kind.ALL;
    long queries = 0;
    long keys = 0;
    switch (options.seen()) {
      case Seen.All _ -> {}
      case Seen.Mask(Tensor mask) -> {
        kind = Kind.MASK;
        keys = numbers("the mask", mask, ofKeys, q);
      }
      case Seen.Lengths(Tensor lengths) -> {
        kind = Kind.LENGTHS;
        keys = numbers("lengths of keys", lengths, Shape.of(call.batch()), q);
      }
      case Seen.Segments(Tensor some, Tensor others) -> {
        kind = Kind.SEGMENTS;
        queries = numbers("segments of queries", some, ofQueries, q);
        keys = numbers("segments of keys", others, ofKeys, q);
      }
      case Seen.Starts(Tensor some, Tensor others) -> {
        kind = Kind.STARTS;
        queries = numbers("starts of queries", some, ofStarts, q);
        keys = numbers("starts of keys", others, ofStarts, q);
      }
    }
    return new Masks(kind, queries, keys, options.causal(), options.queryOffset());
  }

  private static long numbers(String name, Tensor numbers, Shape shape, Tensor q) {
    Operands.type("attention", name, numbers, DType.I32);
    Operands.sameDevice("attention", q, numbers);
    Operands.shape("attention", name, numbers, shape);
    return numbers.address();
  }

  private static AttentionCall biased(AttentionCall call, Tensor q, Tensor bias) {
    Operands.floats("attention", bias);
    Operands.sameDevice("attention", q, bias);
    Shape shape = bias.shape();
    int t = call.queries();
    int s = call.keys();
    if (shape.rank() == 2 && shape.dim(0) == call.heads() && shape.dim(1) % 2 == 1) {
      return call.withBias(Bias.table(bias.address(), shape.dim(1) / 2));
    }
    boolean full =
        shape.rank() == 4
            && call.masks().kind() != Kind.STARTS
            && (shape.dim(0) == 1 || shape.dim(0) == call.batch())
            && (shape.dim(1) == 1 || shape.dim(1) == call.heads())
            && shape.dim(2) == t
            && shape.dim(3) == s;
    if (!full) {
      throw new IllegalArgumentException(
          "attention: a bias is [B or 1, H or 1, T, S] or, of distances, [H, 2 R + 1], which alone"
              + " serves rows with starts; came "
              + shape
              + " for "
              + call.batch()
              + " rows, "
              + call.heads()
              + " heads, "
              + t
              + " queries and "
              + s
              + " keys");
    }
    long matrix = (long) t * s;
    return call.withBias(
        Bias.full(
            bias.address(),
            shape.dim(0) == 1 ? 0 : matrix * shape.dim(1),
            shape.dim(1) == 1 ? 0 : matrix));
  }
}
