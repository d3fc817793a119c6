package dev.quintet.app.measure;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.util.LinkedHashMap;
import java.util.Map;

/// Our kernels on the shapes of T5-base, 48 rows of 512 and 128 tokens, in bfloat16: microseconds, and what they come to.
final class KernelPart {
  private static final int SAMPLES = 30;

  private KernelPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    Backend backend = Backends.of(Device.cuda(0));
    var figures = new LinkedHashMap<String, Object>();
    int rows = setting.toy() ? 32 : 24576;
    int d = setting.toy() ? 64 : 768;
    int inner = setting.toy() ? 96 : 2048;
    product(backend, figures, "encoder q k v", Product.nt(rows, 3 * d, d));
    product(backend, figures, "encoder ff in", Product.nt(rows, inner, d));
    product(backend, figures, "encoder ff out", Product.nt(rows, d, inner));
    product(backend, figures, "encoder ff weight", Product.tn(inner, d, rows));
    product(backend, figures, "head", Product.nt(rows / 4, setting.toy() ? 128 : 32128, d));
    setting.soFar().accept(figures);
    norm(backend, figures, rows, d);
    setting.soFar().accept(figures);
    attention(backend, figures, setting.toy());
    return figures;
  }

  private static void product(
      Backend backend, Map<String, Object> figures, String name, Product shape) {
    var product = shape.withTypes(Types.of(DType.BF16));
    try (var room = new Room(backend)) {
      long a = room.normal(DType.BF16, product.extentA(), 1);
      long b = room.normal(DType.BF16, product.extentB(), 2);
      long c = room.empty(DType.BF16, product.extentC());
      double seconds = room.seconds(SAMPLES, 1, () -> backend.matmul().multiply(product, a, b, c));
      double flops = 2.0 * product.m() * product.n() * product.k();
      figures.put("product, " + name, figure(seconds, "tflops", flops / seconds / 1e12));
    }
  }

  private static void norm(Backend backend, Map<String, Object> figures, int rows, int width) {
    var call = new NormCall(rows, width, 1e-6f, new Types(DType.BF16, DType.F32, DType.BF16));
    try (var room = new Room(backend)) {
      long x = room.normal(DType.BF16, call.elements(), 3);
      long y = room.empty(DType.BF16, call.elements());
      var operands = new NormRows(x, room.full(DType.F32, width, 1), room.empty(DType.F32, rows));
      double seconds = room.seconds(SAMPLES, 1, () -> backend.norm().norm(call, operands, y));
      figures.put("norm", figure(seconds, "tbps", 4.0 * call.elements() / seconds / 1e12));
    }
  }

  private static void attention(Backend backend, Map<String, Object> figures, boolean toy) {
    int batch = toy ? 1 : 48;
    int heads = toy ? 2 : 12;
    int length = toy ? 32 : 512;
    int width = 64;
    int reach = 128;
    long count = (long) batch * length * heads * width;
    try (var room = new Room(backend)) {
      long table = room.normal(DType.F32, heads * (2L * reach + 1), 9);
      var call =
          AttentionCall.of(batch, heads, length, length, width)
              .withBias(AttentionCall.Bias.table(table, reach))
              .withType(DType.BF16);
      var in =
          new AttentionKernels.Inputs(
              room.full(DType.BF16, count, 0.125f),
              room.normal(DType.BF16, count, 6),
              room.normal(DType.BF16, count, 7));
      var to =
          new AttentionKernels.Results(
              room.empty(DType.BF16, count), room.empty(DType.F32, (long) batch * heads * length));
      double forward = room.seconds(SAMPLES, 1, () -> backend.attention().attention(call, in, to));
      double flops = 4.0 * batch * heads * length * length * width;
      figures.put("attention with bias", figure(forward, "tflops", flops / forward / 1e12));
      long dOut = room.normal(DType.BF16, count, 8);
      var gradients =
          new AttentionKernels.Gradients(
              new Gradient(room.empty(DType.BF16, count), false),
              new Gradient(room.empty(DType.BF16, count), false),
              new Gradient(room.empty(DType.BF16, count), false),
              new Gradient(room.empty(DType.F32, heads * (2L * reach + 1)), false));
      double backward =
          room.seconds(
              SAMPLES,
              1,
              () -> backend.attention().attentionBackward(call, in, to, dOut, gradients));
      figures.put(
          "attention with bias, backward",
          figure(backward, "tflops", 2.5 * flops / backward / 1e12));
    }
  }

  private static Map<String, Object> figure(double seconds, String unit, double value) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("microseconds", seconds * 1e6);
    figure.put(unit, value);
    return figure;
  }
}
