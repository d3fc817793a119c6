package dev.quintet.app.measure;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// What is measured, in the order in which it is begun.
enum Part {
  CHIP(1, "chip", 15, ChipPart::run),
  CALIBRATION(2, "instructions beside the emulator's", 30, CalibrationPart::run),
  KERNELS_AGREE(3, "contracts of kernels", 75, ContractPart::run),
  MODELS_AGREE(4, "recorded models", 60, VerifyPart::run),
  PYTORCH(5, "PyTorch on the same work", 75, PyTorchPart::run),
  KERNELS(6, "kernels timed", 60, KernelPart::run),
  STEPS(7, "training steps", 60, StepPart::run),
  DECODING(8, "decoding", 30, DecodingPart::run),
  DEMO(9, "the demo's model", 45, DemoPart::run);

  final int number;
  final String title;

  /// After how many seconds it is cut off on a device.
  private final int seconds;

  private final Function<Setting, Map<String, Object>> measures;

  Part(int number, String title, int seconds, Function<Setting, Map<String, Object>> measures) {
    this.number = number;
    this.title = title;
    this.seconds = seconds;
    this.measures = measures;
  }

  /// What all parts are told.
  ///
  /// @param toy whether sizes are such that an emulated device comes to an end
  /// @param golden a folder with folders of recorded models; it may not be there
  /// @param earlier where the results of the parts before this one are; it may not be there
  /// @param soFar takes what has been found so far, which is kept if the part is cut off
  record Setting(boolean toy, Path golden, Path earlier, Consumer<Map<String, Object>> soFar) {}

  /// Settings of its process: what is said of our own kernels, another library's products must not answer for.
  List<String> properties() {
    return this == KERNELS_AGREE || this == KERNELS
        ? List.of("-Dquintet.cuda.products=own")
        : List.of();
  }

  /// An emulated device takes its time.
  int seconds(boolean toy) {
    return toy ? 2 * seconds : seconds;
  }

  /// Measures.
  ///
  /// @return figures by name, as JSON takes them
  Map<String, Object> run(Setting setting) {
    return measures.apply(setting);
  }

  static Optional<Part> of(int number) {
    return Arrays.stream(values()).filter(part -> part.number == number).findFirst();
  }
}
