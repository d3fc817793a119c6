package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.work.DistanceStrip;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.NativeRoom;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;
import java.lang.foreign.MemorySegment;

/// Attention on vectors: one part for each head of each row of the batch; what one does is in
/// [AttentionHead].
public final class VectorAttention implements AttentionKernels {
  /// Multiplications up to which several heads are one part.
  private static final long PART = 1 << 17;

  /// Elements of a bias's gradient up to which each head of each row has its own, added up at the end.
  private static final long OWN_BIAS = 1 << 16;

  private static final ThreadLocal<NativeRoom> BIASES = ThreadLocal.withInitial(NativeRoom::new);
  private static final ThreadLocal<NativeRoom> STRIPS = ThreadLocal.withInitial(NativeRoom::new);

  @Override
  public void attention(AttentionCall call, long q, long k, long v, long out, long logSumExp) {
    if (call.queries() == 0) {
      return;
    }
    if (call.keys() == 0) {
      throw new IllegalArgumentException("attention needs at least one key");
    }
    AttentionCall c = call.bias().relative() ? DistanceStrip.of(call, STRIPS.get()) : call;
    heads(
        c,
        2,
        index -> {
          int b = index / c.heads();
          int h = index % c.heads();
          AttentionHead.mine().forward(c, b, h, q, k, v, out, logSumExp);
        });
  }

  @Override
  public void attentionBackward(
      AttentionCall call,
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
    boolean relative = call.bias().relative() && call.queries() > 0;
    AttentionCall c = relative ? DistanceStrip.of(call, STRIPS.get()) : call;
    boolean bias = dBias != 0 && c.queries() > 0;
    boolean shared = bias && (c.bias().batchStride() == 0 || c.bias().headStride() == 0);
    long extent = relative ? c.bias().headStride() : (long) c.queries() * c.keys();
    if (shared && !relative && extent > OWN_BIAS) {
      inTurn(c, q, k, v, out, logSumExp, dOut, dq, dk, dv, dBias);
      return;
    }
    long own = shared ? BIASES.get().floats(extent * c.batch() * c.heads()) : 0;
    heads(
        c,
        5,
        index -> {
          int b = index / c.heads();
          int h = index % c.heads();
          long mine = 0;
          if (shared) {
            mine = at(own, index * extent);
            Native.floats(mine, extent).fill((byte) 0);
          } else if (bias) {
            mine = at(dBias, c.biasAt(b, h, 0));
          }
          AttentionHead.mine().backward(c, b, h, q, k, v, out, logSumExp, dOut, dq, dk, dv, mine);
        });
    if (shared && relative) {
      DistanceStrip.fold(call, own, dBias);
    } else if (shared) {
      for (int b = 0; b < c.batch(); b++) {
        for (int h = 0; h < c.heads(); h++) {
          long from = at(own, ((long) b * c.heads() + h) * extent);
          add(from, at(dBias, c.biasAt(b, h, 0)), extent);
        }
      }
    }
  }

  /// A large bias that rows or heads share: they add to its gradient one after the other.
  private static void inTurn(
      AttentionCall c,
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
    boolean byHead = c.bias().headStride() != 0;
    int apart = byHead ? c.heads() : c.bias().batchStride() != 0 ? c.batch() : 1;
    int inPart = c.batch() * c.heads() / apart;
    WorkerPool.shared()
        .run(
            apart,
            part -> {
              for (int i = 0; i < inPart; i++) {
                int b = byHead ? i : apart == 1 ? i / c.heads() : part;
                int h = byHead ? part : i % c.heads();
                long mine = at(dBias, c.biasAt(b, h, 0));
                AttentionHead.mine()
                    .backward(c, b, h, q, k, v, out, logSumExp, dOut, dq, dk, dv, mine);
              }
            });
  }

  private static void heads(AttentionCall c, int products, PartBody body) {
    long each = Math.max(1, (long) products * c.queries() * c.keys() * c.width());
    int all = c.batch() * c.heads();
    int group = (int) Math.max(1, Math.min(all, PART / each));
    VectorMatmul.run(
        each * all,
        (all + group - 1) / group,
        part -> {
          for (int i = part * group; i < Math.min(all, (part + 1) * group); i++) {
            body.run(i);
          }
        });
  }

  private static void add(long from, long to, long count) {
    MemorySegment x = Native.floats(from, count);
    MemorySegment y = Native.floats(to, count);
    long j = 0;
    for (; j <= count - Lanes.N; j += Lanes.N) {
      Lanes.store(Lanes.load(y, j).add(Lanes.load(x, j)), y, j);
    }
    if (j < count) {
      var mask = Lanes.first((int) (count - j));
      Lanes.store(Lanes.load(y, j, mask).add(Lanes.load(x, j, mask)), y, j, mask);
    }
  }
}
