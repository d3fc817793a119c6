package dev.quintet.core.backend;

import dev.quintet.core.shape.Device;

/// One device: its memory and its kernels.
///
/// Found with [Backends#of]. A backend is shared by all threads and lives as long as the process.
public interface Backend {

  /// The device that this backend computes on.
  Device device();

  /// One line for logs: what computes and why it was chosen.
  String description();

  /// What decides the last bits of results here, such as `cpu-512`: a training checkpoint names it.
  String arithmetic();

  /// The number of threads, or of parallel units, that compute.
  int parallelism();

  /// The device's memory.
  Memory memory();

  /// Matrix products.
  MatmulKernels matmul();

  /// Element by element functions.
  ElementwiseKernels elementwise();

  /// Sums, extremes, cumulative sums and selections along an axis.
  ReductionKernels reduction();

  /// Copies, fills, casts, gathers and scatters.
  LayoutKernels layout();

  /// Softmax and its logarithm.
  SoftmaxKernels softmax();

  /// RMS norm and layer norm.
  NormKernels norm();

  /// The gate of a gated feed-forward layer.
  GateKernels gate();

  /// Scaled dot-product attention with an additive bias.
  AttentionKernels attention();

  /// Cross entropy.
  LossKernels loss();

  /// Dropout and the residual sum around it.
  DropoutKernels dropout();

  /// Optimizer updates and gradient norms.
  OptimizerKernels optimizer();

  /// Waits until all kernels called so far have finished.
  void synchronize();
}
