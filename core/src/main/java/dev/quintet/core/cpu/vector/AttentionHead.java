package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.vector.RegisterBlock.COLUMNS;
import static dev.quintet.core.cpu.vector.RegisterBlock.ROWS;
import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.cpu.lane.DropoutLanes;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.NativeRoom;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Attention of one head of one row of the batch, on one thread.
///
/// Keys and values are packed once; queries go by in blocks whose scores stay in the second-level cache, so that there is no
/// tensor of T x S. Keys behind the last one that any query of a block sees are left out: their probabilities are exactly 0.
/// The backward computes the probabilities again from the log-sum-exp.
public final class AttentionHead {
  private static final ThreadLocal<AttentionHead> MINE =
      ThreadLocal.withInitial(AttentionHead::new);

  /// Scores of a block of queries in float32, 256 KiB.
  private static final int SCORES = 1 << 16;

  /// The most queries in a block.
  private static final int QUERIES = 64;

  /// Keys whose products are summed at a stretch.
  private static final int CHUNK = 48;

  private final NativeRoom keyPanels = new NativeRoom();
  private final NativeRoom valuePanels = new NativeRoom();
  private final NativeRoom keyRows = new NativeRoom();
  private final NativeRoom queryRows = new NativeRoom();
  private final NativeRoom outRows = new NativeRoom();
  private final float[] most = new float[QUERIES + ROWS];
  private final float[] sums = new float[QUERIES + ROWS];
  private final float[] block = new float[ROWS * COLUMNS];
  private final float[] partial = new float[ROWS * COLUMNS];
  private float[] queries = {};
  private float[] outs = {};
  private float[] scores = {};
  private float[] dScores = {};
  private float[] hidden = {};
  private int[] kept = {};

  private AttentionCall call = AttentionCall.of(0, 0, 0, 0, 0);
  private int row;
  private int head;
  private int firstKey;
  private int lastKey;
  private boolean masked;

  private AttentionHead() {}

  /// The calling thread's, for one head of one row of the batch.
  ///
  /// @param index row times H plus head
  static AttentionHead mine(AttentionCall c, int index) {
    AttentionHead mine = MINE.get();
    mine.begin(c, index / c.heads(), index % c.heads());
    return mine;
  }

  /// Computes the outputs and log-sum-exp; see [dev.quintet.core.backend.AttentionKernels#attention].
  void forward(Inputs in, Results to) {
    AttentionCall c = call;
    int step = c.heads() * c.width();
    long q0 = at(in.q(), inQueries(0));
    long k0 = at(in.k(), inKeys());
    long v0 = at(in.v(), inKeys());
    long o0 = at(to.out(), inQueries(0));
    int width = c.width();
    int keys = keysSeen(0, c.queries());
    int rows = blockRows(keys);
    boolean few = c.queries() <= 16 && width % COLUMNS == 0;
    long panels = keyPanels.floats((long) padded(keys) * width);
    Packing.transposed(k0, step, width, keys, panels);
    long values = few ? v0 : valuePanels.floats((long) padded(width) * keys);
    if (!few) {
      Packing.straight(v0, step, keys, width, values);
    }
    for (int i = 0; i < c.queries(); i += rows) {
      int m = Math.min(rows, c.queries() - i);
      int n = keysSeen(i, i + m);
      int pad = padded(n);
      scores = room(scores, (m + ROWS) * pad);
      takeQueries(at(q0, (long) i * step), step, m);
      score(queries, width, panels, m, n, scores);
      for (int r = 0; r < m; r++) {
        probabilities(i + r, r, n, pad);
      }
      AttentionRows.logSumExp(most, sums, m, at(to.logSumExp(), inRows(i)));
      float factor = c.dropout().scale();
      for (int r = 0; r < m; r++) {
        sums[r] = factor / sums[r];
      }
      multiply(
          scores,
          pad,
          m,
          n,
          values,
          few ? COLUMNS : COLUMNS * keys,
          few ? step : COLUMNS,
          at(o0, (long) i * step),
          step);
    }
  }

