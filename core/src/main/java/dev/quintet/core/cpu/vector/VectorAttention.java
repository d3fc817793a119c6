package dev.quintet.core.cpu.vector;

import static dev.quintet.core.cpu.work.Native.at;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Sizes;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.ComposedAttention;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.cpu.work.DistanceStrip;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.NativeRoom;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.WorkerPool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

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
    AttentionCall c = strip(call);
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
    AttentionCall c = strip(call);
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

  @Override
  public void forward(List<Part> parts, Inputs in, Results to) {
    if (parts.size() == 1) {
      ComposedAttention.super.forward(parts, in, to);
      return;
    }
    AttentionCall all = largest(parts);
    AttentionCall c = strip(all);
    heads(
        parts,
        2,
        (i, h) -> {
          Part part = parts.get(i);
          if (part.call().queries() > 0) {
            AttentionHead.mine(part.call().withBias(c.bias()), h).forward(part.of(in), part.of(to));
          }
        });
  }

  @Override
  public void backward(
      List<Part> parts, Inputs in, Results results, long dOut, Gradients gradients) {
    if (parts.size() == 1) {
      ComposedAttention.super.backward(parts, in, results, dOut, gradients);
      return;
    }
    AttentionCall all = largest(parts);
    AttentionCall c = strip(all);
    Gradient bias = gradients.bias();
    boolean learns = bias.wanted() && all.queries() > 0;
    long length = c.bias().headStride();
    long own = learns ? BIASES.get().floats(length * parts.size() * c.heads()) : 0;
    heads(
        parts,
        5,
        (i, h) -> {
          Part part = parts.get(i);
          long strip = learns ? at(own, (i * (long) c.heads() + h) * length) : 0;
          if (learns) {
            Native.floats(strip, length).fill((byte) 0);
          }
          AttentionHead.mine(part.call().withBias(c.bias()), h)
              .backward(part.of(in), part.of(results), part.of(dOut), part.of(gradients), strip);
        });
    if (learns) {
      DistanceStrip.fold(all, own, bias.address());
    }
  }

  /// A call that is as large as all parts together need it: whose strip of biases serves each of them.
  private static AttentionCall largest(List<Part> parts) {
    AttentionCall any = parts.getFirst().call();
    int queries = 0;
    int keys = 0;
    for (Part part : parts) {
      queries = Math.max(queries, part.call().queries());
      keys = Math.max(keys, part.call().keys());
    }
    return any.withSizes(new Sizes(parts.size(), any.heads(), queries, keys, any.width(), 0));
  }

  private static AttentionCall strip(AttentionCall call) {
    boolean relative = call.bias().relative() && call.queries() > 0;
    return relative ? DistanceStrip.of(call, STRIPS.get()) : call;
  }

  /// The work on one head of a part.
  @FunctionalInterface
  private interface HeadBody {
    void run(int part, int head);
  }

  /// Goes through all heads of all parts, the largest parts first, so that threads end together.
  private static void heads(List<Part> parts, int products, HeadBody body) {
    int heads = parts.getFirst().call().heads();
    long[] each = new long[parts.size()];
    long all = 0;
    for (int i = 0; i < each.length; i++) {
      AttentionCall c = parts.get(i).call();
      each[i] = Math.max(1, (long) products * c.queries() * c.keys() * c.width());
      all += each[i] * heads;
    }
    var items = new ArrayList<int[]>(); // part, first head, and the one behind the last
    IntStream.range(0, each.length)
        .boxed()
        .sorted(Comparator.comparingLong(i -> -each[i]))
        .forEach(i -> {
          int group = (int) Math.clamp(PART / each[i], 1, heads);
          for (int h = 0; h < heads; h += group) {
            items.add(new int[] {i, h, Math.min(heads, h + group)});
          }
        });
    VectorMatmul.run(
        all,
        items.size(),
        item -> {
          int[] one = items.get(item);
          for (int h = one[1]; h < one[2]; h++) {
            body.run(one[0], h);
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
}
