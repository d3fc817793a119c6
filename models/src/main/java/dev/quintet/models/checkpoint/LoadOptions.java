package dev.quintet.models.checkpoint;

import dev.quintet.core.shape.Device;

/// How a model is loaded.
///
/// @param device whose memory it goes to
/// @param pickle whether `pytorch_model.bin` is read where a folder has no safetensors; off unless asked for, although
///     the reader builds tensors only and runs nothing
public record LoadOptions(Device device, boolean pickle) {
  /// Onto the processor, from safetensors only.
  public static final LoadOptions DEFAULT = new LoadOptions(Device.cpu(), false);

  /// These options with another device.
  public LoadOptions withDevice(Device other) {
    return new LoadOptions(other, pickle);
  }

  /// These options with `pytorch_model.bin` allowed.
  public LoadOptions withPickle() {
    return new LoadOptions(device, true);
  }
}
