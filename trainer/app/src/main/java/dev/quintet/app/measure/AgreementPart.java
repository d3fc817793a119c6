package dev.quintet.app.measure;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels;
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

/// The same operands on the device and on the processor: how far results are apart, by norm, and whether a second run gives
/// the same bits.
final class AgreementPart {
  private AgreementPart() {}

  private interface Computation {
    float[] on(Room room);
  }

  static Map<String, Object> run(Part.Setting setting) {
    var figures = new LinkedHashMap<String, Object>();
    boolean agree = true;
    int size = setting.toy() ? 40 : 520;
    for (DType type : new DType[] {DType.F32, DType.BF16}) {
      double tolerance = type == DType.F32 ? 1e-4 : 1e-2;
      var computations = new LinkedHashMap<String, Computation>();
      var product = Product.nt(size, size + 8, size - 8).withTypes(Types.of(type));
      computations.put("product", room -> product(room, product, type));
      computations.put("norm", room -> norm(room, size, type));
      computations.put("attention", room -> attention(room, type, setting.toy(), false));
      computations.put("attention's gradient", room -> attention(room, type, setting.toy(), true));
      for (var entry : computations.entrySet()) {
        float[] expected = on(Device.cpu(), entry.getValue());
        float[] first = on(Device.cuda(0), entry.getValue());
        float[] second = on(Device.cuda(0), entry.getValue());
        double apart = apart(expected, first);
        boolean same = java.util.Arrays.equals(first, second);
        boolean good = apart <= tolerance && same;
        agree &= good;
        var result = new LinkedHashMap<String, Object>();
        result.put("apart", apart);
        result.put("tolerance", tolerance);
        result.put("same_bits_again", same);
        result.put("passed", good);
        figures.put(entry.getKey() + " " + type, result);
        setting.soFar().accept(figures);
      }
    }
    figures.put("passed", agree);
    return figures;
  }

  private static float[] on(Device device, Computation computation) {
    try (var room = new Room(Backends.of(device))) {
      return computation.on(room);
    }
  }

  private static double apart(float[] expected, float[] found) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double d = expected[i] - (double) found[i];
      difference += d * d;
      norm += expected[i] * (double) expected[i];
    }
    return Math.sqrt(difference / Math.max(norm, Double.MIN_NORMAL));
  }

  private static float[] product(Room room, Product product, DType type) {
    long a = room.normal(type, product.extentA(), 1);
    long b = room.normal(type, product.extentB(), 2);
    int count = (int) product.extentC();
    long c = room.empty(type, count);
    room.backend.matmul().multiply(product, a, b, c);
    return room.read(type, c, count);
  }

  private static float[] norm(Room room, int width, DType type) {
    var call = new NormCall(33, width, 1e-6f, new Types(type, DType.F32, type));
    int count = (int) call.elements();
    long x = room.normal(type, count, 3);
    long weight = room.normal(DType.F32, width, 4);
    long rstd = room.empty(DType.F32, 33);
    long y = room.empty(type, count);
    room.backend.norm().norm(call, new NormRows(x, weight, rstd), y);
    return room.read(type, y, count);
  }

  private static float[] attention(Room room, DType type, boolean toy, boolean back) {
    int heads = 2;
    int length = toy ? 24 : 150;
    int width = 64;
    int reach = 20;
    long table = room.normal(DType.F32, heads * (2L * reach + 1), 9);
    var call =
        AttentionCall.of(1, heads, length, length, width)
            .withBias(AttentionCall.Bias.table(table, reach))
            .withType(type);
    int count = heads * length * width;
    var in =
        new AttentionKernels.Inputs(
            room.full(type, count, 0.125f),
            room.normal(type, count, 6),
            room.normal(type, count, 7));
    var to =
        new AttentionKernels.Results(
            room.empty(type, count), room.empty(DType.F32, (long) heads * length));
    room.backend.attention().attention(call, in, to);
    if (!back) {
      return room.read(type, to.out(), count);
    }
    long dOut = room.normal(type, count, 8);
    long dq = room.empty(type, count);
    var gradients =
        new AttentionKernels.Gradients(
            new Gradient(dq, false), Gradient.NONE, Gradient.NONE, Gradient.NONE);
    room.backend.attention().attentionBackward(call, in, to, dOut, gradients);
    return room.read(type, dq, count);
  }
}
