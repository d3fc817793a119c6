package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.models.checkpoint.LoadOptions;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How a command's model stores its weights.
final class WeightsOption {
  @Option(
      names = "--weights",
      paramLabel = "f32|bf16|int8",
      description = {
        "How projections, embeddings and the head are stored; they are computed with in float32. bf16 takes half the memory,"
            + " int8 a quarter, and single prompts are answered faster. Default: f32, or int8 where the folder holds that.",
        "`verify --weights` measures what it changes."
      })
  private Optional<String> weights = Optional.empty();

  /// Made by picocli.
  WeightsOption() {}

  /// How to load the model onto a device.
  LoadOptions on(Device device) {
    LoadOptions there = LoadOptions.DEFAULT.withDevice(device);
    return weights.map(WeightsOption::of).map(there::withPrecision).orElse(there);
  }

  /// A precision by its name.
  ///
  /// @throws IllegalArgumentException if it is none
  static Precision of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "f32", "float32" -> Precision.F32;
      case "bf16", "bfloat16" -> Precision.BF16;
      case "int8", "i8" -> Precision.INT8;
      default ->
          throw new IllegalArgumentException("--weights is f32, bf16 or int8, not '" + name + "'");
    };
  }
}
