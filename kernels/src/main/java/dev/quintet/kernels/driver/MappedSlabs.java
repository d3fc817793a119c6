package dev.quintet.kernels.driver;

import java.util.Map;
import java.util.TreeMap;
import jcuda.driver.CUmemAccessDesc;
import jcuda.driver.CUmemAccess_flags;
import jcuda.driver.CUmemAllocationGranularity_flags;
import jcuda.driver.CUmemAllocationProp;
import jcuda.driver.CUmemAllocationType;
import jcuda.driver.CUmemGenericAllocationHandle;
import jcuda.driver.CUmemLocation;
import jcuda.driver.CUmemLocationType;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// Device memory in one stretch of addresses, reserved once and wide enough never to run short; memory is mapped into it
/// as it is wanted. For the holder of the queue's lock.
final class MappedSlabs extends DeviceSlabs {
  private final CUmemAllocationProp kind = new CUmemAllocationProp();
  private final CUmemAccessDesc access;
  private final long granularity;

  /// Addresses that nothing is mapped to: lengths by where they begin.
  private final TreeMap<Long, Long> free = new TreeMap<>();

  MappedSlabs(CudaQueue queue, @Nullable Watcher watcher, int device, long memory) {
    super(queue, watcher);
    var here = new CUmemLocation(CUmemLocationType.CU_MEM_LOCATION_TYPE_DEVICE, device);
    kind.type = CUmemAllocationType.CU_MEM_ALLOCATION_TYPE_PINNED;
    kind.location = here;
    access = new CUmemAccessDesc(here, CUmemAccess_flags.CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
    long[] unit = {0};
    queue
        .health()
        .check(
            JCudaDriver.cuMemGetAllocationGranularity(
                unit, kind, CUmemAllocationGranularity_flags.CU_MEM_ALLOC_GRANULARITY_RECOMMENDED),
            "cuMemGetAllocationGranularity");
    granularity = unit[0];
    long range = whole(2 * memory);
    var begin = new Address.Filled();
    queue
        .health()
        .check(
            JCudaDriver.cuMemAddressReserve(begin, range, 0, Address.device(0), 0),
            "cuMemAddressReserve of " + range + " bytes");
    free.put(begin.address(), range);
  }

  private long whole(long bytes) {
    return (bytes + granularity - 1) / granularity * granularity;
  }

  @Override
  long take(long bytes) {
    long size = whole(bytes);
    long address = range(size);
    if (address == 0) {
      return 0;
    }
    var handle = new CUmemGenericAllocationHandle();
    int result = JCudaDriver.cuMemCreate(handle, size, kind, 0);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      return 0;
    }
    health().check(result, "cuMemCreate of " + size + " bytes");
    map(address, size, handle);
    return address;
  }

  /// The lowest free addresses that are wide enough, or 0.
  private long range(long size) {
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      if (range.getValue() >= size) {
        return range.getKey();
      }
    }
    return 0;
  }

  private void map(long address, long size, CUmemGenericAllocationHandle handle) {
    String what = " of %d bytes at 0x%x".formatted(size, address);
    int result = JCudaDriver.cuMemMap(Address.device(address), size, 0, handle, 0);
    if (result != CUresult.CUDA_SUCCESS) {
      JCudaDriver.cuMemRelease(handle);
      throw health().failure(result, "cuMemMap" + what);
    }
    result =
        JCudaDriver.cuMemSetAccess(
            Address.device(address), size, new CUmemAccessDesc[] {access}, 1);
    if (result != CUresult.CUDA_SUCCESS) {
      JCudaDriver.cuMemUnmap(Address.device(address), size);
      JCudaDriver.cuMemRelease(handle);
      throw health().failure(result, "cuMemSetAccess" + what);
    }
    health().check(JCudaDriver.cuMemRelease(handle), "cuMemRelease"); // the mapping keeps it
    Long length = free.remove(address);
    if (length != null && length > size) {
      free.put(address + size, length - size);
    }
  }

  @Override
  void giveBack(long address, long bytes) {
    long size = whole(bytes);
    health()
        .check(
            JCudaDriver.cuMemUnmap(Address.device(address), size),
            "cuMemUnmap of %d bytes at 0x%x".formatted(size, address));
    join(address, size);
  }

  private void join(long address, long size) {
    long begin = address;
    long end = address + size;
    Map.Entry<Long, Long> before = free.lowerEntry(begin);
    if (before != null && before.getKey() + before.getValue() == begin) {
      begin = before.getKey();
    }
    Long behind = free.remove(end);
    if (behind != null) {
      end += behind;
    }
    free.put(begin, end - begin);
  }
}
