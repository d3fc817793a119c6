package dev.quintet.core.backend;

import dev.quintet.core.shape.Device;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

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

  /// Makes a backend that nobody provides the one of its device; for devices of one's own, and for tests.
  ///
  /// @throws IllegalStateException if that device has a backend already
  public static void register(Backend backend) {
    Backend before = OPEN.putIfAbsent(backend.device(), backend);
    if (before != null) {
      throw new IllegalStateException(
          "device " + backend.device() + " has a backend already: " + before.description());
    }
  }

  /// Forgets a backend that was registered; who has it may go on to use it.
  public static void unregister(Backend backend) {
    OPEN.remove(backend.device(), backend);
  }

  /// The devices here, the best first: those of the provider with the highest rank, from index 0 on.
  public static List<Device> devices() {
    return Providers.FOUND.stream()
        .flatMap(provider ->
            IntStream.range(0, provider.count()).mapToObj(i -> new Device(provider.kind(), i)))
        .distinct()
        .toList();
  }

  /// The best device here: a CUDA device when a provider has one, else the processor.
  public static Device best() {
    return devices().getFirst();
  }

  /// What each provider says of itself, one line each, such as `cuda: no driver (libcuda.so.1)`.
  public static List<String> report() {
    return Providers.FOUND.stream()
        .map(p -> p.kind().name().toLowerCase(Locale.ROOT) + ": " + p.probe().reason())
        .toList();
  }

  private static Backend open(Device device) {
    for (BackendProvider provider : Providers.FOUND) {
      if (provider.kind() == device.kind() && provider.probe().available()) {
        return provider.open(device.index());
      }
    }
    throw new DeviceUnavailableException(
        "no backend for device " + device + " (" + String.join("; ", report()) + ")");
  }

  /// Looked up when first asked for, and once: what a provider has found out stays with it.
  private static final class Providers {
    static final List<BackendProvider> FOUND =
        ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .sorted(Comparator.comparing(BackendProvider::rank).reversed())
            .toList();
  }
}
