package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedAttention;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.work.DistanceStrip;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.NativeRoom;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;

/// Attention on vectors: one part for each head of each row of the batch; what one does is in
/// [AttentionHead]. Packed segments are left to the composed form.
public record VectorAttention(Backend backend) implements ComposedAttention {
  /// Multiplications up to which several heads are one part.
  private static final long PART = 1 << 17;

  private static final ThreadLocal<NativeRoom> BIASES = ThreadLocal.withInitial(NativeRoom::new);
  private static final ThreadLocal<NativeRoom> STRIPS = ThreadLocal.withInitial(NativeRoom::new);

  @Override
  public void forward(AttentionCall call, Inputs in, Results to) {
    if (call.queries() == 0) {
      return;
    }
    if (call.masks().kind() == Kind.SEGMENTS) {
      ComposedAttention.super.forward(call, in, to);
      return;
    }
    AttentionCall c = call.bias().relative() ? DistanceStrip.of(call, STRIPS.get()) : call;
    heads(c, 2, i -> AttentionHead.mine(c, i).forward(in, to));
  }

  @Override
  public void backward(
      AttentionCall call, Inputs in, Results results, long dOut, Gradients gradients) {
    if (call.masks().kind() == Kind.SEGMENTS) {
      ComposedAttention.super.backward(call, in, results, dOut, gradients);
      return;
    }
    boolean relative = call.bias().relative() && call.queries() > 0;
    AttentionCall c = relative ? DistanceStrip.of(call, STRIPS.get()) : call;
    Gradient bias = gradients.bias();
    if (!bias.wanted()) {
      heads(c, 5, i -> AttentionHead.mine(c, i).backward(in, results, dOut, gradients, 0));
    } else if (relative) {
      long length = c.bias().headStride();
      long own = BIASES.get().floats(length * c.batch() * c.heads());
      heads(
          c,
          5,
          i -> {
            long strip = at(own, i * length);
            Native.floats(strip, length).fill((byte) 0);
            AttentionHead.mine(c, i).backward(in, results, dOut, gradients, strip);
          });
      DistanceStrip.fold(call, own, bias.address());
    } else {
      // rows or heads that share a bias add to its gradient one after the other
      int rows = c.bias().batchStride() == 0 ? 1 : c.batch();
      int heads = c.bias().headStride() == 0 ? 1 : c.heads();
      WorkerPool.shared()
          .run(
              rows * heads,
              part -> {
                for (int b = part / heads; b < c.batch(); b += rows) {
                  for (int h = part % heads; h < c.heads(); h += heads) {
                    long mine = at(bias.address(), c.biasAt(b, h, 0));
                    AttentionHead.mine(c, b * c.heads() + h)
                        .backward(in, results, dOut, gradients, mine);
                  }
                }
              });
    }
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
}
