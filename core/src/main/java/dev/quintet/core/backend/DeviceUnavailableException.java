package dev.quintet.core.backend;

/// A device was asked for that cannot be used here.
public final class DeviceUnavailableException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /// Says which device, and what each provider answered.
  public DeviceUnavailableException(String message) {
    super(message);
  }
}
