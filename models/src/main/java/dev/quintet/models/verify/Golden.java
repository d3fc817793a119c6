package dev.quintet.models.verify;

import dev.quintet.core.shape.Device;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.AdapterBase;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A folder of a model, or of an adapter, and of what a reference computed with it.
///
/// @param folder the folder
/// @param device where to recompute
/// @param base where the model lies: the folder itself, unless it holds an adapter
public record Golden(Path folder, Device device, Path base) {
  /// What an adapter is called while it is recomputed with.
  private static final String ADAPTER = "recorded";

  /// A folder of a model.
  public Golden(Path folder, Device device) {
    this(folder, device, folder);
  }

  /// A folder of a model or an adapter.
  ///
  /// @param base the adapter's model, where it is not the one that its configuration names
  /// @throws dev.quintet.models.adapt.method.AdapterException if an adapter's model is not found, or one is given for a
  ///     folder that holds no adapter
  public static Golden of(Path folder, Device device, Optional<Path> base) {
    if (!AdapterFolder.holdsAdapter(folder)) {
      base.ifPresent(given -> {
        throw new AdapterException(
            "verify: "
                + folder
                + " holds no adapter that a base could be given for: leave --base out");
      });
      return new Golden(folder, device);
    }
    return new Golden(
        folder,
        device,
        base.orElseGet(() -> AdapterBase.required(folder, "name it with --base DIR")));
  }

  /// Loads the model anew, which generates text; the caller closes it.
  public T5 model() {
    return Checkpoint.load(base, device);
  }

  /// Loads the folder's adapter onto a model, which uses it from now on.
  ///
  /// @throws dev.quintet.models.adapt.method.AdapterException if it does not fit the model
  public Adapter adapt(T5 model) {
    Adapters adapters = Adapters.of(model);
    Adapter adapter = adapters.load(ADAPTER, folder);
    adapters.use(ADAPTER);
    return adapter;
  }

  /// Loads whatever model the folder holds anew; the caller closes it.
  public T5Family any() {
    return Checkpoint.loadAny(base, LoadOptions.DEFAULT.withDevice(device));
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
