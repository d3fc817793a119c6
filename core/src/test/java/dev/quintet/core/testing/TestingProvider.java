package dev.quintet.core.testing;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.BackendProvider;
import dev.quintet.core.shape.Device;

/// Puts an instrument in the processor's place, so that tests written for `Device.cpu()` run on it, where the system
/// property `quintet.testing.backend` is `glass` or `deferred`.
public final class TestingProvider implements BackendProvider {
  private static final String PROPERTY = "quintet.testing.backend";

  /// Made by the service loader.
  public TestingProvider() {}

  @Override
  public Device.Kind kind() {
    return Device.Kind.CPU;
  }

  @Override
  public int rank() {
    return 1;
  }

  @Override
  public Availability probe() {
    String name = System.getProperty(PROPERTY);
    return new Availability(
        name != null, name == null ? "no instrument (property " + PROPERTY + ")" : name);
  }

  @Override
  public Backend open(int index) {
    String name = System.getProperty(PROPERTY, "");
    return switch (name) {
      case "glass" -> new Glass(Device.cpu()).backend();
      case "deferred" -> new Deferred(Device.cpu()).backend();
      default ->
          throw new IllegalArgumentException(
              "property " + PROPERTY + " is glass or deferred, not " + name);
    };
  }
}
