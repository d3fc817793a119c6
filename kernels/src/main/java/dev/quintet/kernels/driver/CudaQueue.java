package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Queue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantLock;
import jcuda.driver.CUcontext;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUgraph;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// A device's one order of work, a stream, which all threads join.
///
/// Who calls the driver holds the queue's lock; while work is taken down, other threads wait.
public final class CudaQueue implements Queue {
  private static final ThreadLocal<@Nullable CUcontext> CURRENT = new ThreadLocal<>();

  private final boolean waiting = Boolean.getBoolean("quintet.cuda.wait");
  private final boolean graphs = !"false".equals(System.getProperty("quintet.cuda.graphs", ""));
  private final ReentrantLock lock = new ReentrantLock();
  private final CUcontext context;
  private final Health health;
  private final Address.Stream stream = new Address.Stream();
  private final MemorySegment faults;
  private @Nullable Captured taking;
  private int replays;

  CudaQueue(CUcontext context, Health health) {
    this.context = context;
    this.health = health;
    health.check(
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
        "cuStreamCreate");
    this.faults = PinnedRing.pinned(3 * Long.BYTES, health).fill((byte) 0);
  }

  /// Takes the lock for a call of the driver, or several; [#end] follows whatever happens.
  ///
  /// @throws CudaException if the device takes no more work
  CUstream begin() {
    lock.lock();
    try {
      health.requireAlive();
      if (CURRENT.get() != context) {
        health.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
        CURRENT.set(context);
      }
      return stream;
    } catch (RuntimeException e) {
      lock.unlock();
      throw e;
    }
  }

  /// The same for what has no place in work that is taken down.
  ///
  /// @param what as in "cannot ... here"
  CUstream beginAlone(String what) {
    lock.lock();
    try {
      if (taking != null) {
        throw new IllegalStateException(
            "cannot "
                + what
                + " in work that is taken down (Queue.capture): a replay computes without the host; read and"
                + " write before it or behind it");
      }
      return begin();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.unlock();
  }

  Health health() {
    return health;
  }

  /// The three words that kernels report faults in.
  MemorySegment faults() {
    return faults;
  }

  /// Whether the device takes work still.
  public boolean alive() {
    lock.lock();
    try {
      return health.alive();
    } finally {
      lock.unlock();
    }
  }

  /// Takes the lock for what asks the driver nothing, so that a thread always has it before any other lock.
  void hold() {
    lock.lock();
  }

  /// Whether the calling thread, which holds the lock, takes work down.
  boolean taking() {
    return taking != null;
  }

  /// Whether there is work that was taken down and may run again.
  boolean replaying() {
    return replays > 0;
  }

  void launch(Kernel kernel, Launch launch, long moves) {
    begin();
    try {
      Address.Function function = kernel.function();
      kernel.grant(function, launch.shared());
      int result = launch.call(kernel.cuda().direct(), function, stream);
      if (result != CUresult.CUDA_SUCCESS) {
        throw health.failure(result, launch.text(kernel.name()));
      }
      if (taking != null) {
        taking.add(kernel, moves);
      } else {
        kernel.move(moves);
        launched(kernel.name());
      }
    } finally {
      end();
    }
  }

  /// Notes that a library has launched something. For the lock's holder.
  void called(String name) {
    if (taking == null) {
      launched(name);
    }
  }

  /// Notes what was launched; waits for it where the property says so.
  private void launched(String name) {
    health.launched(name);
    if (waiting) {
      finish();
    }
  }

  /// Waits for all work. For the lock's holder.
  void finish() {
    health.check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    health.ended(health.launches());
  }

  /// Looks at what kernels that have ended had to report. For the lock's holder.
  ///
  /// @throws IndexOutOfBoundsException if one met an index out of bounds
  void lookForFaults() {
    long code = faults.get(ValueLayout.JAVA_LONG, 0);
    if (code != 0) {
      long index = faults.get(ValueLayout.JAVA_LONG, 8);
      long limit = faults.get(ValueLayout.JAVA_LONG, 16);
      faults.fill((byte) 0);
      throw Fault.exception(code, index, limit);
    }
  }

  @Override
  public void synchronize() {
    beginAlone("wait");
    try {
      finish();
      lookForFaults();
    } finally {
      end();
    }
  }

  @Override
  public Event record() {
    return event("record an event", CUevent_flags.CU_EVENT_DISABLE_TIMING);
  }

  @Override
  public Moment moment() {
    return event("take the time", CUevent_flags.CU_EVENT_DEFAULT);
  }

  private CudaEvent event(String what, int flags) {
    CUstream order = beginAlone(what);
    try {
      var event = new CUevent();
      health.check(JCudaDriver.cuEventCreate(event, flags), "cuEventCreate");
      health.check(JCudaDriver.cuEventRecord(event, order), "cuEventRecord");
      return new CudaEvent(this, event, health.launches());
    } finally {
      end();
    }
  }

  @Override
  public void await(Event event) {
    if (event instanceof CudaEvent mark) {
      CUstream order = beginAlone("wait for an event");
      try {
        health.check(JCudaDriver.cuStreamWaitEvent(order, mark.event(), 0), "cuStreamWaitEvent");
      } finally {
        end();
      }
    }
  }

  /// True, unless the property `quintet.cuda.graphs` is false, for comparing.
  @Override
  public boolean captures() {
    return graphs;
  }

  /// Takes down what a body calls as a graph. Memory that the body takes comes from a region of its own, which all
  /// replays share, since they run one after another: so nobody else's blocks lie where a replay writes.
  @Override
  public Replay capture(Runnable body) {
    CUstream order = beginAlone("take down other work");
    try {
      health.check(
          JCudaDriver.cuStreamBeginCapture(
              order, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
          "cuStreamBeginCapture");
      var captured = new Captured(this);
      var graph = new CUgraph();
      taking = captured;
      try {
        body.run();
      } catch (RuntimeException | Error e) {
        if (JCudaDriver.cuStreamEndCapture(order, graph) == CUresult.CUDA_SUCCESS) {
          JCudaDriver.cuGraphDestroy(graph);
        }
        throw e;
      } finally {
        taking = null;
      }
      health.check(JCudaDriver.cuStreamEndCapture(order, graph), "cuStreamEndCapture");
      captured.instantiate(graph);
      replays++;
      return captured;
    } finally {
      end();
    }
  }

  /// Runs work that was taken down.
  void replay(Captured captured) {
    CUstream order = begin();
    try {
      if (taking != null) {
        throw new IllegalStateException("work that was taken down cannot be taken down again");
      }
      health.check(JCudaDriver.cuGraphLaunch(captured.graph(), order), "cuGraphLaunch");
      captured.count();
      launched(captured.name());
    } finally {
      end();
    }
  }

  /// Forgets work that was taken down.
  void forget(Captured captured) {
    lock.lock();
    try {
      replays--;
      begin();
      try {
        health.check(JCudaDriver.cuGraphExecDestroy(captured.graph()), "cuGraphExecDestroy");
      } finally {
        end();
      }
    } finally {
      lock.unlock();
    }
  }
}
