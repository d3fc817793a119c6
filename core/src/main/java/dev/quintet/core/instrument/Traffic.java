package dev.quintet.core.instrument;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.BeamCall;
import dev.quintet.core.backend.Broadcast;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LayoutKernels.Gather;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.LossKernels.Head;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.backend.StridedCopy;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What a device has to do at least for a call: bytes, each operand once, without small operands such as statistics of
/// rows; and operations of matrix products.
///
/// A method that is not here, or takes other arguments than it did, has no cost; nor has one of Java's that a new call
/// record made another's.
final class Traffic {
  private static final Map<String, Function<Call, List<Cost>>> CALLS =
      Map.ofEntries(
          Map.entry("MatmulKernels.multiply", a -> List.of(products(a, false))),
          Map.entry("MatmulKernels.multiplyEach", a -> List.of(products(a, false))),
          Map.entry("MatmulKernels.multiplySum", a -> List.of(products(a, true))),
          Map.entry("MatmulKernels.multiplyMany", a -> List.of(products(a, false))),
          Map.entry("ElementwiseKernels.unary", a -> a.one(8 * a.n(4))),
          Map.entry(
              "ElementwiseKernels.unaryBackward", a -> a.one(a.n(5) * (8 + written(a.to(4), 4)))),
          Map.entry(
              "ElementwiseKernels.binary", a -> a.one(12 * a.of(1, Broadcast.class).elements())),
          Map.entry(
              "ElementwiseKernels.binaryInts",
              a -> a.one(12 * a.of(1, Broadcast.class).elements())),
          Map.entry(
              "ElementwiseKernels.compare", a -> a.one(9 * a.of(2, Broadcast.class).elements())),
          Map.entry("ElementwiseKernels.select", a -> a.one(13 * a.n(4))),
          Map.entry("ElementwiseKernels.addScaled", a -> a.one(12 * a.n(3))),
          Map.entry(
              "LayoutKernels.copy",
              a ->
                  a.one(
                      2
                          * a.n(1)
                          * Arrays.stream(a.of(0, StridedCopy.class).sizes())
                              .asLongStream()
                              .reduce(1, (x, y) -> x * y))),
          Map.entry("LayoutKernels.fill", a -> a.one(4 * a.n(2))),
          Map.entry(
              "LayoutKernels.cast",
              a -> a.one(a.n(4) * (a.of(0, DType.class).bytes() + a.of(1, DType.class).bytes()))),
          Map.entry("ReductionKernels.reduceInts", a -> a.one(4 * a.n(1) * a.n(2) * a.n(3))),
          Map.entry(
              "LayoutKernels.gather",
              a ->
                  a.one(
                      elements(a.of(0, Gather.class)) * 2 * a.of(0, Gather.class).type().bytes())),
          Map.entry(
              "LayoutKernels.scatterAdd",
              a ->
                  a.one(
                      elements(a.of(0, Gather.class))
                          * (8 + a.of(0, Gather.class).type().bytes()))),
          Map.entry("ReductionKernels.reduce", a -> a.one(4 * a.n(1) * a.n(2) * a.n(3))),
          Map.entry("ReductionKernels.argMax", a -> a.one(4 * a.n(0) * a.n(1))),
          Map.entry("ReductionKernels.topK", a -> a.one(4 * a.n(0) * a.n(1))),
          Map.entry("ReductionKernels.cumulativeSum", a -> a.one(8 * a.n(0) * a.n(1) * a.n(2))),
          Map.entry("SelectionKernels.select", a -> a.one(4 * a.n(1) * a.n(2))),
          Map.entry("SelectionKernels.beams", Traffic::beams),
          Map.entry(
              "SelectionKernels.forbid", a -> a.one(4L * a.of(0, List.class).size() * a.n(1))),
          Map.entry("SoftmaxKernels.softmax", a -> a.one(8 * a.n(0) * a.n(1))),
          Map.entry("SoftmaxKernels.logSoftmax", a -> a.one(8 * a.n(0) * a.n(1))),
          Map.entry(
              "SoftmaxKernels.softmaxBackward",
              a -> a.one(4 * a.n(0) * a.n(1) * (a.yes(5) ? 4 : 3))),
          Map.entry(
              "SoftmaxKernels.logSoftmaxBackward",
              a -> a.one(4 * a.n(0) * a.n(1) * (a.yes(5) ? 4 : 3))),
          Map.entry(
              "NormKernels.norm",
              a -> {
                NormCall c = a.of(0, NormCall.class);
                return a.one(c.elements() * (in(c.types()) + out(c.types())));
              }),
          Map.entry(
              "NormKernels.normBackward",
              a -> {
                NormCall c = a.of(0, NormCall.class);
                return a.one(
                    c.elements()
                        * (in(c.types()) + out(c.types()) + written(a.to(3), in(c.types()))));
              }),
          Map.entry(
              "NormKernels.residualNorm",
              a -> {
                NormCall c = a.of(0, NormCall.class);
                Types d = a.of(1, DropoutCall.class).types();
                return a.one(c.elements() * (2 * out(d) + in(d) + out(c.types())));
              }),
          Map.entry(
              "NormKernels.residualNormBackward",
              a -> {
                NormCall c = a.of(0, NormCall.class);
                Types d = a.of(1, DropoutCall.class).types();
                int each = in(c.types()) + out(c.types());
                return a.one(
                    c.elements()
                        * (each + written(a.to(4), in(c.types())) + written(a.to(5), in(d))));
              }),
          Map.entry("GateKernels.gated", a -> a.one(3 * gate(a))),
          Map.entry("GateKernels.gatedProduct", Traffic::gatedProduct),
          Map.entry(
              "GateKernels.gatedBackward",
              a -> a.one(3 * gate(a) + gate(a) * (written(a.to(4), 1) + written(a.to(5), 1)))),
          Map.entry(
              "AttentionKernels.attention", a -> List.of(attention(a.of(0, AttentionCall.class)))),
          Map.entry(
              "AttentionKernels.attentionBackward",
              a -> List.of(attentionBackward(a.of(0, AttentionCall.class)))),
          Map.entry("LossKernels.crossEntropy", a -> a.one(logits(a))),
          Map.entry("LossKernels.crossEntropyBackward", a -> a.one(2 * logits(a))),
          Map.entry("LossKernels.total", a -> a.one(4 * a.of(0, LossCall.class).rows())),
          // reads the factor, which is 1, and nothing else
          Map.entry("LossKernels.scale", a -> a.one(4)),
          Map.entry("LossKernels.linearCrossEntropy", Traffic::head),
          Map.entry(
              "DropoutKernels.dropout",
              a -> {
                DropoutCall d = a.of(0, DropoutCall.class);
                return a.one(d.elements() * (in(d.types()) + written(a.to(2), out(d.types()))));
              }),
          Map.entry(
              "DropoutKernels.residual",
              a -> {
                DropoutCall d = a.of(0, DropoutCall.class);
                return a.one(d.elements() * (in(d.types()) + 2 * out(d.types())));
              }),
          Map.entry("OptimizerKernels.addLoss", a -> a.one(16)),
          Map.entry("OptimizerKernels.clip", a -> a.one(32)),
          Map.entry("OptimizerKernels.sumOfSquares", a -> a.one(spans(a.of(0, Spans.class), 4, 4))),
          // parameter, two moments read and written, gradient; a bfloat16 parameter is written from
          // its master
          Map.entry("OptimizerKernels.adamW", a -> a.one(spans(a.of(2, Spans.class), 28, 30))),
          Map.entry("OptimizerKernels.adafactor", a -> a.one(spans(a.of(2, Spans.class), 16, 18))));