  /// Computes the gradients; see [dev.quintet.core.backend.AttentionKernels#attentionBackward].
  ///
  /// @param dBias address of this head's part of the bias's gradient, or 0
  void backward(Inputs in, Results results, long dOut, Gradients gradients, long dBias) {
    AttentionCall c = call;
    int step = c.heads() * c.width();
    int width = c.width();
    long k0 = at(in.k(), inKeys());
    long contiguous = (long) row * c.keys() * step + (long) head * width;
    long dk0 = at(gradients.k().address(), contiguous);
    long dv0 = at(gradients.v().address(), contiguous);
    clear(dk0, step);
    clear(dv0, step);
    if (c.queries() == 0) {
      return;
    }
    int keys = keysSeen(0, c.queries());
    int rows = blockRows(keys);
    long panels = keyPanels.floats((long) padded(keys) * width);
    long valuePanel = valuePanels.floats((long) padded(keys) * width);
    long keyRow = keyRows.floats((long) padded(width) * keys);
    Packing.transposed(k0, step, width, keys, panels);
    Packing.transposed(at(in.v(), inKeys()), step, width, keys, valuePanel);
    Packing.straight(k0, step, keys, width, keyRow);
    Arrays.fill(sums, c.scale());
    for (int i = 0; i < c.queries(); i += rows) {
      int m = Math.min(rows, c.queries() - i);
      int n = keysSeen(i, i + m);
      int pad = padded(n);
      long o = inQueries(i);
      scores = room(scores, (m + ROWS) * pad);
      dScores = room(dScores, (m + ROWS) * pad);
      outs = room(outs, (m + ROWS) * width);
      takeQueries(at(in.q(), o), step, m);
      Packing.rows(at(dOut, o), step, m, width, outs);
      long queryRow = queryRows.floats((long) padded(width) * m);
      long outRow = outRows.floats((long) padded(width) * m);
      Packing.straight(queries, m, width, queryRow);
      Packing.straight(at(dOut, o), step, m, width, outRow);
      score(queries, width, panels, m, n, scores);
      score(outs, width, valuePanel, m, n, dScores);
      for (int r = 0; r < m; r++) {
        long x = (long) r * step;
        float delta = AttentionRows.dot(at(results.out(), o + x), at(dOut, o + x), width);
        gradients(i + r, r, n, pad, value(at(results.logSumExp(), inRows(i + r))), delta);
        if (dBias != 0) {
          long query = at(dBias, c.biasAt(0, 0, i + r));
          AttentionRows.addTo(dScores, r * pad, keysSeen(i + r, i + r + 1), query);
        }
      }
      multiply(
          dScores,
          pad,
          m,
          n,
          keyRow,
          COLUMNS * keys,
          COLUMNS,
          at(gradients.q().address(), o),
          step);
      multiplyTransposed(scores, pad, m, n, outRow, dv0, step);
      multiplyTransposed(dScores, pad, m, n, queryRow, dk0, step);
    }
  }

  private void begin(AttentionCall c, int b, int h) {
    call = c;
    row = b;
    head = h;
    firstKey = 0;
    lastKey = c.keys();
    masked = false;
    kept =
        kept.length < DropoutLanes.padded(c.keys()) ? new int[DropoutLanes.padded(c.keys())] : kept;
    switch (c.masks().kind()) {
      case MASK -> readMask(Native.floats(at(c.masks().keys(), (long) b * c.keys()), c.keys()));
      case LENGTHS -> {
        int length = Native.floats(at(c.masks().keys(), b), 1).get(JAVA_INT_UNALIGNED, 0);
        if (length > 0) {
          lastKey = Math.min(length, c.keys());
        } else {
          firstKey = c.keys();
        }
      }
      case ALL, SEGMENTS, STARTS -> {}
    }
  }

