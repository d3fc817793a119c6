package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Queue;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// A place in the order of a queue, which may know when it was reached.
final class CudaEvent implements Queue.Event, Queue.Moment {
  private final CudaQueue queue;
  private final CUevent event;
  private final long launches;
  private boolean closed;

  /// @param launches how many there were before it
  CudaEvent(CudaQueue queue, CUevent event, long launches) {
    this.queue = queue;
    this.event = event;
    this.launches = launches;
  }

  CUevent event() {
    return event;
  }

  @Override
  public boolean done() {
    queue.beginAlone("ask for an event");
    try {
      int result = JCudaDriver.cuEventQuery(event);
      if (result != CUresult.CUDA_ERROR_NOT_READY) {
        queue.health().check(result, "cuEventQuery");
        queue.health().ended(launches);
        return true;
      }
      return false;
    } finally {
      queue.end();
    }
  }

  @Override
  public long since(Queue.Moment earlier) {
    if (!(earlier instanceof CudaEvent before) || before.queue != queue) {
      throw new IllegalArgumentException(
          "two moments of different queues have no time between them");
    }
    queue.beginAlone("ask for the time");
    try {
      Health health = queue.health();
      health.check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize");
      health.ended(launches);
      float[] milliseconds = new float[1];
      health.check(
          JCudaDriver.cuEventElapsedTime(milliseconds, before.event, event), "cuEventElapsedTime");
      return Math.round(milliseconds[0] * 1e6);
    } finally {
      queue.end();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      queue.begin();
      try {
        queue.health().check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
      } finally {
        queue.end();
      }
    }
  }
}