  private Traffic() {}

  /// What a call of `Family.method` costs, by kinds of commands; nothing where nobody has told yet.
  static List<Cost> of(String call, Object[] arguments) {
    Function<Call, List<Cost>> known = CALLS.get(call);
    try {
      return known == null ? List.of() : known.apply(new Call(call, arguments));
    } catch (ClassCastException | ArrayIndexOutOfBoundsException e) {
      return List.of();
    }
  }

  /// Bytes that a call borrows while it runs, beside its operands: the logits of a chunk of rows, what a gate is made of.
  static long borrows(String call, Object[] arguments) {
    if (call.equals("GateKernels.gatedProduct") && arguments[5].equals(0L)) {
      return 2 * gate(new Call(call, arguments));
    }
    if (!call.equals("LossKernels.linearCrossEntropy")
        || !(arguments[0] instanceof LossCall loss)
        || !(arguments[1] instanceof Head head)) {
      return 0;
    }
    return (long) out(loss.types()) * head.each(loss.rows()) * loss.width();
  }

  private static int in(Types types) {
    return types.in().bytes();
  }

  private static int out(Types types) {
    return types.out().bytes();
  }

  /// Bytes of an element that is written, or read and written; 0 where nobody wants it.
  private static int written(Gradient to, int bytes) {
    return !to.wanted() ? 0 : to.add() ? 2 * bytes : bytes;
  }

  private static long gate(Call a) {
    DropoutCall d = a.of(0, GateCall.class).dropout();
    return d.elements() * in(d.types());
  }

  private static long logits(Call a) {
    LossCall c = a.of(0, LossCall.class);
    return c.logits() * out(c.types());
  }

