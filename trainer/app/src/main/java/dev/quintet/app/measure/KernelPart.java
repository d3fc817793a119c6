package dev.quintet.app.measure;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.LossCall;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Our kernels on the shapes of T5-base v1.1, 48 rows of 512 and 128 tokens, in bfloat16: the median of 30 runs by the
/// device's clock, and which share it is of what the chip does at its best. Bytes are those of each operand once.
final class KernelPart {
  private final Backend backend = Backends.of(Device.cuda(0));
  private final Map<String, Object> figures = new LinkedHashMap<>();
  private final Part.Setting setting;
  private final Ceilings ceilings;
  private final int samples;
  private final int rows;
  private final int width;
  private final int inner;
  private final int vocabulary;

  private KernelPart(Part.Setting setting) {
    this.setting = setting;
    this.ceilings = Ceilings.of(setting);
    boolean toy = setting.toy();
    samples = toy ? 5 : 30;
    rows = toy ? 32 : 24576;
    width = toy ? 64 : 768;
    inner = toy ? 96 : 2048;
    vocabulary = toy ? 128 : 32128;
  }

  static Map<String, Object> run(Part.Setting setting) {
    var part = new KernelPart(setting);
    part.figures.put("products_are", part.backend.details().getOrDefault("products", ""));
    part.figures.putAll(part.ceilings.figures(setting.toy()));
    part.product("encoder q k v", Product.nt(part.rows, 3 * part.width, part.width));
    part.product("encoder ff in", Product.nt(part.rows, part.inner, part.width));
    part.product("encoder ff out", Product.nt(part.rows, part.width, part.inner));
    part.product("encoder ff weight", Product.tn(part.inner, part.width, part.rows));
    part.product("decoder q", Product.nt(part.rows / 4, part.width, part.width));
    part.product("head", Product.nt(part.rows / 4, part.vocabulary, part.width));
    part.norm();
    part.attention();
    part.loss();
    part.adamW();
    return part.figures;
  }

  private void arithmetic(String name, double seconds, double flops) {
    double rate = flops / seconds / 1e12;
    keep(name, seconds, "tflops", rate, rate / ceilings.product());
  }

  private void moving(String name, double seconds, double bytes) {
    double rate = bytes / seconds / 1e12;
    keep(name, seconds, "tbps", rate, rate / ceilings.copy());
  }

