package dev.quintet.kernels.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.backend.Queue;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Fails every call of the driver that the runtime makes, once: it ends in one line, and the device goes on.
class CudaFailureTest {
  private static final int BYTES = 1 << 20;

  @AfterEach
  void nothingIsLeftToFail() {
    StandIn.late(false);
    StandIn.reset();
    StandIn.errors();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cuInit",
        "cuDeviceGet",
        "cuDeviceGetName",
        "cuDeviceTotalMem",
        "cuDeviceGetAttribute",
        "cuDevicePrimaryCtxRetain",
        "cuCtxSetCurrent",
        "cuStreamCreate",
        "cuMemHostAlloc",
        "cuMemGetAllocationGranularity",
        "cuMemAddressReserve"
      })
  void openingFailsInOneLine(String call) {
    StandIn.backend();
    StandIn.fail(call, 1, CUresult.CUDA_ERROR_INVALID_VALUE);
    names(call, assertThrows(CudaException.class, () -> Cuda.open(0)));
  }

  @Test
  void countingDevicesFailsInOneLine() {
    StandIn.backend();
    StandIn.fail("cuDeviceGetCount", 1, CUresult.CUDA_ERROR_INVALID_VALUE);
    var none = assertInstanceOf(CudaDevices.None.class, CudaDevices.ask());
    assertEquals("cuDeviceGetCount: CUDA_ERROR_INVALID_VALUE", none.reason());
  }

  @Test
  void everyCallOfWorkFailsInOneLineAndTheDeviceGoesOn() {
    Cuda cuda = StandIn.open();
    StandIn.late(true); // else nobody has to wait
    for (String call :
        new String[] {
          "cuModuleLoadData",
          "cuModuleGetFunction",
          "cuFuncSetAttribute", // once in a process: first
          "cuMemCreate",
          "cuMemMap",
          "cuMemSetAccess",
          "cuMemRelease",
          "cuMemsetD8Async",
          "cuMemcpyHtoDAsync",
          "cuMemcpyDtoDAsync",
          "cuMemcpyDtoHAsync",
          "cuLaunchKernel",
          "cuLaunchKernelEx",
          "cuStreamBeginCapture",
          "cuStreamEndCapture",
          "cuGraphInstantiate",
          "cuGraphDestroy",
          "cuGraphLaunch",
          "cuGraphExecDestroy",
          "cuEventCreate",
          "cuEventRecord",
          "cuEventQuery",
          "cuEventSynchronize",
          "cuEventDestroy",
          "cuEventElapsedTime",
          "cuStreamWaitEvent",
          "cuStreamSynchronize",
          "cuMemUnmap"
        }) {
      StandIn.fail(call, 1, CUresult.CUDA_ERROR_INVALID_VALUE);
      names(call, assertThrows(CudaException.class, () -> work(cuda), call));
      StandIn.fail(call, 0, 0);
    }
    work(cuda);
  }

  @Test
  void asksForLessWhereTheDriverHasNotSoMuch() {
    Cuda cuda = StandIn.open();
    Memory memory = cuda.memory();
    StandIn.fail("cuMemCreate", 1, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
    long address = memory.allocate(BYTES); // what is rounded up fails, the rest is there
    memory.release(address, BYTES);
    assertEquals(BYTES, ((CudaMemory) memory).bytesHeld());
    assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(1L << 50));
  }

  /// All that a device is asked, from memory that it has not yet to memory that it has no more.
  private static void work(Cuda cuda) {
    Memory memory = cuda.memory();
    CudaQueue queue = cuda.queue();
    memory.trim();
    long y = memory.allocate(BYTES);
    try {
      memory.zero(y, 64);
      memory.write(MemorySegment.ofArray(new int[] {3}), y, 4);
      memory.copy(y, y + 32, 4);
      count(cuda).shared(60_000).run();
      launch(cuda, y, 1);
      launch(cuda, y, 2);
      try (Queue.Replay replay = queue.capture(() -> launch(cuda, y, 1))) {
        replay.run();
      }
      int[] back = new int[1];
      memory.read(y, MemorySegment.ofArray(back), 4);
      assertEquals(7, back[0]); // each block of a cluster adds one
      Memory.Later later = memory.readLater(y + 32, 4);
      assertEquals(3, later.get().get(ValueLayout.JAVA_INT, 0));
      try (Queue.Event event = queue.record()) {
        queue.await(event);
        queue.synchronize();
        assertTrue(event.done());
      }
      try (Queue.Moment begin = queue.moment();
          Queue.Moment end = queue.moment()) {
        assertTrue(end.since(begin) >= 0);
      }
    } finally {
      memory.release(y, BYTES);
    }
    memory.trim();
  }

  /// A launch of no consequence, whose kernel wants more shared memory each time.
  private static Launch count(Cuda cuda) {
    long y = cuda.fault();
    return new Kernel(cuda, "runtime", "runtime_count")
        .launch()
        .threads(32)
        .address(y)
        .i32(0)
        .i32(0);
  }

  private static void launch(Cuda cuda, long y, int cluster) {
    cuda.kernel("runtime", "runtime_count")
        .launch()
        .grid(cluster)
        .threads(32)
        .cluster(cluster)
        .address(y)
        .i32(1)
        .i32(0)
        .run();
  }

  private static void names(String call, CudaException e) {
    assertTrue(
        e.getMessage().contains(call + " ") || e.getMessage().contains(call + ":"), e.getMessage());
    assertTrue(e.getMessage().contains("CUDA_ERROR_INVALID_VALUE"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
