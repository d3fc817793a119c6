package dev.quintet.kernels.driver;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// Device memory from `cuMemAlloc`, where the driver has no virtual addresses.
final class AllocatedSlabs implements DeviceSlabs {
  private final CudaQueue queue;

  AllocatedSlabs(CudaQueue queue) {
    this.queue = queue;
  }

  @Override
  public long reserve(long bytes) {
    queue.begin();
    try {
      var pointer = new Address.Filled();
      int result = JCudaDriver.cuMemAlloc(pointer, bytes);
      if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
        return 0;
      }
      queue.health().check(result, "cuMemAlloc of " + bytes + " bytes");
      return pointer.address();
    } finally {
      queue.end();
    }
  }

  @Override
  public void free(long address, long bytes) {
    queue.begin();
    try {
      queue
          .health()
          .check(
              JCudaDriver.cuMemFree(Address.device(address)),
              "cuMemFree of 0x" + Long.toHexString(address));
    } finally {
      queue.end();
    }
  }
}