  private void keep(String name, double seconds, String unit, double value, double share) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("microseconds", seconds * 1e6);
    figure.put(unit, value);
    figure.put("share_of_ceiling", share);
    figures.put(name, figure);
    setting.soFar().accept(figures);
  }

  private void product(String name, Product shape) {
    var product = shape.withTypes(Types.of(DType.BF16));
    try (var room = new Room(backend)) {
      long[] extents = {product.extentA(), product.extentB(), product.extentC()};
      int sets = room.sets(setting.toy(), 2 * (extents[0] + extents[1] + extents[2]));
      long[][] at = new long[sets][];
      for (int i = 0; i < sets; i++) {
        at[i] =
            new long[] {
              room.normal(DType.BF16, extents[0], 1),
              room.normal(DType.BF16, extents[1], 2),
              room.empty(DType.BF16, extents[2])
            };
      }
      double seconds =
          room.seconds(
              samples, sets, i -> backend.matmul().multiply(product, at[i][0], at[i][1], at[i][2]));
      arithmetic("product, " + name, seconds, 2.0 * product.m() * product.n() * product.k());
    }
  }

  private void norm() {
    var call = new NormCall(rows, width, 1e-6f, new Types(DType.BF16, DType.F32, DType.BF16));
    try (var room = new Room(backend)) {
      int sets = room.sets(setting.toy(), 4 * call.elements());
      var operands = new ArrayList<NormRows>();
      long[] y = new long[sets];
      for (int i = 0; i < sets; i++) {
        operands.add(
            new NormRows(
                room.normal(DType.BF16, call.elements(), 3),
                room.full(DType.F32, width, 1),
                room.empty(DType.F32, rows)));
        y[i] = room.empty(DType.BF16, call.elements());
      }
      double seconds =
          room.seconds(samples, sets, i -> backend.norm().norm(call, operands.get(i), y[i]));
      moving("norm", seconds, 4.0 * call.elements());
    }
  }

  private void attention() {
    boolean toy = setting.toy();
    int batch = toy ? 1 : 48;
    int heads = toy ? 2 : 12;
    int length = toy ? 32 : 512;
    int head = 64;
    int reach = 128;
    long count = (long) batch * length * heads * head;
    try (var room = new Room(backend)) {
      long bias = heads * (2L * reach + 1);
      long table = room.normal(DType.F32, bias, 9);
      var call =
          AttentionCall.of(batch, heads, length, length, head)
              .withBias(AttentionCall.Bias.table(table, reach))
              .withType(DType.BF16);
      int sets = room.sets(setting.toy(), 16 * count);
      var in = new ArrayList<AttentionKernels.Inputs>();
      var to = new ArrayList<AttentionKernels.Results>();
      var back = new ArrayList<AttentionKernels.Gradients>();
      long[] dOut = new long[sets];
      for (int i = 0; i < sets; i++) {
        in.add(
            new AttentionKernels.Inputs(
                room.full(DType.BF16, count, 0.125f),
                room.normal(DType.BF16, count, 6),
                room.normal(DType.BF16, count, 7)));
        to.add(
            new AttentionKernels.Results(
                room.empty(DType.BF16, count),
                room.empty(DType.F32, (long) batch * heads * length)));
        dOut[i] = room.normal(DType.BF16, count, 8);
        back.add(
            new AttentionKernels.Gradients(
                new Gradient(room.empty(DType.BF16, count), false),
                new Gradient(room.empty(DType.BF16, count), false),
                new Gradient(room.empty(DType.BF16, count), false),
                new Gradient(room.empty(DType.F32, bias), false)));
      }
      AttentionKernels kernels = backend.attention();
      double forward =
          room.seconds(samples, sets, i -> kernels.attention(call, in.get(i), to.get(i)));
      double flops = 4.0 * batch * heads * length * length * head;
      arithmetic("attention with bias", forward, flops);
      double backward =
          room.seconds(
              samples,
              sets,
              i -> kernels.attentionBackward(call, in.get(i), to.get(i), dOut[i], back.get(i)));
      arithmetic("attention with bias, backward", backward, 2.5 * flops);
    }
  }

  private void loss() {
    int labels = rows / 4;
    var call = new LossCall(labels, vocabulary, -100, 0, 0, 1f / labels, 0, Types.of(DType.BF16));
    try (var room = new Room(backend)) {
      int sets = Math.min(4, room.sets(setting.toy(), 2 * call.logits()));
      long[] logits = new long[sets];
      for (int i = 0; i < sets; i++) {
        logits[i] = room.normal(DType.BF16, call.logits(), 5);
      }
      long wanted = room.ints(labels, i -> i % vocabulary);
      long losses = room.empty(DType.F32, labels);
      long sums = room.empty(DType.F32, labels);
      double seconds =
          room.seconds(
              samples,
              sets,
              i -> backend.loss().crossEntropyInPlace(call, logits[i], wanted, losses, sums));
      moving("cross entropy in place", seconds, 4.0 * call.logits());
    }
  }

  /// All parameters of the model in one table, as a step updates them.
  private void adamW() {
    var sizes = new ArrayList<Long>();
    long layers = setting.toy() ? 1 : 12;
    sizes.addAll(Collections.nCopies(2, (long) vocabulary * width));
    sizes.addAll(Collections.nCopies((int) (3 * 4 * layers), (long) width * width));
    sizes.addAll(Collections.nCopies((int) (2 * 3 * layers), (long) inner * width));
    try (var room = new Room(backend)) {
      List<Span> spans = sizes.stream().map(size -> span(room, size)).toList();
      var state = new RunState(room.bytes(RunState.BYTES));
      state.write(backend.memory(), new RunState.Inputs(1, 0, 0, 1e-6, 1));
      state.write(backend.memory(), new RunState.Outcome(1, 1, 1, 1, 0, 1));
      var constants = new OptimizerKernels.AdamW(0.9f, 0.999f, 1e-8f);
      Spans table = Spans.of(backend.memory(), spans);
      double seconds =
          room.seconds(samples, 1, _ -> backend.optimizer().adamW(constants, state, table));
      backend.queue().synchronize();
      table.release(backend.memory());
      // read: master, gradient, moments; written: master, moments, and the parameter in two bytes
      double elements = sizes.stream().mapToLong(Long::longValue).sum();
      moving("AdamW of all parameters", seconds, 30 * elements);
    }
  }

  private static Span span(Room room, long size) {
    var at =
        new Span.Places(
            room.full(DType.BF16, size, 0.5f),
            room.full(DType.F32, size, 0.5f),
            room.full(DType.F32, size, 1e-3f),
            room.full(DType.F32, size, 1e-3f),
            room.full(DType.F32, size, 1e-6f),
            0);
    return new Span(DType.BF16, OptimizerKernels.Matrices.whole(size), at, 0.01, 1, 0);
  }
}
