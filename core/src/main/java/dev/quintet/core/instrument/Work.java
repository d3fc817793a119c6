package dev.quintet.core.instrument;

import dev.quintet.core.backend.AttentionCall;

/// What a command computes, as coarsely as kernels differ in speed.
public enum Work {
  /// Matrix products.
  PRODUCT,
  /// Attention with a bias of all keys, as in T5's encoder.
  BIASED_ATTENTION,
  /// Its gradients.
  BIASED_ATTENTION_BACKWARD,
  /// Attention of queries that see no later keys, as in T5's decoder.
  CAUSAL_ATTENTION,
  /// Its gradients.
  CAUSAL_ATTENTION_BACKWARD,
  /// Attention without a bias, as to the encoder's states.
  CROSS_ATTENTION,
  /// Its gradients.
  CROSS_ATTENTION_BACKWARD,
  /// Norms, residual sums, and both in one.
  NORM,
  /// Their gradients.
  NORM_BACKWARD,
  /// Gates of the feed-forward layer.
  GATE,
  /// Their gradients.
  GATE_BACKWARD,
  /// Cross entropy and its gradient.
  LOSS,
  /// Updates of parameters.
  UPDATE,
  /// Sums of squares of gradients, and clipping.
  GRADIENT_NORM,
  /// Rows of a table taken, and gradients added to them.
  EMBEDDING,
  /// Dropout alone.
  DROPOUT,
  /// Functions of elements, reductions and softmax.
  ELEMENTWISE,
  /// Copies and fills within the device.
  COPY,
  /// Bytes from the host and to it.
  TRANSFER;

  /// What a call of `Family.method` computes; an attention's is [#attention].
  static Work of(String call) {
    return switch (call) {
      case "NormKernels.norm", "NormKernels.residualNorm", "DropoutKernels.residual" -> NORM;
      case "NormKernels.normBackward", "NormKernels.residualNormBackward" -> NORM_BACKWARD;
      case "GateKernels.gated" -> GATE;
      case "GateKernels.gatedBackward" -> GATE_BACKWARD;
      case "OptimizerKernels.adamW", "OptimizerKernels.adafactor" -> UPDATE;
      case "LayoutKernels.gather", "LayoutKernels.scatterAdd" -> EMBEDDING;
      case "DropoutKernels.dropout" -> DROPOUT;
      default ->
          switch (call.substring(0, call.indexOf('.'))) {
            case "MatmulKernels" -> PRODUCT;
            case "LossKernels" -> LOSS;
            case "OptimizerKernels" -> GRADIENT_NORM;
            case "LayoutKernels" -> COPY;
            default -> ELEMENTWISE;
          };
    };
  }

  /// What an attention computes.
  static Work attention(AttentionCall call, boolean backward) {
    if (call.masks().causal()) {
      return backward ? CAUSAL_ATTENTION_BACKWARD : CAUSAL_ATTENTION;
    }
    if (call.bias().present()) {
      return backward ? BIASED_ATTENTION_BACKWARD : BIASED_ATTENTION;
    }
    return backward ? CROSS_ATTENTION_BACKWARD : CROSS_ATTENTION;
  }
}
