package dev.quintet.core.backend;

import dev.quintet.core.shape.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;

/// Finds the backend of a device among the providers on the module or class path.
public final class Backends {
  private static final ConcurrentHashMap<Device, Backend> OPEN = new ConcurrentHashMap<>();

  private Backends() {}

  /// The backend of a device, opened on first use and shared from then on.
  ///
  /// @throws DeviceUnavailableException if no provider has this device; the message says what each
  ///     provider answered
  public static Backend of(Device device) {
    Backend open = OPEN.get(device);
    return open != null ? open : OPEN.computeIfAbsent(device, Backends::open);
  }

  /// The best device here: a CUDA device when a provider has one, else the processor.
  public static Device best() {
    for (BackendProvider provider : providers()) {
      if (provider.kind() == Device.Kind.CUDA && provider.probe().available()) {
        return Device.cuda(0);
      }
    }
    return Device.cpu();
  }

  /// What each provider says of itself, one line each, such as `cuda: no driver (libcuda.so.1)`.
  public static List<String> report() {
    return providers().stream()
        .map(p -> p.kind().name().toLowerCase(java.util.Locale.ROOT) + ": " + p.probe().reason())
        .toList();
  }

  private static Backend open(Device device) {
    for (BackendProvider provider : providers()) {
      if (provider.kind() == device.kind() && provider.probe().available()) {
        return provider.open(device.index());
      }
    }
    throw new DeviceUnavailableException(
        "no backend for device " + device + " (" + String.join("; ", report()) + ")");
  }

  private static List<BackendProvider> providers() {
    var found = new ArrayList<BackendProvider>();
    ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).forEach(found::add);
    return found;
  }
}
