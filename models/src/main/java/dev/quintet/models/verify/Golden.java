package dev.quintet.models.verify;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Family;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder of a model and of what a reference computed with it.
///
/// @param folder the folder
/// @param device where to recompute
public record Golden(Path folder, Device device) {

  /// Loads the model anew, which generates text; the caller closes it.
  public T5 model() {
    return Checkpoint.load(folder, device);
  }

  /// Loads whatever model the folder holds anew; the caller closes it.
  public T5Family any() {
    return Checkpoint.loadAny(folder, LoadOptions.DEFAULT.withDevice(device));
  }

  /// A file of the folder.
  public Path file(String name) {
    return folder.resolve(name);
  }

  /// Whether the folder holds a file.
  public boolean has(String name) {
    return Files.isRegularFile(file(name));
  }
}
