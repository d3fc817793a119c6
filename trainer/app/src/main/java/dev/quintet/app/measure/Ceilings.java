package dev.quintet.app.measure;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a chip does at its best, which speeds are shares of.
///
/// @param copy TB/s of a large copy, read and written
/// @param product TFLOP/s of a large bfloat16 product
record Ceilings(double copy, double product) {
  private static final String COPY = "copy_tbps";
  private static final String PRODUCT = "product_tflops";
  private static final int SAMPLES = 10;

  /// Those that the first part has found, or, where it was skipped, new ones.
  static Ceilings of(Part.Setting setting) {
    return earlier(setting).orElseGet(() -> measured(Backends.of(Device.cuda(0)), setting.toy()));
  }

  private static Optional<Ceilings> earlier(Part.Setting setting) {
    if (!Files.exists(setting.earlier())) {
      return Optional.empty();
    }
    List<?> parts = JsonObject.read(setting.earlier()).list("parts").orElse(List.of());
    return parts.stream()
        .flatMap(part -> part instanceof JsonObject json ? json.object("figures").stream() : null)
        .filter(figures -> figures.has(COPY) && figures.has(PRODUCT))
        .findFirst()
        .map(figures ->
            new Ceilings(
                figures.number(COPY).orElseThrow(), figures.number(PRODUCT).orElseThrow()));
  }

  static Ceilings measured(Backend backend, boolean toy) {
    double copy;
    try (var room = new Room(backend)) {
      long bytes = toy ? 1 << 20 : 1L << 30;
      long from = room.full(DType.F32, bytes / 4, 1);
      long to = room.bytes(bytes);
      double seconds = room.seconds(SAMPLES, 1, _ -> backend.memory().copy(from, to, bytes));
      copy = 2.0 * bytes / seconds / 1e12;
    }
    try (var room = new Room(backend)) {
      int n = size(toy);
      var product = Product.nn(n, n, n).withTypes(Types.of(DType.BF16));
      long a = room.normal(DType.BF16, (long) n * n, 1);
      long b = room.normal(DType.BF16, (long) n * n, 2);
      long c = room.empty(DType.BF16, (long) n * n);
      double seconds = room.seconds(SAMPLES, 1, _ -> backend.matmul().multiply(product, a, b, c));
      return new Ceilings(copy, 2.0 * n * n * n / seconds / 1e12);
    }
  }

  private static int size(boolean toy) {
    return toy ? 64 : 8192;
  }

  Map<String, Object> figures(boolean toy) {
    var figures = new LinkedHashMap<String, Object>();
    figures.put(COPY, copy);
    figures.put("product_size", size(toy));
    figures.put(PRODUCT, product);
    return figures;
  }
}
