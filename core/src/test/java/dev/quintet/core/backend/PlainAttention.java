package dev.quintet.core.backend;

import org.jspecify.annotations.Nullable;

/// Attention and its gradients as they are defined.
///
/// @param call sizes and flags; its addresses are not used
/// @param bias the bias, or none
/// @param ofQueries what the call's masks say of queries
/// @param ofKeys what they say of keys
record PlainAttention(AttentionCall call, double @Nullable [] bias, int[] ofQueries, int[] ofKeys) {

  /// What attention computes: the outputs [B, T, H, K], and log-sum-exp [B, H, T].
  record Result(double[] out, double[] logSumExp) {}

  /// The gradients.
  record Gradients(double[] q, double[] k, double[] v, double[] bias) {}

  Result forward(double[] q, double[] k, double[] v) {
    double[] out = new double[q.length];
    double[] logSumExp = new double[call.batch() * call.heads() * call.queries()];
    for (int b = 0; b < call.batch(); b++) {
      for (int h = 0; h < call.heads(); h++) {
        for (int i = 0; i < call.queries(); i++) {
          double[] scores = scores(b, h, i, q, k);
          logSumExp[(b * call.heads() + h) * call.queries() + i] =
              PlainSoftmax.logSumExp(scores, 0, call.keys());
          double[] p = PlainSoftmax.softmax(call.keys(), scores);
          for (int j = 0; j < call.keys(); j++) {
            double kept = p[j] * PlainDropout.factor(call, b, h, i, j);
            for (int c = 0; c < call.width(); c++) {
              out[inQ(b, i, h) + c] += kept * v[inK(b, j, h) + c];
            }
          }
        }
      }
    }
    return new Result(out, logSumExp);
  }

  /// dk and dv are laid out as k and v; those of the SPI are contiguous, see [#contiguous].
  Gradients backward(double[] q, double[] k, double[] v, double[] dOut) {
    double[] dq = new double[q.length];
    double[] dk = new double[k.length];
    double[] dv = new double[v.length];
    double[] dBias = new double[bias == null ? 0 : bias.length];
    for (int b = 0; b < call.batch(); b++) {
      for (int h = 0; h < call.heads(); h++) {
        for (int i = 0; i < call.queries(); i++) {
          double[] p = PlainSoftmax.softmax(call.keys(), scores(b, h, i, q, k));
          double[] dp = new double[call.keys()];
          for (int j = 0; j < call.keys(); j++) {
            double factor = PlainDropout.factor(call, b, h, i, j);
            for (int c = 0; c < call.width(); c++) {
              dp[j] += factor * dOut[inQ(b, i, h) + c] * v[inK(b, j, h) + c];
              dv[inK(b, j, h) + c] += factor * p[j] * dOut[inQ(b, i, h) + c];
            }
          }
          double[] ds = PlainSoftmax.softmaxBackward(call.keys(), p, dp);
          for (int j = 0; j < call.keys(); j++) {
            if (hidden(b, i, j)) {
              continue;
            }
            for (int c = 0; c < call.width(); c++) {
              dq[inQ(b, i, h) + c] += call.scale() * ds[j] * k[inK(b, j, h) + c];
              dk[inK(b, j, h) + c] += call.scale() * ds[j] * q[inQ(b, i, h) + c];
            }
            if (bias != null) {
              dBias[inBias(b, h, i, j)] += ds[j];
            }
          }
        }
      }
    }
    return new Gradients(dq, dk, dv, dBias);
  }

  /// What lies at [B, S, H, K] with the call's batch stride, moved together.
  double[] contiguous(double[] keys) {
    int row = call.keys() * call.heads() * call.width();
    double[] moved = new double[call.batch() * row];
    for (int b = 0; b < call.batch(); b++) {
      System.arraycopy(keys, (int) (b * call.sizes().keyBatchStride()), moved, b * row, row);
    }
    return moved;
  }

  /// Whether query i sees no key at all.
  boolean blind(int b, int i) {
    for (int j = 0; j < call.keys(); j++) {
      if (!hidden(b, i, j)) {
        return false;
      }
    }
    return true;
  }

  private double[] scores(int b, int h, int i, double[] q, double[] k) {
    double[] scores = new double[call.keys()];
    for (int j = 0; j < call.keys(); j++) {
      if (hidden(b, i, j)) {
        scores[j] = -Float.MAX_VALUE;
        continue;
      }
      for (int c = 0; c < call.width(); c++) {
        scores[j] += call.scale() * q[inQ(b, i, h) + c] * k[inK(b, j, h) + c];
      }
      if (bias != null) {
        scores[j] += bias[inBias(b, h, i, j)];
      }
    }
    return scores;
  }

  private boolean hidden(int b, int i, int j) {
    boolean seen =
        switch (call.masks().kind()) {
          case ALL -> true;
          case MASK -> ofKeys[b * call.keys() + j] != 0;
          case LENGTHS -> j < ofKeys[b];
          case SEGMENTS -> ofQueries[b * call.queries() + i] == ofKeys[b * call.keys() + j];
          case STARTS -> throw new IllegalArgumentException("rows come one by one here");
        };
    return !seen || (call.masks().causal() && j > i + call.masks().queryOffset());
  }

  private int inQ(int b, int i, int h) {
    return ((b * call.queries() + i) * call.heads() + h) * call.width();
  }

  private int inK(int b, int j, int h) {
    return (int) (b * call.sizes().keyBatchStride()) + (j * call.heads() + h) * call.width();
  }

  private int inBias(int b, int h, int i, int j) {
    AttentionCall.Bias strides = call.bias();
    int offset = call.masks().queryOffset();
    int place =
        strides.relative()
            ? strides.reach() + Math.clamp(j - i - offset, -strides.reach(), strides.reach())
            : i * call.keys() + j;
    return (int) (b * strides.batchStride() + h * strides.headStride()) + place;
  }
}
