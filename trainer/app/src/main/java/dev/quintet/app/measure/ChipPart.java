package dev.quintet.app.measure;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the chip is, and its two ceilings: how fast memory is copied, and how fast a large product goes.
final class ChipPart {
  private ChipPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    Backend backend = Backends.of(Device.cuda(0));
    var figures = new LinkedHashMap<String, Object>();
    figures.put("device", backend.description());
    figures.put("providers", Backends.report());
    figures.put("java", System.getProperty("java.vm.version", ""));
    try (var room = new Room(backend)) {
      long bytes = setting.toy() ? 1 << 20 : 1L << 30;
      long from = room.full(DType.F32, bytes / 4, 1);
      long to = room.bytes(bytes);
      double seconds =
          room.seconds(10, setting.toy() ? 1 : 10, () -> backend.memory().copy(from, to, bytes));
      figures.put("copy_tbps", 2.0 * bytes / seconds / 1e12);
    }
    try (var room = new Room(backend)) {
      int n = setting.toy() ? 64 : 8192;
      var product = Product.nn(n, n, n).withTypes(Types.of(DType.BF16));
      long a = room.normal(DType.BF16, (long) n * n, 1);
      long b = room.normal(DType.BF16, (long) n * n, 2);
      long c = room.empty(DType.BF16, (long) n * n);
      double seconds =
          room.seconds(
              10, setting.toy() ? 1 : 5, () -> backend.matmul().multiply(product, a, b, c));
      figures.put("product_size", n);
      figures.put("product_tflops", 2.0 * n * n * n / seconds / 1e12);
    }
    return figures;
  }
}
