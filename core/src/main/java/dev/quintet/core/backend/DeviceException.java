package dev.quintet.core.backend;

/// A device did not do what it was told: it failed, it is full, or it is not there. The message is whole without the class's name.
public abstract class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Says what was asked of the device and what it answered.
  protected DeviceException(String message) {
    super(message);
  }
}