  private void readMask(MemorySegment mask) {
    int keys = call.keys();
    hidden = room(hidden, padded(keys));
    firstKey = keys;
    int last = 0;
    int shown = 0;
    for (int j = 0; j < keys; j++) {
      boolean show = mask.getAtIndex(JAVA_INT_UNALIGNED, j) != 0;
      hidden[j] = show ? 0 : Float.NEGATIVE_INFINITY;
      if (show) {
        firstKey = Math.min(firstKey, j);
        last = j + 1;
        shown++;
      }
    }
    if (shown > 0) {
      lastKey = last;
    }
    masked = shown < lastKey;
  }

  /// How many keys, from the first on, have a probability for one of these queries.
  private int keysSeen(int from, int to) {
    if (blind(from)) {
      return call.keys();
    }
    return call.masks().causal()
        ? Math.min(lastKey, Math.max(0, to + call.masks().queryOffset()))
        : lastKey;
  }

  /// Whether a query sees no key; then all keys are alike to it.
  private boolean blind(int query) {
    int seen =
        call.masks().causal()
            ? Math.min(call.keys(), query + call.masks().queryOffset() + 1)
            : call.keys();
    return firstKey >= seen;
  }

  /// Queries, scaled, as rows of A; zeros up to a whole block.
  private void takeQueries(long from, int step, int m) {
    int width = call.width();
    queries = room(queries, (m + ROWS) * width);
    Packing.rows(from, step, m, width, queries);
    if (call.scale() != 1) {
      for (int i = 0; i < m * width; i++) {
        queries[i] *= call.scale();
      }
    }
  }

  private void probabilities(int query, int r, int n, int pad) {
    int from = r * pad;
    if (blind(query)) {
      most[r] = -Float.MAX_VALUE;
      sums[r] = call.keys();
      AttentionRows.uniform(scores, from, call.keys(), pad);
    } else {
      int limit = Math.min(n, keysSeen(query, query + 1));
      most[r] = AttentionRows.bias(scores, from, limit, bias(query), hidden, masked);
      sums[r] = AttentionRows.exponentials(scores, from, limit, pad, most[r]);
    }
    if (call.dropout().active()) {
      draw(query, n);
      AttentionRows.drop(scores, from, pad, kept);
    }
  }

  private void gradients(int query, int r, int n, int pad, float logSumExp, float delta) {
    int from = r * pad;
    boolean dropout = call.dropout().active();
    if (dropout) {
      draw(query, n);
    }
    if (blind(query)) {
      AttentionRows.uniform(scores, from, call.keys(), pad);
      float p = call.dropout().scale() / call.keys();
      for (int j = 0; j < pad; j++) {
        scores[from + j] *= dropout && kept[j] == 0 ? 0 : p;
        dScores[from + j] = 0;
      }
      return;
    }
    int limit = Math.min(n, keysSeen(query, query + 1));
    AttentionRows.bias(scores, from, limit, bias(query), hidden, masked);
    if (dropout) {
      AttentionRows.gradients(
          scores, dScores, from, limit, pad, logSumExp, delta, kept, call.dropout().scale());
    } else {
      AttentionRows.gradients(scores, dScores, from, limit, pad, logSumExp, delta);
    }
  }

  private void draw(int query, int keys) {
    var mask = call.dropout();
    long site = mask.site() + ((long) head << 32) + query + call.masks().queryOffset();
    long stream = mask.stream() ^ mask.site() ^ site;
    DropoutLanes.draw(
        mask.seed(), stream, (int) (mask.firstRow() + row), 0, keys, mask.threshold(), kept);
  }

  /// to[m, n] = A B of A's rows and packed panels.
  private void score(float[] a, int depth, long panels, int m, int n, float[] to) {
    int pad = padded(n);
    for (int j = 0; j < n; j += COLUMNS) {
      for (int i = 0; i < m; i += ROWS) {
        EarlyBlock.rows(
            depth,
            a,
            i * depth,
            depth,
            at(panels, (long) j * depth),
            COLUMNS,
            to,
            i * pad + j,
            pad);
      }
    }
  }

