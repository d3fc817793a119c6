package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.AttentionCall.Bias;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.shape.DType;
import java.util.Random;

/// Attention in bfloat16 of sizes about the tiles that tensor cores take, against the double form by norm.
record NarrowAttention(Backend backend) {
  private static final int[] LENGTHS = {1, 17, 63, 64, 65, 130};
  private static final int[] REACHES = {0, 5, 64, 128};
  private static final Kind[] KINDS = {Kind.ALL, Kind.MASK, Kind.LENGTHS, Kind.SEGMENTS};
  private static final double TOLERANCE = 1e-2;

  /// A call of random sizes and masks.
  void check(int width, Random random) {
    int queries = Values.oneOf(random, LENGTHS);
    int keys = Values.oneOf(random, LENGTHS);
    int heads = 1 + random.nextInt(2);
    int offset = random.nextBoolean() ? 0 : Math.max(0, keys - queries);
    AttentionCall call =
        AttentionCall.of(1 + random.nextInt(2), heads, queries, keys, width)
            .withKeyBatchStride((long) keys * heads * width + 8 * random.nextInt(3))
            .withMasks(new Masks(Kind.ALL, 0, 0, random.nextBoolean(), offset))
            .withType(DType.BF16);
    if (random.nextInt(3) == 0) {
      call = call.withDropout(new DropoutMask(0.3f, random.nextLong(), 7, random.nextLong(), 9));
    }
    if (random.nextInt(4) == 0) {
      call = call.withScale(0.5f);
    }
    check(call, KINDS[random.nextInt(KINDS.length)], Values.oneOf(random, REACHES), random);
  }

  private void check(AttentionCall sizes, Kind kind, int reach, Random random) {
    int batch = sizes.batch();
    int[] ofQueries = new int[0];
    int[] ofKeys = new int[0];
    switch (kind) {
      case ALL, STARTS -> {}
      case MASK -> ofKeys = random.ints((long) batch * sizes.keys(), 0, 3).toArray();
      case LENGTHS -> ofKeys = Values.indices(random, batch, sizes.keys() + 1);
      case SEGMENTS -> {
        ofQueries = segments(batch, sizes.queries(), random);
        ofKeys = segments(batch, sizes.keys(), random);
      }
    }
    float[] q = normal(random, sizes.queryElements(), 0.4f);
    float[] k = normal(random, batch * sizes.sizes().keyBatchStride(), 0.4f);
    float[] v = normal(random, k.length, 1);
    float[] dOut = normal(random, q.length, 1);
    boolean biased = random.nextInt(3) > 0;
    float[] table = Values.normal(random, biased ? sizes.heads() * (2L * reach + 1) : 0);
    try (Buffers b = Buffers.aligned(backend)) {
      Masks hiding = sizes.masks();
      AttentionCall call =
          sizes
              .withBias(biased ? Bias.table(b.put(table), reach) : Bias.NONE)
              .withMasks(
                  new Masks(
                      kind,
                      b.put(ofQueries),
                      b.put(ofKeys),
                      hiding.causal(),
                      hiding.queryOffset()));
      double[] wide = biased ? Values.doubles(table) : null;
      var plain = new PlainAttention(call, wide, ofQueries, ofKeys);
      double[] wq = Values.doubles(q);
      double[] wk = Values.doubles(k);
      double[] wv = Values.doubles(v);
      PlainAttention.Result expected = plain.forward(wq, wk, wv);
      var in = new Inputs(b.put(call.type(), q), b.put(call.type(), k), b.put(call.type(), v));
      int rows = q.length / call.width();
      var results = new Results(b.blank(call.type(), q.length), b.blank(rows));
      backend.attention().attention(call, in, results);
      String what = call + ", ";
      near(what + "out", expected.out(), b.read(call.type(), results.out(), q.length), 0);
      float[] sums = b.read(results.logSumExp(), rows);
      for (int r = 0; r < rows; r++) {
        int query = r % call.queries();
        double off = Math.abs(sums[r] - expected.logSumExp()[r]);
        boolean blind = plain.blind(r / call.queries() / call.heads(), query);
        assertTrue(blind ? Float.isFinite(sums[r]) : off < 0.02, what + "log-sum-exp of row " + r);
      }
      backward(b, call, plain, in, results, dOut, random);
    }
  }

  private void backward(
      Buffers b,
      AttentionCall call,
      PlainAttention plain,
      Inputs in,
      Results results,
      float[] dOut,
      Random random) {
    int inQ = dOut.length;
    int inK = (int) call.keyElements();
    float[] wq = b.read(call.type(), in.q(), inQ);
    float[] wk = b.read(call.type(), in.k(), call.keySpan());
    float[] wv = b.read(call.type(), in.v(), call.keySpan());
    PlainAttention.Gradients expected =
        plain.backward(
            Values.doubles(wq), Values.doubles(wk), Values.doubles(wv), Values.doubles(dOut));
    double[][] wanted = {
      expected.q(), plain.contiguous(expected.k()), plain.contiguous(expected.v()), expected.bias()
    };
    float[][] before = {
      normal(random, inQ, 1),
      normal(random, inK, 1),
      normal(random, inK, 1),
      Values.normal(random, wanted[3].length)
    };
    Gradient[] into = new Gradient[4];
    for (int i = 0; i < 4; i++) {
      DType type = i == 3 ? DType.F32 : call.type();
      boolean none = i == 3 ? !call.bias().present() : random.nextInt(8) == 0;
      boolean add = random.nextInt(3) == 0;
      into[i] =
          none
              ? Gradient.NONE
              : new Gradient(add ? b.put(type, before[i]) : b.blank(type, before[i].length), add);
    }
    backend
        .attention()
        .attentionBackward(
            call,
            in,
            results,
            b.put(call.type(), dOut),
            new Gradients(into[0], into[1], into[2], into[3]));
    for (int i = 0; i < 4; i++) {
      if (into[i].wanted()) {
        DType type = i == 3 ? DType.F32 : call.type();
        double[] sum = into[i].add() ? Values.sum(wanted[i], Values.doubles(before[i])) : wanted[i];
        // gradients of a query's scores add up to 0: of one key or one distance comes the rounding
        // of the outputs
        boolean cancels = call.keys() == 1 || (i == 3 && call.bias().reach() == 0);
        double least = cancels ? Math.sqrt((double) sum.length * call.queries()) : 0;
        float[] got = b.read(type, into[i].address(), sum.length);
        near(call + ", gradient " + i + (into[i].add() ? ", added" : ""), sum, got, least);
      }
    }
  }

  /// Rising numbers, as texts that are packed into a row have.
  private static int[] segments(int batch, int tokens, Random random) {
    int[] all = new int[batch * tokens];
    for (int i = 0; i < all.length; i++) {
      boolean begins = i % tokens == 0;
      all[i] = begins ? random.nextInt(2) : all[i - 1] + (random.nextInt(30) == 0 ? 1 : 0);
    }
    return all;
  }

  private static float[] normal(Random random, long count, float scale) {
    float[] values = Values.normal(random, count);
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale;
    }
    return Values.of(DType.BF16, values);
  }

  /// Fails unless the difference is small beside what is expected, by norm.
  private static void near(String what, double[] expected, float[] actual, double least) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
      norm += expected[i] * expected[i];
    }
    double most = TOLERANCE * Math.max(Math.sqrt(norm), least);
    assertTrue(
        Math.sqrt(difference) <= most,
        "%s: off by %.3g, at most %.3g".formatted(what, Math.sqrt(difference), most));
  }
}
