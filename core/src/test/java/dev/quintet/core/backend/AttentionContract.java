package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.AttentionCall.Masks;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every backend's attention must do.
public abstract class AttentionContract extends BackendContract {
  private static final int[] LENGTHS = {1, 2, 3, 5, 7, 8, 15, 16, 17, 33, 40};
  private static final int[] WIDTHS = {1, 2, 3, 4, 8, 12, 16, 17, 32, 64};

  /// How a bias is laid out.
  private enum Bias {
    NONE,
    FULL,
    PER_ROW,
    ALL_HEADS,
    RELATIVE
  }

  @Test
  void attendsPlainly() {
    Values.trials(15, random -> check(sizes(random), Bias.NONE, false, random));
  }

  @Test
  void addsBiasesOfAllLayouts() {
    for (Bias bias : Bias.values()) {
      Values.trials(8, random -> check(sizes(random), bias, false, random));
    }
  }

  @Test
  void hidesPaddingAndLaterKeys() {
    Values.trials(
        40,
        random -> {
          AttentionCall call = sizes(random);
          int offset = Math.max(0, call.keys() - call.queries());
          call =
              call.withMasks(new Masks(0, random.nextBoolean(), random.nextBoolean() ? offset : 0));
          Bias bias = Bias.values()[random.nextInt(Bias.values().length)];
          check(call, bias, random.nextBoolean(), random);
        });
  }

  @Test
  void dropsProbabilities() {
    Values.trials(
        25,
        random -> {
          AttentionCall call =
              sizes(random)
                  .withMasks(new Masks(0, random.nextBoolean(), random.nextInt(5)))
                  .withDropout(
                      new DropoutMask(
                          0.1f + 0.4f * random.nextFloat(),
                          random.nextLong(),
                          random.nextInt(1000),
                          random.nextLong(),
                          random.nextInt(100)));
          check(call, random.nextBoolean() ? Bias.RELATIVE : Bias.NONE, false, random);
        });
  }

  @Test
  void attendsToACache() {
    Values.trials(
        15,
        random -> {
          int capacity = 60;
          int keys = 1 + random.nextInt(capacity);
          int heads = 1 + random.nextInt(4);
          int width = Values.oneOf(random, WIDTHS);
          check(
              AttentionCall.of(1 + random.nextInt(5), heads, 1, keys, width)
                  .withKeyBatchStride((long) capacity * heads * width)
                  .withMasks(new Masks(0, true, keys - 1)),
              Bias.RELATIVE,
              random.nextBoolean(),
              random);
        });
  }

  @Test
  void attendsOverLongerSequences() {
    check(AttentionCall.of(2, 2, 130, 150, 64), Bias.RELATIVE, true, new Random(1));
    check(
        AttentionCall.of(1, 2, 67, 67, 32).withMasks(new Masks(0, true, 0)),
        Bias.RELATIVE,
        false,
        new Random(2));
    check(AttentionCall.of(1, 3, 5, 400, 16), Bias.NONE, true, new Random(3));
    check(AttentionCall.of(1, 2, 300, 9, 24), Bias.FULL, false, new Random(4));
    check(
        AttentionCall.of(1, 1, 259, 515, 64)
            .withMasks(new Masks(0, true, 200))
            .withDropout(new DropoutMask(0.1f, 1, 2, 3, 4)),
        Bias.RELATIVE,
        true,
        new Random(11));
  }

  @Test
  void makesRowsWithoutKeysUniform() {
    AttentionCall call = AttentionCall.of(2, 2, 5, 19, 8);
    int[] mask = new int[2 * 19];
    Arrays.fill(mask, 19, 38, 1);
    check(call, Bias.FULL, mask, new Random(5));
    int[] left = new int[2 * 19]; // padded on the left, where a causal query sees padding alone
    Arrays.fill(left, 3, 19, 1);
    Arrays.fill(left, 19, 38, 1);
    check(call.withMasks(new Masks(0, true, 0)), Bias.RELATIVE, left, new Random(6));
    check(
        call.withMasks(new Masks(0, true, 0)).withDropout(new DropoutMask(0.2f, 1, 2, 3, 4)),
        Bias.NONE,
        left,
        new Random(7));
  }

