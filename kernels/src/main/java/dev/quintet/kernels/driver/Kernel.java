package dev.quintet.kernels.driver;

import java.util.concurrent.atomic.LongAdder;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// A kernel of a device. Its machine code is loaded at its first launch. Thread-safe.
public final class Kernel {
  /// What a block may have of shared memory without asking.
  private static final int GIVEN = 48 << 10;

  private final Cuda cuda;
  private final String family;
  private final String name;
  private final LongAdder moved = new LongAdder();
  private Address.@Nullable Function function;
  private int granted = GIVEN;

  Kernel(Cuda cuda, String family, String name) {
    this.cuda = cuda;
    this.family = family;
    this.name = name;
  }

  /// The kernel's name in its source.
  public String name() {
    return name;
  }

  /// Bytes of global memory that its launches so far have loaded and stored, by [Launch#moves].
  public long moved() {
    return moved.sum();
  }

  /// A launch to be described and run at once: a thread has a single one.
  public Launch launch() {
    return cuda.launch().of(this);
  }

  void move(long bytes) {
    moved.add(bytes);
  }

  Cuda cuda() {
    return cuda;
  }

  /// For the holder of the queue's lock.
  Address.Function function() {
    Address.Function found = function;
    if (found == null) {
      found = cuda.find(family, name);
      function = found;
    }
    return found;
  }

  /// Asks for shared memory beyond what every block has. For the holder of the queue's lock.
  void grant(Address.Function function, int sharedBytes) {
    if (sharedBytes > granted) {
      cuda.queue()
          .health()
          .check(
              JCudaDriver.cuFuncSetAttribute(
                  function,
                  CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                  sharedBytes),
              "cuFuncSetAttribute of "
                  + name
                  + " (%d bytes of shared memory, the chip has %d)"
                      .formatted(sharedBytes, cuda.chip().sharedBytes()));
      granted = sharedBytes;
    }
  }
}
