package dev.quintet.core.backend;

import dev.quintet.core.shape.Device;
import java.util.Map;
import java.util.function.Consumer;

/// One device: its memory and its kernels; in which order they run is its [Queue]s' matter.
///
/// Found with [Backends#of]. A backend is shared by all threads and lives as long as the process.
public interface Backend {
  /// The order of a device whose work is done when a call returns.
  Queue IMMEDIATE = new Queue() {};

  /// The device that this backend computes on.
  Device device();

  /// One line for logs: what computes and why it was chosen.
  String description();

  /// What else is known of the device, by name, for reports: numbers, texts, truth values, lists and maps of these.
  default Map<String, Object> details() {
    return Map.of();
  }

  /// What decides the last bits of results here, such as `cpu-512`: a training checkpoint names it.
  String arithmetic();

  /// The number of threads, or of parallel units, that compute.
  int parallelism();

  /// What lengths of a training's batches are best a multiple of: of few shapes, and of whole tiles.
  default int lengthStep() {
    return 1;
  }

  /// Whether rows without padding cost here what their tokens do, and lengths are known before kernels run: models then
  /// leave padding out.
  default boolean skipsPadding() {
    return false;
  }

  /// The device's memory.
  Memory memory();

  /// Matrix products.
  MatmulKernels matmul();

  /// Products with weights that are stored small.
  default StoredKernels stored() {
    return () -> this;
  }

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

  /// Tokens chosen from logits.
  default SelectionKernels selection() {
    return () -> this;
  }

  /// Steps of a decoder that are planned once.
  default DecoderKernels decoder() {
    return DecoderKernels.NONE;
  }

  /// The order of work that the calling thread's kernels, copies and releases join: what [#openQueue] gave it last and it
  /// has not closed; else the device's first.
  default Queue queue() {
    return IMMEDIATE;
  }

  /// Another order of work, which the calling thread joins until it closes it. A thread's outermost
  /// [scope][dev.quintet.core.tensor.Scope] opens one, so that two threads do not wait for each other's kernels.
  ///
  /// It begins behind what was called on the first queue, and that goes on behind it when it is closed. Between queues
  /// that are open at one time, events make an order. A queue that was closed may be handed out again, with the
  /// memory that belongs to it. A device with a single order gives that, whose close does nothing.
  default Queue openQueue() {
    return queue();
  }

  /// Tries each of the device's own instructions that kernels are written with, and compares it with what the kernels were
  /// proved with.
  ///
  /// @param found takes each comparison as it comes; it is not called where a device has no such instructions
  default void calibrate(Consumer<Calibration> found) {}
}
