package dev.quintet.kernels.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/// Addresses as JCuda takes them.
final class Address {
  private Address() {}

  /// Device memory.
  static CUdeviceptr device(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }

  /// Host memory outside Java's heap.
  static Pointer host(long address) {
    return new Host(address);
  }

  /// The address in a pointer that the driver has filled in.
  static long of(Filled pointer) {
    return pointer.address();
  }

  /// A pointer that the driver fills in.
  static final class Filled extends CUdeviceptr {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  private static final class Host extends Pointer {
    Host(long address) {
      super(address);
    }
  }
}
