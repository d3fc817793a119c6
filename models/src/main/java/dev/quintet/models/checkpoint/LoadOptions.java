package dev.quintet.models.checkpoint;

import dev.quintet.core.shape.Device;

/// How a model is loaded.
///
/// @param device whose memory it goes to
/// @param pickle whether `pytorch_model.bin` is read where a folder has no safetensors; off unless asked for, although
///     the reader builds tensors only and runs nothing
/// @param copy whether weights are copied into memory of the model's own, rather than used where the mapped file has them
public record LoadOptions(Device device, boolean pickle, boolean copy) {
  /// Onto the processor, from safetensors only.
  public static final LoadOptions DEFAULT = new LoadOptions(Device.cpu(), false, false);

  /// Options under which files are mapped.
  public LoadOptions(Device device, boolean pickle) {
    this(device, pickle, false);
  }

  /// These options with another device.
  public LoadOptions withDevice(Device other) {
    return new LoadOptions(other, pickle, copy);
  }

  /// These options with `pytorch_model.bin` allowed.
  public LoadOptions withPickle() {
    return new LoadOptions(device, true, copy);
  }

  /// These options with weights copied: loading takes longer and as much memory as the weights, and nothing that happens to
  /// the file later reaches the model. For services whose files others may overwrite.
  public LoadOptions withCopy() {
    return new LoadOptions(device, pickle, true);
  }
}