  /// c[m, K] = A[m, n] B, each row times its factor in `sums`.
  private void multiply(
      float[] a, int pad, int m, int n, long b, int panelStep, int bStep, long c, int step) {
    for (int j = 0; j < call.width(); j += COLUMNS) {
      long panel = at(b, (long) (j / COLUMNS) * panelStep);
      int width = Math.min(COLUMNS, call.width() - j);
      for (int i = 0; i < m; i += ROWS) {
        rows(n, a, i * pad, pad, panel, bStep);
        for (int r = 0; r < Math.min(ROWS, m - i); r++) {
          place(r * COLUMNS, sums[i + r], at(c, (long) (i + r) * step + j), width);
        }
      }
    }
  }

  /// One block of a product over many keys, in chunks whose sums are then added: the rounding of one long running sum
  /// would reach the scores of the next layer.
  private void rows(int n, float[] a, int at, int pad, long panel, int bStep) {
    EarlyBlock.rows(Math.min(n, CHUNK), a, at, pad, panel, bStep, block, 0, COLUMNS);
    for (int k = CHUNK; k < n; k += CHUNK) {
      int count = Math.min(CHUNK, n - k);
      long from = at(panel, (long) k * bStep);
      EarlyBlock.rows(count, a, at + k, pad, from, bStep, partial, 0, COLUMNS);
      for (int i = 0; i < ROWS * COLUMNS; i += Lanes.N) {
        FloatVector.fromArray(Lanes.F, block, i)
            .add(FloatVector.fromArray(Lanes.F, partial, i))
            .intoArray(block, i);
      }
    }
  }

  private void place(int from, float factor, long to, int width) {
    MemorySegment c = Native.floats(to, width);
    for (int j = 0; j < width; j += Lanes.N) {
      FloatVector x = FloatVector.fromArray(Lanes.F, block, from + j).mul(factor);
      if (j + Lanes.N <= width) {
        x.intoMemorySegment(c, 4L * j, Lanes.ORDER);
      } else {
        VectorMask<Float> mask = Lanes.first(width - j);
        x.intoMemorySegment(c, 4L * j, Lanes.ORDER, mask);
      }
    }
  }

  /// c[n, K] += Aᵀ B of A[m, n] and packed rows of B.
  private void multiplyTransposed(float[] a, int pad, int m, int n, long b, long c, int step) {
    for (int j = 0; j < call.width(); j += COLUMNS) {
      long panel = at(b, (long) j * m);
      int width = Math.min(COLUMNS, call.width() - j);
      for (int i = 0; i < n; i += ROWS) {
        EarlyBlock.columns(m, a, i, pad, panel, COLUMNS, block, 0, COLUMNS);
        long to = at(c, (long) i * step + j);
        RegisterBlock.place(block, Math.min(ROWS, n - i), width, to, step, true);
      }
    }
  }

  private void clear(long gradient, int step) {
    for (int j = 0; j < call.keys(); j++) {
      Native.floats(at(gradient, (long) j * step), call.width()).fill((byte) 0);
    }
  }

  private static float value(long address) {
    return Native.floats(address, 1).get(JAVA_FLOAT_UNALIGNED, 0);
  }

  private long bias(int query) {
    return call.bias().present() ? at(call.bias().address(), call.biasAt(row, head, query)) : 0;
  }

  private long inQueries(int query) {
    return (((long) row * call.queries() + query) * call.heads() + head) * call.width();
  }

  private long inKeys() {
    return row * call.sizes().keyBatchStride() + (long) head * call.width();
  }

  private long inRows(int query) {
    return ((long) row * call.heads() + head) * call.queries() + query;
  }

  private int blockRows(int keys) {
    int rows = Math.max(ROWS, Math.min(QUERIES, SCORES / Math.max(1, padded(keys)))) & -ROWS;
    int blocks = (call.queries() + rows - 1) / rows;
    return ((call.queries() + blocks - 1) / blocks + ROWS - 1) & -ROWS;
  }

  private static int padded(int count) {
    return (count + COLUMNS - 1) / COLUMNS * COLUMNS;
  }

  private static float[] room(float[] have, int count) {
    return have.length >= count ? have : new float[Math.max(count, 2 * have.length)];
  }
}
