package dev.quintet.app.measure;

import dev.quintet.app.estimate.Chip;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.Arrays;
import java.util.Locale;

/// Models that nobody has trained, with bfloat16 weights on the device.
final class Models {
  /// One that an emulated device comes to an end with.
  static final T5Config TOY =
      T5Config.small().withVocabSize(384).withWidths(64, 16, 4, 128).withLayers(1, 1).v11();

  private static final Device DEVICE = Device.cuda(0);

  private Models() {}

  /// A model as T5 begins, about.
  static T5 random(T5Config config) {
    return new T5(config, (_, shape) -> parameter(shape));
  }

  /// Of vectors 1, of matrices normal.
  private static Parameter parameter(Shape shape) {
    Parameter narrow = Parameter.empty(shape, DType.BF16, DEVICE);
    try (Parameter wide =
        shape.rank() == 1
            ? Parameter.full(shape, 1, DEVICE)
            : Parameter.normal(shape, 1 / Math.sqrt(shape.width()), 1, DEVICE)) {
      Backends.of(DEVICE)
          .layout()
          .cast(DType.F32, DType.BF16, wide.address(), narrow.address(), shape.elements());
    }
    return narrow;
  }

  /// The chip that estimates stand for: the one that is here, else H200.
  static Chip chip() {
    String here = Backends.of(DEVICE).description().toUpperCase(Locale.ROOT);
    return Arrays.stream(Chip.values())
        .filter(chip -> here.contains(chip.name()))
        .findFirst()
        .orElse(Chip.H200);
  }
}
