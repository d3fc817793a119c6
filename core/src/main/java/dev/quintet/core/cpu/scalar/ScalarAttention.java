package dev.quintet.core.cpu.scalar;

import static dev.quintet.core.cpu.scalar.ScalarScratch.load;
import static dev.quintet.core.cpu.work.Workspace.floats;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.cpu.work.DistanceStrip;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.NativeRoom;
import dev.quintet.core.cpu.work.WorkerPool;
import dev.quintet.core.cpu.work.Workspace;
import java.util.Arrays;

/// Attention without the Vector API: one query at a time, with a head's keys and values in heap
/// arrays.
public final class ScalarAttention implements AttentionKernels {
  /// Queries of a part of the forward.
  private static final int QUERIES = 32;

  private static final ThreadLocal<NativeRoom> STRIPS = ThreadLocal.withInitial(NativeRoom::new);
  private static final ThreadLocal<NativeRoom> GRADIENTS = ThreadLocal.withInitial(NativeRoom::new);

  // the scratch arrays
  private static final int QUERY = 0;
  private static final int SCORES = 1;
  private static final int OUT = 2;
  private static final int BIAS = 3;
  private static final int PROBABILITIES = 4;
  private static final int ROW = 5;

  // the scratch tables
  private static final int KEYS = 0;
  private static final int KEYS_TURNED = 1;
  private static final int VALUES = 2;
  private static final int VALUES_TURNED = 3;
  private static final int KEY_SUMS = 4;
  private static final int VALUE_SUMS = 5;

  @Override
  public void attention(AttentionCall given, long q, long k, long v, long out, long logSumExp) {
    AttentionCall call = laid(given);
    int blocks = (call.queries() + QUERIES - 1) / QUERIES;
    int width = call.width();
    WorkerPool.shared()
        .run(
            call.batch() * call.heads() * blocks,
            part -> {
              int b = part / blocks / call.heads();
              int h = part / blocks % call.heads();
              int first = part % blocks * QUERIES;
              float[][] keys = headTurned(call, k, b, h, KEYS_TURNED);
              float[][] values = head(call, v, b, h, VALUES);
              for (int i = first; i < Math.min(call.queries(), first + QUERIES); i++) {
                float[] p = scores(call, q, b, h, i, keys);
                float lse = ScalarSoftmax.normalise(p, call.keys());
                ScalarDropout.apply(call.dropout(h, i), b, 0, p, call.keys());
                float[] result = floats(OUT, width);
                Arrays.fill(result, 0, width, 0);
                ScalarMatmul.addRows(p, call.keys(), values, result, width);
                ScalarScratch.store(result, Native.at(out, query(call, b, h, i)), width);
                long row = ((long) b * call.heads() + h) * call.queries() + i;
                ScalarScratch.setFloat(Native.at(logSumExp, row), lse);
              }
            });
  }

  private static AttentionCall laid(AttentionCall call) {
    return call.bias().relative() && call.queries() > 0
        ? DistanceStrip.of(call, STRIPS.get())
        : call;
  }

  /// A head of a row is one part; where heads or rows of the batch add to one bias, they are one part
  /// too.
  @Override
  public void attentionBackward(
      AttentionCall given,
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
    AttentionCall call = laid(given);
    boolean relative = call.bias().relative() && dBias != 0;
    int heads = dBias != 0 && call.bias().headStride() == 0 ? 1 : call.heads();
    int rows = dBias != 0 && !relative ? 1 : call.batch();
    long length = call.bias().headStride();
    long strips = relative ? GRADIENTS.get().floats(call.batch() * call.heads() * length) : 0;
    if (relative) {
      Native.floats(strips, call.batch() * call.heads() * length).fill((byte) 0);
    }
    WorkerPool.shared()
        .run(
            heads * rows,
            part -> {
              for (int b = part / heads; b < call.batch(); b += rows) {
                for (int h = part % heads; h < call.heads(); h += heads) {
                  long part0 = Native.at(strips, ((long) b * call.heads() + h) * length);
                  long mine = relative ? part0 : Native.at(dBias, call.biasAt(b, h, 0));
                  backwardHead(call, b, h, q, k, v, dOut, dq, dk, dv, dBias == 0 ? 0 : mine);
                }
              }
            });
    if (relative) {
      DistanceStrip.fold(given, strips, dBias);
    }
  }

