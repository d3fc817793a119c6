package dev.quintet.kernels.driver;

import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.backend.Queue;
import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// Work that was taken down: a graph.
final class Captured implements Queue.Replay {
  private final CudaQueue queue;
  private final CUgraphExec graph = new CUgraphExec();
  private final Map<Kernel, Long> moves = new LinkedHashMap<>();
  private int launches;
  private String last = "nothing";
  private boolean closed;

  Captured(CudaQueue queue) {
    this.queue = queue;
  }

  void add(Kernel kernel, long bytes) {
    moves.merge(kernel, bytes, Long::sum);
    launches++;
    last = kernel.name();
  }

  /// Makes it ready to run, and frees what it was taken down in.
  ///
  /// @throws OutOfDeviceMemoryException if the device has no room for it, and is well otherwise
  void instantiate(CUgraph taken) {
    int result = JCudaDriver.cuGraphInstantiate(graph, taken, 0);
    int destroyed = JCudaDriver.cuGraphDestroy(taken);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new OutOfDeviceMemoryException(
          "cuGraphInstantiate of " + name() + ": " + CUresult.stringFor(result));
    }
    queue.health().check(result, "cuGraphInstantiate of " + name());
    queue.health().check(destroyed, "cuGraphDestroy");
  }

  CUgraphExec graph() {
    return graph;
  }

  /// Counts one more run.
  void count() {
    moves.forEach(Kernel::move);
  }

  String name() {
    return "a graph of " + launches + " launches that ends with " + last;
  }

  @Override
  public void run() {
    if (closed) {
      throw new IllegalStateException("this replay is closed");
    }
    queue.replay(this);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      queue.forget(this);
    }
  }
}
