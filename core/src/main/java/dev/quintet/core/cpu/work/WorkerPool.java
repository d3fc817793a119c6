package dev.quintet.core.cpu.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads of the CPU backend: persistent daemons that hand out the parts of one kernel at a time.
///
/// The caller cuts its work into parts by shape and works too; the pool decides only who does a
/// part, so results do not depend on the number of threads. A call that finds the pool busy, from inside a part
/// or from another thread, does its parts itself. Waiting is by spinning for some microseconds (a fork and join cost
/// less than one) and then parking; with more threads than cores there is no spinning.
public final class WorkerPool {
  /// About twenty microseconds: the time between two kernels of a training step.
  private static final int SPINS = 600;

  /// More threads than any machine has processors; each has a stack.
  static final int MOST = 1024;

  private static final WorkerPool SHARED = new WorkerPool(initial());

  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile Worker[] workers = {};
  private volatile @Nullable Job current;
  private volatile int spins;

  /// A pool of `threads` threads, the caller among them.
  WorkerPool(int threads) {
    resize(threads);
  }

  /// The pool that all kernels share.
  public static WorkerPool shared() {
    return SHARED;
  }

  /// Runs parts 0 to parts - 1 and returns when all are done.
  ///
  /// The first exception of a part is thrown here; parts not begun by then are left out.
  public void run(int parts, PartBody body) {
    if (parts <= 1 || workers.length == 0 || !busy.compareAndSet(false, true)) {
      for (int part = 0; part < parts; part++) {
        body.run(part);
      }
      return;
    }
    Job job = new Job(parts, body);
    try {
      Worker[] all = workers;
      current = job;
      for (int i = 0, n = Math.min(all.length, parts - 1); i < n; i++) {
        if (all[i].parked) {
          LockSupport.unpark(all[i]);
        }
      }
      job.work();
      job.await(spins);
    } finally {
      busy.set(false);
    }
    job.rethrow();
  }

  /// The number of threads that compute, the caller among them.
  public int threads() {
    return workers.length + 1;
  }

  /// Changes the number of threads, the caller among them; kernels that run now finish undisturbed.
  ///
  /// @throws IllegalArgumentException if it is not from 1 to [#MOST]
  public synchronized void resize(int threads) {
    if (threads < 1 || threads > MOST) {
      throw new IllegalArgumentException(
          "the number of threads is from 1 to " + MOST + ", not " + threads);
    }
    spins = threads <= Runtime.getRuntime().availableProcessors() ? SPINS : 0;
    List<Worker> kept = new ArrayList<>(List.of(workers));
    List<Worker> retired = new ArrayList<>();
    while (kept.size() > threads - 1) {
      retired.add(kept.removeLast());
    }
    while (kept.size() < threads - 1) {
      Worker worker = new Worker("quintet-" + (kept.size() + 1));
      kept.add(worker);
      worker.start();
    }
    workers = kept.toArray(Worker[]::new);
    for (Worker worker : retired) {
      worker.retired = true;
      LockSupport.unpark(worker);
    }
  }

  private static int initial() {
    try {
      return configured();
    } catch (IllegalArgumentException e) {
      return Math.min(
          MOST,
          Runtime.getRuntime().availableProcessors()); // the backend says so when it is opened
    }
  }

  /// The number of threads that the property `quintet.threads` asks for, or else one for each processor.
  ///
  /// @throws IllegalArgumentException if it is not from 1 to [#MOST]
  public static int configured() {
    String value = System.getProperty("quintet.threads", "").trim();
    if (value.isEmpty()) {
      return Math.min(MOST, Runtime.getRuntime().availableProcessors());
    }
    try {
      int threads = Integer.parseInt(value);
      if (threads >= 1 && threads <= MOST) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // reported below, as any other bad value
    }
    throw new IllegalArgumentException(
        "property quintet.threads is a number of threads from 1 to "
            + MOST
            + ", not \""
            + value
            + "\"");
  }

  /// One call of [#run]. A worker that comes late finds no parts left and touches nothing.
  private static final class Job {
    private final int parts;
    private final PartBody body;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;

    Job(int parts, PartBody body) {
      this.parts = parts;
      this.body = body;
    }

    void work() {
      int done = 0;
      for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
        if (failure == null) {
          try {
            body.run(part);
          } catch (Throwable e) {
            failure = e;
          }
        }
        done++;
      }
      if (done > 0 && finished.addAndGet(done) == parts) {
        Thread caller = waiting;
        if (caller != null) {
          LockSupport.unpark(caller);
        }
      }
    }

    void await(int spins) {
      for (int i = 0; i < 8 * spins; i++) {
        if (finished.get() == parts) {
          return;
        }
        Thread.onSpinWait();
      }
      waiting = Thread.currentThread();
      while (finished.get() != parts) {
        LockSupport.park(this);
      }
    }

    void rethrow() {
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }

  private final class Worker extends Thread {
    volatile boolean parked;
    volatile boolean retired;

    Worker(String name) {
      super(null, null, name, 0, false);
      setDaemon(true);
    }

    @Override
    public void run() {
      Job seen = null;
      while (true) {
        Job job = await(seen);
        if (job == null) {
          return;
        }
        job.work();
        seen = job;
      }
    }

    /// The next job, or null when this worker has retired.
    private @Nullable Job await(@Nullable Job seen) {
      int spun = 0;
      while (!retired) {
        Job job = current;
        if (job != seen && job != null) {
          return job;
        }
        if (spun < spins) {
          spun++;
          Thread.onSpinWait();
        } else {
          parked = true;
          if (current == seen && !retired) {
            LockSupport.park(WorkerPool.this);
          }
          parked = false;
        }
      }
      return null;
    }
  }
}
