package dev.quintet.app.measure;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What is measured, in the order in which it is begun.
enum Part {
  CHIP(1, "chip", 15) {
    @Override
    Map<String, Object> run(Setting setting) {
      return ChipPart.run(setting);
    }
  },
  KERNELS_AGREE(3, "kernels beside the processor's", 75) {
    @Override
    Map<String, Object> run(Setting setting) {
      return AgreementPart.run(setting);
    }
  },
  MODELS_AGREE(4, "recorded models", 60) {
    @Override
    Map<String, Object> run(Setting setting) {
      return VerifyPart.run(setting);
    }
  },
  KERNELS(6, "kernels timed", 60) {
    @Override
    Map<String, Object> run(Setting setting) {
      return KernelPart.run(setting);
    }
  },
  STEPS(7, "training steps", 60) {
    @Override
    Map<String, Object> run(Setting setting) {
      return StepPart.run(setting);
    }
  };

  final int number;
  final String title;

  /// After how many seconds it is cut off on a device.
  private final int seconds;

  Part(int number, String title, int seconds) {
    this.number = number;
    this.title = title;
    this.seconds = seconds;
  }

  /// What all parts are told.
  ///
  /// @param toy whether sizes are such that an emulated device comes to an end
  /// @param golden a folder with folders of recorded models; it may not be there
  /// @param soFar takes what has been found so far, which is kept if the part is cut off
  record Setting(boolean toy, Path golden, Consumer<Map<String, Object>> soFar) {}

  /// An emulated device takes its time.
  int seconds(boolean toy) {
    return toy ? 2 * seconds : seconds;
  }

  /// Measures.
  ///
  /// @return figures by name, as JSON takes them
  abstract Map<String, Object> run(Setting setting);

  static Optional<Part> of(int number) {
    return Arrays.stream(values()).filter(part -> part.number == number).findFirst();
  }
}