  /// Products of one command: what several of them read is read once.
  ///
  /// @param sum whether they are added up in one result
  private static Cost products(Call a, boolean sum) {
    var seen = new HashSet<Long>();
    long bytes = 0;
    long flops = 0;
    long[] as = a.addresses(1);
    long[] bs = a.addresses(2);
    long[] cs = a.addresses(3);
    for (int i = 0; i < Math.max(as.length, bs.length); i++) {
      Product p =
          a.arguments[0] instanceof List<?> many ? (Product) many.get(i) : a.of(0, Product.class);
      Types types = p.types();
      long batch = Math.max(1, p.batch());
      flops += 2 * batch * p.m() * p.n() * p.k();
      if (seen.add(as[Math.min(i, as.length - 1)])) {
        bytes += batch * p.m() * p.k() * in(types);
      }
      if (seen.add(bs[Math.min(i, bs.length - 1)])) {
        bytes += batch * p.k() * p.n() * types.weight().bytes();
      }
      if (!sum || i == 0) {
        seen.add(cs[Math.min(i, cs.length - 1)]);
        bytes += batch * p.m() * p.n() * (p.accumulate() ? 2 : 1) * out(types);
      }
    }
    return new Cost(Work.PRODUCT, 1, flops, bytes);
  }

  /// Two commands, the products and their gate: only chips of compute capability 9.0 make one of them, and not of every size.
  private static List<Cost> gatedProduct(Call a) {
    Product p = a.of(1, Product.class);
    long weight = 2L * p.n() * p.k();
    long x = (long) p.m() * p.k();
    long bytes = x * in(p.types()) + weight * p.types().weight().bytes() + 2 * gate(a);
    return List.of(
        new Cost(Work.PRODUCT, 1, 2 * p.m() * weight, bytes),
        new Cost(Work.GATE, 1, 0, 3 * gate(a)));
  }

  /// A chunk is four commands: its logits, loss and gradient of logits in place, x's gradient, the weight's, which from the
  /// second chunk on is added to.
  private static List<Cost> head(Call a) {
    LossCall c = a.of(0, LossCall.class);
    Head head = a.of(1, Head.class);
    Types types = c.types();
    long chunks = head.chunks(c.rows());
    long logits = c.logits() * out(types);
    long x = c.rows() * head.inner() * in(types);
    long weight = (long) c.width() * head.inner();
    long flops = 2 * c.rows() * weight;
    boolean backward = a.to(4).wanted() || a.to(5).wanted();
    var costs = new ArrayList<Cost>();
    costs.add(
        new Cost(
            Work.PRODUCT, chunks, flops, x + chunks * weight * types.weight().bytes() + logits));
    costs.add(new Cost(Work.LOSS, chunks, 0, backward ? 2 * logits : logits));
    if (a.to(4).wanted()) {
      long bytes = logits + chunks * weight * types.weight().bytes() + x;
      costs.add(new Cost(Work.PRODUCT, chunks, flops, bytes));
    }
    if (a.to(5).wanted()) {
      long bytes = logits + x + (2 * chunks - 1) * weight * 4;
      costs.add(new Cost(Work.PRODUCT, chunks, flops, bytes));
    }
    return costs;
  }

  /// Two products, of queries with keys and of probabilities with values.
  private static Cost attention(AttentionCall c) {
    return new Cost(Work.attention(c, false), 1, 4 * pairs(c) * c.width(), 2 * operands(c));
  }

  /// Five: the scores again, and the gradients of values, probabilities, queries and keys.
  private static Cost attentionBackward(AttentionCall c) {
    return new Cost(Work.attention(c, true), 1, 10 * pairs(c) * c.width(), 4 * operands(c));
  }

  /// Queries and keys that meet: where they are causal, half of all; where rows lie without padding, as many as in rows of
  /// one length.
  private static long pairs(AttentionCall c) {
    long all = (long) c.heads() * c.queries() * c.keys();
    long rows = Math.max(1, c.batch());
    long met = c.masks().kind() == AttentionCall.Kind.STARTS ? all / rows : all * rows;
    return c.masks().causal() && c.queries() == c.keys() ? met / 2 : met;
  }

  /// Bytes for each element of float32 parameters, and of bfloat16 ones with their masters.
  private static long spans(Spans spans, int floats, int halves) {
    return spans.rows().stream()
        .mapToLong(span -> span.axes().elements() * (span.type() == DType.F32 ? floats : halves))
        .sum();
  }

  /// The sums of rows, and the best.
  private static List<Cost> beams(Call a) {
    BeamCall c = a.of(0, BeamCall.class);
    long all = 4L * c.inputs() * c.beams() * c.width();
    return List.of(new Cost(Work.of(a.name), 2, 0, 2 * all));
  }

  private static long elements(Gather g) {
    return g.outer() * g.count() * g.inner();
  }

  /// Bytes of queries and keys.
  private static long operands(AttentionCall c) {
    return c.type().bytes(c.queryElements() + c.keyElements());
  }

  private record Call(String name, Object[] arguments) {
    List<Cost> one(long bytes) {
      return List.of(new Cost(Work.of(name), 1, 0, bytes));
    }

    long n(int i) {
      return ((Number) arguments[i]).longValue();
    }

    boolean yes(int i) {
      return (Boolean) arguments[i];
    }

    Gradient to(int i) {
      return of(i, Gradient.class);
    }

    long[] addresses(int i) {
      return arguments[i] instanceof long[] many ? many : new long[] {n(i)};
    }

    <T> T of(int i, Class<T> type) {
      return type.cast(arguments[i]);
    }
  }
}
