package dev.quintet.core.backend;

/// A device has not enough memory for an allocation.
public final class OutOfDeviceMemoryException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /// Says what was asked for and what there is.
  public OutOfDeviceMemoryException(String message) {
    super(message);
  }
}
