package dev.quintet.core.cpu;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.BackendProvider;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.shape.Device;

/// Offers the processor, which is always there, as the one device `cpu`.
public final class CpuProvider implements BackendProvider {

  /// Made by the service loader.
  public CpuProvider() {}

  @Override
  public Device.Kind kind() {
    return Device.Kind.CPU;
  }

  @Override
  public Availability probe() {
    return new Availability(true, Runtime.getRuntime().availableProcessors() + " processors");
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public Backend open(int index) {
    if (index != 0) {
      throw new DeviceUnavailableException("there is one cpu device, cpu:0, and no cpu:" + index);
    }
    return new CpuBackend();
  }
}