  private static void backwardHead(
      AttentionCall call,
      int b,
      int h,
      long q,
      long k,
      long v,
      long dOut,
      long dq,
      long dk,
      long dv,
      long dBias) {
    int width = call.width();
    float[][] keySums = zeros(call, KEY_SUMS);
    float[][] valueSums = zeros(call, VALUE_SUMS);
    float[][] keysTurned = headTurned(call, k, b, h, KEYS_TURNED);
    float[][] keys = head(call, k, b, h, KEYS);
    float[][] valuesTurned = headTurned(call, v, b, h, VALUES_TURNED);
    for (int i = 0; i < call.queries(); i++) {
      float[] p = scores(call, q, b, h, i, keysTurned);
      ScalarSoftmax.normalise(p, call.keys());
      float[] d = load(OUT, Native.at(dOut, query(call, b, h, i)), width);
      // dropped probabilities times dOut go to the values
      float[] dropped = floats(PROBABILITIES, call.keys());
      System.arraycopy(p, 0, dropped, 0, call.keys());
      ScalarDropout.apply(call.dropout(h, i), b, 0, dropped, call.keys());
      addOuter(dropped, call.keys(), d, width, valueSums);
      // dP, then dS in its place
      float[] ds = dropped;
      Arrays.fill(ds, 0, call.keys(), 0);
      ScalarMatmul.addRows(d, width, valuesTurned, ds, call.keys());
      ScalarDropout.apply(call.dropout(h, i), b, 0, ds, call.keys());
      softmaxBackward(call, b, i, p, ds);
      if (dBias != 0) {
        ScalarRows.addTo(Native.at(dBias, call.biasAt(0, 0, i)), ds, call.keys(), BIAS);
      }
      ScalarRows.scale(ds, call.scale(), call.keys());
      float[] gradient = floats(OUT, width);
      Arrays.fill(gradient, 0, width, 0);
      ScalarMatmul.addRows(ds, call.keys(), keys, gradient, width);
      ScalarScratch.store(gradient, Native.at(dq, query(call, b, h, i)), width);
      float[] ofQuery = load(QUERY, Native.at(q, query(call, b, h, i)), width);
      addOuter(ds, call.keys(), ofQuery, width, keySums);
    }
    storeHead(call, keySums, dk, b, h);
    storeHead(call, valueSums, dv, b, h);
  }

  /// Puts dS = p (dP - sum(p dP)) in place of dP, and 0 where a mask replaced the score.
  private static void softmaxBackward(AttentionCall call, int b, int i, float[] p, float[] dp) {
    float dot = (float) ScalarRows.dot(p, dp, call.keys());
    for (int j = 0; j < call.keys(); j++) {
      dp[j] = p[j] * (dp[j] - dot);
    }
    hide(call, b, i, dp, 0);
  }

  /// Adds the products of each element of a with all of b to a row of sums.
  private static void addOuter(float[] a, int rows, float[] b, int width, float[][] sums) {
    for (int j = 0; j < rows; j++) {
      ScalarMatmul.addOne(a[j], b, sums[j], width);
    }
  }

  /// The scores of one query, masks applied.
  private static float[] scores(
      AttentionCall call, long q, int b, int h, int i, float[][] keysTurned) {
    float[] query = load(QUERY, Native.at(q, query(call, b, h, i)), call.width());
    float[] scores = floats(SCORES, call.keys());
    ScalarRows.scale(query, call.scale(), call.width());
    Arrays.fill(scores, 0, call.keys(), 0);
    ScalarMatmul.addRows(query, call.width(), keysTurned, scores, call.keys());
    if (call.bias().present()) {
      float[] bias =
          load(BIAS, Native.at(call.bias().address(), call.biasAt(b, h, i)), call.keys());
      ScalarRows.add(bias, scores, call.keys());
    }
    hide(call, b, i, scores, -Float.MAX_VALUE);
    return scores;
  }

  /// Replaces what masks hide.
  private static void hide(AttentionCall call, int b, int i, float[] row, float by) {
    if (call.masks().keys() != 0) {
      int[] mask =
          ScalarScratch.loadInts(
              Native.at(call.masks().keys(), (long) b * call.keys()), call.keys());
      for (int j = 0; j < call.keys(); j++) {
        row[j] = mask[j] == 0 ? by : row[j];
      }
    }
    if (call.masks().causal()) {
      int from = Math.min(call.keys(), i + call.masks().queryOffset() + 1);
      Arrays.fill(row, from, call.keys(), by);
    }
  }

  private static long query(AttentionCall call, int b, int h, int i) {
    return (((long) b * call.queries() + i) * call.heads() + h) * call.width();
  }

  private static long key(AttentionCall call, int b, int h, int j) {
    return b * call.sizes().keyBatchStride() + ((long) j * call.heads() + h) * call.width();
  }

  /// One head's keys or values, `[S, K]`.
  private static float[][] head(AttentionCall call, long x, int b, int h, int table) {
    float[][] rows = Workspace.rows(table, call.keys(), call.width());
    for (int j = 0; j < call.keys(); j++) {
      load(Native.at(x, key(call, b, h, j)), rows[j], 0, call.width());
    }
    return rows;
  }

  /// One head's keys or values, `[K, S]`.
  private static float[][] headTurned(AttentionCall call, long x, int b, int h, int table) {
    float[][] turned = Workspace.rows(table, call.width(), call.keys());
    for (int j = 0; j < call.keys(); j++) {
      float[] row = load(ROW, Native.at(x, key(call, b, h, j)), call.width());
      for (int c = 0; c < call.width(); c++) {
        turned[c][j] = row[c];
      }
    }
    return turned;
  }

  private static float[][] zeros(AttentionCall call, int table) {
    float[][] rows = Workspace.rows(table, call.keys(), call.width());
    for (int j = 0; j < call.keys(); j++) {
      Arrays.fill(rows[j], 0, call.width(), 0);
    }
    return rows;
  }

  private static void storeHead(AttentionCall call, float[][] rows, long to, int b, int h) {
    for (int j = 0; j < call.keys(); j++) {
      long at = (((long) b * call.keys() + j) * call.heads() + h) * call.width();
      ScalarScratch.store(rows[j], Native.at(to, at), call.width());
    }
  }
}