  @Test
  void staysFiniteForLargeScores() {
    check(AttentionCall.of(2, 2, 9, 17, 8).withScale(3e3f), Bias.NONE, true, new Random(8));
  }

  @Test
  void doesNothingWithoutQueries() {
    try (Buffers b = buffers()) {
      long k = b.put(Values.normal(new Random(9), 3 * 8));
      long dk = b.blank(24);
      long dv = b.blank(24);
      long none = b.blank(0);
      AttentionCall call = AttentionCall.of(1, 2, 0, 3, 4);
      backend().attention().attention(call, none, k, k, none, none);
      backend().attention().attentionBackward(call, none, k, k, none, none, none, none, dk, dv, 0);
      Expect.bits("dk", new float[24], b.read(dk, 24));
      Expect.bits("dv", new float[24], b.read(dv, 24));
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    AttentionCall small = AttentionCall.of(1, 2, 3, 5, 4).withMasks(new Masks(0, true, 2));
    AttentionCall large = AttentionCall.of(3, 2, 90, 101, 16);
    DropoutMask mask = new DropoutMask(0.1f, 1, 2, 3, 4);
    for (AttentionCall sizes : new AttentionCall[] {small, large, large.withDropout(mask)}) {
      int inQ = sizes.batch() * sizes.queries() * sizes.heads() * sizes.width();
      int inK = sizes.batch() * sizes.keys() * sizes.heads() * sizes.width();
      int reach = 1 + sizes.keys() / 2;
      int rows = sizes.batch() * sizes.heads() * sizes.queries();
      Random random = new Random(10);
      float[] q = Values.normal(random, inQ);
      float[] k = Values.normal(random, inK);
      float[] v = Values.normal(random, inK);
      float[] dOut = Values.normal(random, inQ);
      float[] table = Values.normal(random, sizes.heads() * (2 * reach + 1));
      assertSameBits(
          inQ < 100 ? 1200 : 8,
          b -> {
            AttentionCall call = sizes.withBias(AttentionCall.Bias.table(b.put(table), reach));
            long results = b.put(new float[rows + 2 * inQ + 2 * inK + table.length]);
            long out = results + 4L * rows;
            long dq = out + 4L * inQ;
            long dk = dq + 4L * inQ;
            long dv = dk + 4L * inK;
            long dTable = dv + 4L * inK;
            long[] in = {b.put(q), b.put(k), b.put(v)};
            AttentionKernels attention = backend().attention();
            attention.attention(call, in[0], in[1], in[2], out, results);
            attention.attentionBackward(
                call, in[0], in[1], in[2], out, results, b.put(dOut), dq, dk, dv, dTable);
            return b.read(results, rows + 2 * inQ + 2 * inK + table.length);
          });
    }
  }

  private static AttentionCall sizes(Random random) {
    int heads = 1 + random.nextInt(4);
    int keys = Values.oneOf(random, LENGTHS);
    int width = Values.oneOf(random, WIDTHS);
    AttentionCall call =
        AttentionCall.of(1 + random.nextInt(3), heads, Values.oneOf(random, LENGTHS), keys, width);
    call = random.nextBoolean() ? call : call.withScale(random.nextFloat());
    return random.nextInt(3) > 0
        ? call
        : call.withKeyBatchStride((long) keys * heads * width + random.nextInt(30));
  }

  private void check(AttentionCall call, Bias layout, boolean masked, Random random) {
    int[] mask = null;
    if (masked) {
      mask = random.ints((long) call.batch() * call.keys(), 0, 3).toArray(); // 1 and 2 are true
      for (int b = 0; b < call.batch(); b++) {
        mask[b * call.keys()] = 1;
      }
    }
    check(call, layout, mask, random);
  }

  private void check(AttentionCall sizes, Bias layout, int @Nullable [] mask, Random random) {
    int inQ = sizes.batch() * sizes.queries() * sizes.heads() * sizes.width();
    int inK = (int) (sizes.batch() * sizes.sizes().keyBatchStride());
    int rows = sizes.batch() * sizes.heads() * sizes.queries();
    float[] q = Values.normal(random, inQ);
    float[] k = Values.normal(random, inK);
    float[] v = Values.normal(random, inK);
    float[] dOut = Values.normal(random, inQ);
    float[] table = table(sizes, layout, random);
    float[] dTable = Values.normal(random, table.length);
    try (Buffers b = buffers()) {
      long bias = layout == Bias.NONE ? 0 : b.put(table);
      AttentionCall call =
          withBias(sizes, layout, bias)
              .withMasks(
                  new Masks(
                      mask == null ? 0 : b.put(mask),
                      sizes.masks().causal(),
                      sizes.masks().queryOffset()));
      String what = call + " " + layout;
      var plain =
          new PlainAttention(call, layout == Bias.NONE ? null : Values.doubles(table), mask);
      double[] wq = Values.doubles(q);
      double[] wk = Values.doubles(k);
      double[] wv = Values.doubles(v);
      PlainAttention.Result expected = plain.forward(wq, wk, wv);

      long[] in = {b.put(q), b.put(k), b.put(v)};
      long out = b.blank(inQ);
      long logSumExp = b.blank(rows);
      backend().attention().attention(call, in[0], in[1], in[2], out, logSumExp);
      double digits = Math.max(1, sizes.scale()); // scores lose absolute digits as they grow
      Expect.close(what, expected.out(), b.read(out, inQ), 1e-5 * digits);
      checkLogSumExp(plain, expected.logSumExp(), b.read(logSumExp, rows), 1e-5 * digits);

      PlainAttention.Gradients gradients = plain.backward(wq, wk, wv, Values.doubles(dOut));
      for (boolean withBias : new boolean[] {false, true}) {
        long dBias = withBias && bias != 0 ? b.put(dTable) : 0;
        int contiguous = sizes.batch() * sizes.keys() * sizes.heads() * sizes.width();
        long dq = b.blank(inQ);
        long dk = b.blank(contiguous);
        long dv = b.blank(contiguous);
        backend()
            .attention()
            .attentionBackward(
                call, in[0], in[1], in[2], out, logSumExp, b.put(dOut), dq, dk, dv, dBias);
        double tolerance = 3e-5 * digits;
        Expect.close(what + ", dq", gradients.q(), b.read(dq, inQ), tolerance);
        Expect.close(
            what + ", dk", plain.contiguous(gradients.k()), b.read(dk, contiguous), tolerance);
        Expect.close(
            what + ", dv", plain.contiguous(gradients.v()), b.read(dv, contiguous), tolerance);
        if (dBias != 0) {
          Expect.close(
              what + ", dBias",
              Values.sum(gradients.bias(), Values.doubles(dTable)),
              b.read(dBias, table.length),
              tolerance);
        }
      }
    }
  }

  private static void checkLogSumExp(
      PlainAttention plain, double[] expected, float[] actual, double tolerance) {
    AttentionCall call = plain.call();
    for (int r = 0; r < expected.length; r++) {
      int i = r % call.queries();
      assertTrue(Float.isFinite(actual[r]), "log-sum-exp of row " + r);
      if (!plain.blind(r / call.queries() / call.heads(), i)) {
        assertEquals(expected[r], actual[r], tolerance * Math.max(1, Math.abs(expected[r])));
      }
    }
  }

  private static float[] table(AttentionCall c, Bias layout, Random random) {
    int square = c.queries() * c.keys();
    int elements =
        switch (layout) {
          case NONE -> 0;
          case FULL -> c.heads() * square;
          case PER_ROW -> c.batch() * c.heads() * square;
          case ALL_HEADS -> square;
          case RELATIVE -> c.heads() * (2 * reach(c) + 1);
        };
    return Values.normal(random, elements);
  }

  /// Sometimes beyond all distances, sometimes not, sometimes none but 0.
  private static int reach(AttentionCall c) {
    return (c.queries() + c.keys() + c.masks().queryOffset()) * (c.width() % 3) / 2;
  }

  private static AttentionCall withBias(AttentionCall c, Bias layout, long address) {
    int square = c.queries() * c.keys();
    return c.withBias(
        switch (layout) {
          case NONE -> AttentionCall.Bias.NONE;
          case FULL -> AttentionCall.Bias.full(address, 0, square);
          case PER_ROW -> AttentionCall.Bias.full(address, (long) c.heads() * square, square);
          case ALL_HEADS -> AttentionCall.Bias.full(address, 0, 0);
          case RELATIVE -> AttentionCall.Bias.table(address, reach(c));
        });
  }
}
