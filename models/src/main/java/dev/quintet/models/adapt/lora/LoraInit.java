package dev.quintet.models.adapt.lora;

import dev.quintet.core.nn.Init;

/// How the two matrices of a new adapter begin, as peft's `init_lora_weights` says.
public enum LoraInit {
  /// A as a linear layer's weight, evenly spread over ±1 / sqrt(in), and B zero: nothing changes at first.
  KAIMING,
  /// A normal with a deviation of 1 / r, and B zero: nothing changes at first.
  GAUSSIAN,
  /// Both as a linear layer's weight: the model changes at once.
  RANDOM;

  /// How A begins.
  ///
  /// @param in its inputs
  /// @param rank its outputs
  Init a(int in, int rank) {
    return switch (this) {
      case KAIMING, RANDOM -> Init.uniform(1 / Math.sqrt(in));
      case GAUSSIAN -> Init.normal(1.0 / rank);
    };
  }

  /// How B begins.
  ///
  /// @param rank its inputs
  Init b(int rank) {
    return switch (this) {
      case KAIMING, GAUSSIAN -> Init.zeros();
      case RANDOM -> Init.uniform(1 / Math.sqrt(rank));
    };
  }

  /// As `adapter_config.json` has it.
  Object written() {
    return switch (this) {
      case KAIMING -> true;
      case GAUSSIAN -> "gaussian";
      case RANDOM -> false;
    };
  }
}
