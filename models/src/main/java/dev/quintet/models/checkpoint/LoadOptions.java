package dev.quintet.models.checkpoint;

import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import java.util.Objects;
import java.util.Optional;

/// How a model is loaded.
///
/// @param device whose memory it goes to
/// @param pickle whether `pytorch_model.bin` is read where a folder has no safetensors; off unless asked for, although
///     the reader builds tensors only and runs nothing
/// @param copy whether weights are copied into memory of the model's own, rather than used where the mapped file has them
/// @param precision how projections, embeddings and the head are stored; norms, biases, tables of relative positions and the
///     heads of tasks are float32 whatever it says. Empty for float32, or for INT8 where the folder holds that
public record LoadOptions(
    Device device, boolean pickle, boolean copy, Optional<Precision> precision) {
  /// Onto the processor, from safetensors only.
  public static final LoadOptions DEFAULT =
      new LoadOptions(Device.cpu(), false, false, Optional.empty());

  /// Options under which files are mapped.
  public LoadOptions(Device device, boolean pickle) {
    this(device, pickle, false);
  }

  /// Options of float32 weights, or of such as the folder holds.
  public LoadOptions(Device device, boolean pickle, boolean copy) {
    this(device, pickle, copy, Optional.empty());
  }

  /// These options with another device.
  public LoadOptions withDevice(Device other) {
    return new LoadOptions(other, pickle, copy, precision);
  }

  /// These options with `pytorch_model.bin` allowed.
  public LoadOptions withPickle() {
    return new LoadOptions(device, true, copy, precision);
  }

  /// These options with weights copied: loading takes longer and as much memory as the weights, and nothing that happens to
  /// the file later reaches the model. For services whose files others may overwrite.
  public LoadOptions withCopy() {
    return new LoadOptions(device, pickle, true, precision);
  }

  /// These options with weights stored small and computed with in float32, for answers and not for training: BF16 takes half
  /// the memory of float32, INT8 a quarter, and one token is decoded faster. The file is not kept. With F32 an INT8 folder
  /// is widened.
  public LoadOptions withPrecision(Precision small) {
    return new LoadOptions(
        device, pickle, copy, Optional.of(Objects.requireNonNull(small, "precision")));
  }
}
