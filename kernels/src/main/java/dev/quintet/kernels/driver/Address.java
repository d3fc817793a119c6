package dev.quintet.kernels.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;

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

  /// A pointer that the driver fills in.
  static final class Filled extends CUdeviceptr {
    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /// A kernel whose address can be asked for.
  static final class Function extends CUfunction {
    long address() {
      return getNativePointer();
    }
  }

  /// A stream whose address can be asked for.
  static final class Stream extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  private static final class Host extends Pointer {
    Host(long address) {
      super(address);
    }
  }
}
