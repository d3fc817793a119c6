package dev.quintet.kernels.driver;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// Device memory from `cuMemAlloc`, where the driver has no virtual addresses.
final class AllocatedSlabs extends DeviceSlabs {

  AllocatedSlabs(CudaQueue queue, @Nullable Watcher watcher) {
    super(queue, watcher);
  }

  @Override
  long take(long bytes) {
    var pointer = new Address.Filled();
    int result = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      return 0;
    }
    health().check(result, "cuMemAlloc of " + bytes + " bytes");
    return pointer.address();
  }

  @Override
  void giveBack(long address, long bytes) {
    health()
        .check(
            JCudaDriver.cuMemFree(Address.device(address)),
            "cuMemFree of 0x" + Long.toHexString(address));
  }
}
