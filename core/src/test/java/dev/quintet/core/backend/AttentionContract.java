package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.shape.DType;
import java.util.Arrays;
import java.util.Random;
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

  /// How starts of rows that do not rise are refused, at the latest when results are read.
  protected Class<? extends RuntimeException> refusalOfStarts() {
    return IllegalArgumentException.class;
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
          call = call.withMasks(masks(random.nextBoolean(), random.nextBoolean() ? offset : 0));
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
                  .withMasks(masks(random.nextBoolean(), random.nextInt(5)))
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
                  .withMasks(masks(true, keys - 1)),
              Bias.RELATIVE,
              random.nextBoolean(),
              random);
        });
  }

  @Test
  void attendsOverLongerSequences() {
    check(AttentionCall.of(2, 2, 130, 150, 64), Bias.RELATIVE, true, new Random(1));
    check(
        AttentionCall.of(1, 2, 67, 67, 32).withMasks(masks(true, 0)),
        Bias.RELATIVE,
        false,
        new Random(2));
    check(AttentionCall.of(1, 3, 5, 400, 16), Bias.NONE, true, new Random(3));
    check(AttentionCall.of(1, 2, 300, 9, 24), Bias.FULL, false, new Random(4));
    check(
        AttentionCall.of(1, 1, 259, 515, 64)
            .withMasks(masks(true, 200))
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
    check(call, Bias.FULL, Kind.MASK, mask, mask, new Random(5));
    int[] left = new int[2 * 19]; // padded on the left, where a causal query sees padding alone
    Arrays.fill(left, 3, 19, 1);
    Arrays.fill(left, 19, 38, 1);
    AttentionCall causal = call.withMasks(masks(true, 0));
    check(causal, Bias.RELATIVE, Kind.MASK, left, left, new Random(6));
    check(
        causal.withDropout(new DropoutMask(0.2f, 1, 2, 3, 4)),
        Bias.NONE,
        Kind.MASK,
        left,
        left,
        new Random(7));
  }

  @Test
  void seesTheFirstKeysAndItsOwnSegment() {
    Values.trials(
        30,
        random -> {
          AttentionCall call = sizes(random).withMasks(masks(random.nextBoolean(), 0));
          if (random.nextBoolean()) {
            call = call.withDropout(new DropoutMask(0.3f, 1, 2, 3, 4));
          }
          Bias bias = Bias.values()[random.nextInt(Bias.values().length)];
          int[] lengths = Values.indices(random, call.batch(), call.keys() + 1); // 0 among them
          check(call, bias, Kind.LENGTHS, new int[0], lengths, random);
          int[] ofQueries = Values.indices(random, call.batch() * call.queries(), 3);
          int[] ofKeys = Values.indices(random, call.batch() * call.keys(), 3);
          check(call, bias, Kind.SEGMENTS, ofQueries, ofKeys, random);
        });
  }

  @Test
  void lengthsHaveTheBitsOfTheirMask() {
    AttentionCall call = AttentionCall.of(3, 2, 9, 21, 16).withMasks(masks(true, 12));
    Random random = new Random(12);
    float[] q = Values.normal(random, call.queryElements());
    float[] k = Values.normal(random, call.keyElements());
    int[] lengths = {21, 0, 5};
    int[] mask = new int[3 * 21];
    Arrays.fill(mask, 0, 21, 1);
    Arrays.fill(mask, 42, 47, 1);
    try (Buffers b = buffers()) {
      float[] byLength = run(b, call.withMasks(masks(b, call, Kind.LENGTHS, mask, lengths)), q, k);
      float[] byMask = run(b, call.withMasks(masks(b, call, Kind.MASK, mask, mask)), q, k);
      Expect.bits("lengths", byMask, byLength);
    }
  }

  @Test
  void attendsToRowsWithoutPadding() {
    int[] queries = {0, 4, 4, 9, 26};
    int[] keys = {0, 7, 8, 8 + 33, 8 + 33 + 17};
    AttentionCall call =
        AttentionCall.of(4, 2, 26, 58, 8)
            .withMasks(masks(true, 16))
            .withDropout(new DropoutMask(0.2f, 1, 2, 3, 4));
    try (Buffers b = buffers()) {
      attendToRows(b, call, queries, keys);
      int[] falling = {0, 4, 3, 9, 26};
      float[] q = new float[416];
      float[] k = new float[928];
      for (int[] wrong : new int[][] {falling, {0, 4, 4, 9, 25}, {1, 4, 4, 9, 26}}) {
        AttentionCall refused = call.withMasks(masks(b, call, Kind.STARTS, wrong, keys));
        assertThrows(refusalOfStarts(), () -> run(b, refused, q, k));
      }
    }
  }

  @Test
  void attendsToRowsWithoutPaddingInBfloat16() {
    int[] queries = {0, 3, 3, 70, 134};
    int[] keys = {0, 65, 66, 70, 71};
    AttentionCall call = AttentionCall.of(4, 2, 134, 71, 64).withType(DType.BF16).withScale(0.1f);
    try (Buffers b = Buffers.aligned(backend())) {
      attendToRows(b, call, queries, keys);
      AttentionCall causal = call.withMasks(masks(true, 0));
      attendToRows(b, causal.withDropout(new DropoutMask(0.2f, 1, 2, 3, 4)), queries, keys);
    }
  }

  /// Compares rows that lie one behind the other with each of them alone.
  private void attendToRows(Buffers b, AttentionCall call, int[] queries, int[] keys) {
    Random random = new Random(13);
    int rows = call.batch();
    int each = call.heads() * call.width();
    int inQ = queries[rows] * each;
    int inK = keys[rows] * each;
    float[] q = Values.normal(random, inQ);
    float[] k = Values.normal(random, inK);
    float[] table = Values.normal(random, call.heads() * 11L);
    AttentionCall all =
        call.withMasks(masks(b, call, Kind.STARTS, queries, keys))
            .withBias(AttentionCall.Bias.table(b.put(table), 5));
    float[] together = run(b, all, q, k);
    float[] apart = new float[together.length];
    int sums = queries[rows] * call.heads();
    int at = together.length - table.length;
    for (int row = 0; row < rows; row++) {
      int t = queries[row + 1] - queries[row];
      int s = keys[row + 1] - keys[row];
      AttentionCall one =
          AttentionCall.of(1, call.heads(), t, s, call.width())
              .withType(call.type())
              .withScale(call.scale())
              .withMasks(call.masks())
              .withBias(all.bias())
              .withDropout(call.dropout().fromRow(row));
      int fromQ = each * queries[row];
      int fromK = each * keys[row];
      float[] its =
          run(
              b,
              one,
              Arrays.copyOfRange(q, fromQ, each * queries[row + 1]),
              Arrays.copyOfRange(k, fromK, each * keys[row + 1]));
      int from = 0;
      for (int[] part :
          new int[][] {
            {call.heads() * queries[row], call.heads() * t},
            {sums + fromQ, each * t},
            {sums + inQ + fromQ, each * t},
            {sums + 2 * inQ + fromK, each * s},
            {sums + 2 * inQ + inK + fromK, each * s}
          }) {
        System.arraycopy(its, from, apart, part[0], part[1]);
        from += part[1];
      }
      for (int i = 0; i < table.length; i++) {
        apart[at + i] += its[from + i];
      }
    }
    Expect.close("rows", Values.doubles(apart), together, 1e-5);
  }

  /// Tiles that reach beyond a row must not bring in what lies there.
  @Test
  void noRowIsTouchedByTheNextOnesNaN() {
    int queries = 66;
    int keys = 70;
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      try (Buffers b = Buffers.aligned(backend())) {
        AttentionCall even = AttentionCall.of(2, 2, queries, keys, 64).withType(type);
        keepsApart(b, even, queries, keys);
        AttentionCall packed = AttentionCall.of(2, 2, 80, 100, 64).withType(type);
        int[] ofQueries = {0, queries, 80};
        int[] ofKeys = {0, keys, 100};
        Masks masks = masks(b, packed, Kind.STARTS, ofQueries, ofKeys);
        keepsApart(b, packed.withMasks(masks), queries, keys);
      }
    }
  }

  /// Compares the first of two rows, of so many queries and keys, beside numbers and beside NaN.
  private void keepsApart(Buffers b, AttentionCall call, int queries, int keys) {
    Random random = new Random(15);
    int each = call.heads() * call.width();
    float[] q = Values.normal(random, call.queryElements());
    float[] k = Values.normal(random, call.keyElements());
    float[] beside = run(b, call, q, k);
    Arrays.fill(q, queries * each, q.length, Float.NaN);
    Arrays.fill(k, keys * each, k.length, Float.NaN);
    float[] besideNaN = run(b, call, q, k);
    int at = 0;
    int[][] parts = { // elements of each part, and of the first row among them
      {q.length / call.width(), queries * call.heads()},
      {q.length, queries * each},
      {q.length, queries * each},
      {k.length, keys * each},
      {k.length, keys * each}
    };
    for (int[] part : parts) {
      assertArrayEquals(
          Arrays.copyOfRange(beside, at, at + part[1]),
          Arrays.copyOfRange(besideNaN, at, at + part[1]),
          call.type() + ", " + call.masks().kind() + ", from " + at);
      at += part[0];
    }
  }

  @Test
  void readsDropoutFromTheStateOfTheRun() {
    AttentionCall call = AttentionCall.of(2, 2, 5, 19, 8);
    float[] q = Values.normal(new Random(14), call.queryElements());
    float[] k = Values.normal(new Random(15), call.keyElements());
    try (Buffers b = buffers()) {
      long state = b.put(new RunState.Inputs(7, 9, 100, 0, 1).words());
      var late = new DropoutMask(0.3f, 0, 0, 5, 3, state, 0);
      float[] now = run(b, call.withDropout(new DropoutMask(0.3f, 7, 9, 5, 103)), q, k);
      Expect.bits("state", now, run(b, call.withDropout(late), q, k));
    }
  }

  @Test
  void widensBfloat16AndNarrowsResults() {
    AttentionCall call =
        AttentionCall.of(2, 3, 5, 9, 8).withMasks(masks(true, 4)).withKeyBatchStride(9 * 24 + 8);
    Random random = new Random(16);
    float[] q = Values.of(DType.BF16, Values.normal(random, call.queryElements()));
    float[] k = Values.of(DType.BF16, Values.normal(random, call.keySpan()));
    try (Buffers b = buffers()) {
      float[] wide = run(b, call, DType.BF16, q, k);
      float[] narrow = run(b, call.withType(DType.BF16), DType.BF16, q, k);
      float[] results = Values.of(DType.BF16, Arrays.copyOfRange(wide, 30, wide.length));
      Expect.bits("log-sum-exp", Arrays.copyOf(wide, 30), Arrays.copyOf(narrow, 30));
      Expect.bits("results", results, Arrays.copyOfRange(narrow, 30, narrow.length));
    }
  }

  @Test
  void keepsToTheDoubleFormInBfloat16() {
    Values.trials(14, random -> new NarrowAttention(backend()).check(64, random));
    Values.trials(2, random -> new NarrowAttention(backend()).check(32, random));
    Values.trials(2, random -> new NarrowAttention(backend()).check(128, random));
  }

  @Test
  void staysFiniteForLargeScores() {
    check(AttentionCall.of(2, 2, 9, 17, 8).withScale(3e3f), Bias.NONE, true, new Random(8));
  }

  @Test
  void takesABiasThatHides() {
    Random random = new Random(17);
    AttentionCall call = AttentionCall.of(1, 2, 3, 40, 8);
    float[] q = Values.normal(random, call.queryElements());
    float[] k = Values.normal(random, call.keyElements());
    float[] bias = Values.normal(random, 2 * 3 * 40);
    Arrays.fill(bias, 0, 40, -Float.MAX_VALUE); // all of a row
    Arrays.fill(bias, 50, 70, -Float.MAX_VALUE);
    try (Buffers b = buffers()) {
      call = call.withBias(AttentionCall.Bias.full(b.put(bias), 0, 120));
      var plain = new PlainAttention(call, Values.doubles(bias), new int[0], new int[0]);
      PlainAttention.Result expected =
          plain.forward(Values.doubles(q), Values.doubles(k), Values.doubles(k));
      var results = new Results(b.blank(q.length), b.blank(6));
      backend().attention().attention(call, new Inputs(b.put(q), b.put(k), b.put(k)), results);
      Expect.close("out", expected.out(), b.read(results.out(), q.length), 1e-5);
    }
  }

  @Test
  void doesNothingWithoutQueries() {
    try (Buffers b = buffers()) {
      float[] all = run(b, AttentionCall.of(1, 2, 0, 3, 4), new float[0], new float[24]);
      Expect.bits("dk and dv", new float[48], all);
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    AttentionCall small = AttentionCall.of(1, 2, 3, 5, 4).withMasks(masks(true, 2));
    AttentionCall large = AttentionCall.of(3, 2, 90, 101, 16);
    DropoutMask mask = new DropoutMask(0.1f, 1, 2, 3, 4);
    for (AttentionCall sizes : new AttentionCall[] {small, large, large.withDropout(mask)}) {
      int reach = 1 + sizes.keys() / 2;
      Random random = new Random(10);
      float[] q = Values.normal(random, sizes.queryElements());
      float[] k = Values.normal(random, sizes.keyElements());
      float[] table = Values.normal(random, sizes.heads() * (2 * reach + 1));
      assertSameBits(
          q.length < 100 ? 1200 : 8,
          b -> run(b, sizes.withBias(AttentionCall.Bias.table(b.put(table), reach)), q, k));
    }
  }

  /// Log-sum-exp, outputs and the gradients of q, k, v and the bias, where the values are twice the keys and dOut is q.
  private float[] run(Buffers b, AttentionCall call, float[] q, float[] k) {
    return run(b, call, call.type(), q, k);
  }

  /// The same with a backward that finds outputs which were rounded to a type.
  private float[] run(Buffers b, AttentionCall call, DType outs, float[] q, float[] k) {
    DType type = call.type();
    float[] twice = k.clone();
    for (int i = 0; i < k.length; i++) {
      twice[i] *= 2;
    }
    int inK = (int) call.keyElements();
    int inBias = call.bias().present() ? (int) call.biasElements() : 0;
    int rows = q.length / call.width();
    var in = new Inputs(b.put(type, q), b.put(type, k), b.put(type, twice));
    var results = new Results(b.blank(type, q.length), b.blank(rows));
    var gradients =
        new Gradients(
            stored(b.blank(type, q.length)),
            stored(b.blank(type, inK)),
            stored(b.blank(type, inK)),
            inBias == 0 ? Gradient.NONE : stored(b.blank(inBias)));
    backend().attention().attention(call, in, results);
    float[] out = b.read(type, results.out(), q.length);
    var rounded = new Results(b.put(type, Values.of(outs, out)), results.logSumExp());
    backend().attention().attentionBackward(call, in, rounded, b.put(type, q), gradients);
    float[] all = new float[rows + 2 * q.length + 2 * inK + inBias];
    int at = 0;
    for (float[] part :
        new float[][] {
          b.read(results.logSumExp(), rows),
          out,
          b.read(type, gradients.q().address(), q.length),
          b.read(type, gradients.k().address(), inK),
          b.read(type, gradients.v().address(), inK),
          inBias == 0 ? new float[0] : b.read(gradients.bias().address(), inBias)
        }) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static Masks masks(boolean causal, int offset) {
    return new Masks(Kind.ALL, 0, 0, causal, offset);
  }

  private static Masks starts(long queries, long keys) {
    return new Masks(Kind.STARTS, queries, keys, false, 0);
  }

  private static Masks masks(Buffers b, AttentionCall call, Kind kind, int[] queries, int[] keys) {
    Masks masks = call.masks();
    return new Masks(kind, b.put(queries), b.put(keys), masks.causal(), masks.queryOffset());
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
    int[] mask = new int[0];
    if (masked) {
      mask = random.ints((long) call.batch() * call.keys(), 0, 3).toArray(); // 1 and 2 are true
      for (int b = 0; b < call.batch(); b++) {
        mask[b * call.keys()] = 1;
      }
    }
    check(call, layout, masked ? Kind.MASK : Kind.ALL, new int[0], mask, random);
  }

  private void check(
      AttentionCall sizes, Bias layout, Kind kind, int[] ofQueries, int[] ofKeys, Random random) {
    float[] q = Values.normal(random, sizes.queryElements());
    float[] k = Values.normal(random, sizes.batch() * sizes.sizes().keyBatchStride());
    float[] v = Values.normal(random, k.length);
    float[] dOut = Values.normal(random, q.length);
    float[] table = table(sizes, layout, random);
    int rows = q.length / sizes.width();
    int contiguous = (int) sizes.keyElements();
    float[][] before = {
      Values.normal(random, q.length),
      Values.normal(random, contiguous),
      Values.normal(random, contiguous),
      Values.normal(random, table.length)
    };
    try (Buffers b = buffers()) {
      long bias = layout == Bias.NONE ? 0 : b.put(table);
      AttentionCall call =
          withBias(sizes, layout, bias).withMasks(masks(b, sizes, kind, ofQueries, ofKeys));
      String what = call + " " + layout;
      double[] wide = layout == Bias.NONE ? null : Values.doubles(table);
      var plain = new PlainAttention(call, wide, ofQueries, ofKeys);
      double[] wq = Values.doubles(q);
      double[] wk = Values.doubles(k);
      double[] wv = Values.doubles(v);
      PlainAttention.Result expected = plain.forward(wq, wk, wv);

      var in = new Inputs(b.put(q), b.put(k), b.put(v));
      var results = new Results(b.blank(q.length), b.blank(rows));
      backend().attention().attention(call, in, results);
      double digits = Math.max(1, sizes.scale()); // scores lose absolute digits as they grow
      Expect.close(what, expected.out(), b.read(results.out(), q.length), 1e-5 * digits);
      float[] logSumExp = b.read(results.logSumExp(), rows);
      checkLogSumExp(plain, expected.logSumExp(), logSumExp, 1e-5 * digits);

      PlainAttention.Gradients gradients = plain.backward(wq, wk, wv, Values.doubles(dOut));
      double[][] wanted = {
        gradients.q(),
        plain.contiguous(gradients.k()),
        plain.contiguous(gradients.v()),
        gradients.bias()
      };
      for (int trial = 0; trial < 2; trial++) {
        Gradient[] into = new Gradient[4];
        for (int i = 0; i < 4; i++) {
          boolean none = i == 3 && (bias == 0 || trial == 0) || random.nextInt(8) == 0;
          into[i] = gradient(b, none, random.nextBoolean(), before[i]);
        }
        var all = new Gradients(into[0], into[1], into[2], into[3]);
        backend().attention().attentionBackward(call, in, results, b.put(dOut), all);
        for (int i = 0; i < 4; i++) {
          String which = what + ", gradient " + i;
          checkGradient(which, b, wanted[i], into[i], before[i], 3e-5 * digits);
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
