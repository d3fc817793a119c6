package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.BackendProvider;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.shape.Device;
import dev.quintet.kernels.driver.Chip;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.CudaDevices;
import dev.quintet.kernels.driver.CudaDriver;
import dev.quintet.kernels.driver.CudaException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Says whether CUDA devices can be used here, and why not.
///
/// Quiet and cheap where there is no driver: JCuda, which unpacks its native libraries into the
/// temporary folder, is touched only after the driver's library was found.
public final class CudaProvider implements BackendProvider {

  /// The compute capability that the oldest machine code is for.
  private static final int OLDEST = 80;

  private final Supplier<Availability> find;
  private volatile Availability found = new Availability(false, "not looked for yet");
  private volatile boolean looked;

  /// The provider that looks for the driver of this machine.
  public CudaProvider() {
    this(CudaProvider::look);
  }

  CudaProvider(Supplier<Availability> find) {
    this.find = find;
  }

  @Override
  public Device.Kind kind() {
    return Device.Kind.CUDA;
  }

  @Override
  public Availability probe() {
    if (!looked) {
      synchronized (this) {
        if (!looked) {
          found = quietly(find);
          looked = true;
        }
      }
    }
    return found;
  }

  @Override
  public int rank() {
    return 100;
  }

  @Override
  public Backend open(int index) {
    if (!probe().available()) {
      throw unavailable(index, probe().reason());
    }
    try {
      return new CudaBackend(index, Cuda.open(index));
    } catch (CudaException e) {
      throw unavailable(index, String.valueOf(e.getMessage()));
    }
  }

  private static DeviceUnavailableException unavailable(int index, String reason) {
    return new DeviceUnavailableException(
        "device " + Device.cuda(index) + " cannot be opened: " + reason);
  }

  /// A driver that is broken in whatever way costs the user this backend, never the program.
  private static Availability quietly(Supplier<Availability> find) {
    try {
      return find.get();
    } catch (RuntimeException | LinkageError e) {
      return unavailable("CUDA could not be asked: " + firstLine(e));
    }
  }

  private static Availability look() {
    return CudaDriver.find(CudaDriver.libraryName())
        .map(driver ->
            judge(driver, CudaDevices::ask, chip -> Cuda.missing(CudaBackend.NEEDED, chip, driver)))
        .orElseGet(
            () -> unavailable("no CUDA driver here (" + CudaDriver.libraryName() + " not found)"));
  }

  /// What a driver is good for.
  ///
  /// @param ask looks for devices; called only if the driver is recent enough
  /// @param missing why a chip's machine code cannot be loaded, if so
  static Availability judge(
      CudaDriver driver, Supplier<CudaDevices> ask, Function<Chip, Optional<String>> missing) {
    if (!driver.recentEnough()) {
      return unavailable(
          "the CUDA driver is too old: it supports CUDA %s, but %s is needed; update the driver"
              .formatted(driver.versionText(), CudaDriver.NEEDED.versionText()));
    }
    return switch (ask.get()) {
      case CudaDevices.None none ->
          unavailable("a CUDA driver but no device that it can use (" + none.reason() + ")");
      case CudaDevices.Some some -> judge(driver, some.chips(), missing);
    };
  }

  private static Availability judge(
      CudaDriver driver, List<Chip> chips, Function<Chip, Optional<String>> missing) {
    String found =
        chips.stream().map(Chip::toString).collect(Collectors.joining(", "))
            + "; driver supports CUDA "
            + driver.versionText();
    if (chips.getFirst().capability() < OLDEST) {
      return unavailable(
          "the first CUDA device is too old: compute capability 8.0 is needed (" + found + ")");
    }
    return missing
        .apply(chips.getFirst())
        .map(reason -> unavailable(reason + " (found " + found + ")"))
        .orElseGet(() -> new Availability(true, found));
  }

  private static Availability unavailable(String reason) {
    return new Availability(false, reason);
  }

  private static String firstLine(Throwable e) {
    String text = String.valueOf(e.getMessage()).strip();
    return e.getClass().getSimpleName() + ": " + text.lines().findFirst().orElse("");
  }
}
