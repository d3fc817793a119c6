package dev.quintet.core.backend;

import dev.quintet.core.shape.Device;

/// Offers the backends of one kind of device; found with [java.util.ServiceLoader].
public interface BackendProvider {

  /// The kind of device offered.
  Device.Kind kind();

  /// Whether a device of this kind can be used here, and why or why not. Cheap after the first
  /// call; never throws.
  Availability probe();

  /// The number of devices of this kind; 0 where it cannot be used.
  default int count() {
    return probe().available() ? 1 : 0;
  }

  /// What is preferred where several kinds can be used, or several providers offer one kind: the highest. The
  /// processor's is 0.
  int rank();

  /// Opens the backend of one device.
  ///
  /// @param index which one, below [#count]
  /// @throws DeviceUnavailableException if it cannot be opened
  Backend open(int index);

  /// Whether a kind of device can be used, with one line that says why or why not.
  ///
  /// @param available whether it can be used
  /// @param reason one line for logs and error messages
  record Availability(boolean available, String reason) {}
}
