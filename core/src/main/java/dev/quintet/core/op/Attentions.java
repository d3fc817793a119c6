package dev.quintet.core.op;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Bias;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions;
import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Attention: softmax(scale Q Kᵀ + bias, masked) V, one fused operation that reads [B, T, H, K] as it lies.
public final class Attentions {
  private Attentions() {}

  /// Attention of q [B, T, H, K] over k and v [B, S or more, H, K].
  public static Tensor attention(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    AttentionCall call = call(q, k, v, options);
    Tensor out = Tensor.empty(q.shape(), DType.F32);
    Tensor logSumExp =
        Tensor.empty(Shape.of(call.batch(), call.heads(), call.queries()), DType.F32);
    var kernels = q.backend().attention();
    kernels.attention(
        call, q.address(), k.address(), v.address(), out.address(), logSumExp.address());
    var inputs = new ArrayList<Tensor>(List.of(q, k, v));
    options.bias().ifPresent(inputs::add);
    var saved = new ArrayList<Tensor>(inputs);
    options.mask().ifPresent(saved::add);
    saved.addAll(List.of(out, logSumExp));
    return Op.result("attention", out)
        .from(inputs)
        .saves(saved)
        .back(dOut -> {
          if (k.shape().dim(1) != call.keys()) {
            throw new IllegalStateException(
                "attention: no gradient passes through a cache that is not full");
          }
          Tensor dq = Tensor.empty(q.shape(), DType.F32);
          Tensor dk = Tensor.empty(k.shape(), DType.F32);
          Tensor dv = Tensor.empty(v.shape(), DType.F32);
          long dBias = options.bias().map(Attentions::biasGradient).orElse(0L);
          kernels.attentionBackward(
              call,
              q.address(),
              k.address(),
              v.address(),
              out.address(),
              logSumExp.address(),
              dOut.address(),
              dq.address(),
              dk.address(),
              dv.address(),
              dBias);
          Op.add(q, dq);
          Op.add(k, dk);
          Op.add(v, dv);
        });
  }

  /// The address to add the bias's gradient at.
  private static long biasGradient(Tensor bias) {
    if (!bias.requiresGradient()) {
      return 0;
    }
    var sink = Op.gradient(bias);
    if (!sink.add()) {
      bias.backend().memory().zero(sink.address(), 4 * bias.elements());
    }
    return sink.address();
  }

  private static AttentionCall call(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
    Operands.floats("attention", q, k, v);
    Shape shape = q.shape();
    boolean ranks = shape.rank() == 4 && k.shape().rank() == 4;
    if (!ranks
        || k.shape().dim(0) != shape.dim(0)
        || k.shape().dim(2) != shape.dim(2)
        || k.shape().dim(3) != shape.dim(3)) {
      throw Operands.mismatch("attention", "queries [B, T, H, K] and keys [B, S, H, K]", q, k);
    }
    Operands.shape("attention", "values", v, k.shape());
    int keys = options.keys().orElse(k.shape().dim(1));
    if (keys < 0 || keys > k.shape().dim(1)) {
      throw new IllegalArgumentException(
          "attention: " + keys + " keys of a cache of shape " + k.shape());
    }
    int batch = shape.dim(0);
    int queries = shape.dim(1);
    int offset = options.queryOffset();
    if (offset < 0 || offset > Integer.MAX_VALUE - 1 - queries) {
      throw new IllegalArgumentException(
          "attention: the first of " + queries + " queries cannot stand at place " + offset);
    }
    int heads = shape.dim(2);
    AttentionCall call =
        AttentionCall.of(batch, heads, queries, keys, shape.dim(3))
            .withKeyBatchStride(k.elements() / Math.max(1, batch))
            .withScale(options.scale())
            .withDropout(options.dropout());
    if (options.mask().isPresent()) {
      Tensor keysThatCount = options.mask().get();
      Operands.type("attention", "the mask", keysThatCount, DType.I32);
      Operands.sameDevice("attention", q, keysThatCount);
      Operands.shape("attention", "the mask", keysThatCount, Shape.of(batch, keys));
    }
    long mask = options.mask().map(Tensor::address).orElse(0L);
    call = call.withMasks(new Masks(mask, options.causal(), offset));
    return options.bias().isPresent() ? biased(call, q, options.bias().get()) : call;
  }

  private static AttentionCall biased(AttentionCall call, Tensor q, Tensor bias) {
    Operands.floats("attention", q, bias);
    Shape shape = bias.shape();
    int t = call.queries();
    int s = call.keys();
    if (shape.rank() == 2 && shape.dim(0) == call.heads() && shape.dim(1) % 2 == 1) {
      return call.withBias(Bias.table(bias.address(), shape.dim(1) / 2));
    }
    boolean full =
        shape.rank() == 4
            && (shape.dim(0) == 1 || shape.dim(0) == call.batch())
            && (shape.dim(1) == 1 || shape.dim(1) == call.heads())
            && shape.dim(2) == t
            && shape.dim(3) == s;
    if (!full) {
      throw new IllegalArgumentException(
          "attention: a bias is [B or 1, H or 1, T, S] or, of distances, [H, 2 R + 1]; came "
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
