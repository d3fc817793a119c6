package dev.quintet.kernels.driver;

import dev.quintet.core.backend.DeviceException;

/// A call of the CUDA driver failed; the message names the call, what it was for and the driver's answer.
public final class CudaException extends DeviceException {
  private static final long serialVersionUID = 1L;

  /// Says which call failed and how.
  public CudaException(String message) {
    super(message);
  }
}
