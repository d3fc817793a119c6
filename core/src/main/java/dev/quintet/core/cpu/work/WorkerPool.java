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

  private static final PartBody NOTHING = _ -> {};

  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile Worker[] workers = {};
  private volatile int spins;

  // The call of run that is under way. These are written anew for each call, so that a call makes
  // no
  // object: whoever has taken a part from `left` holds the call open until it has counted it in
  // `finished`, and may read the others.
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger finished = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private int parts;
  private PartBody body = NOTHING;
  private volatile @Nullable Thread waiting;
  private volatile @Nullable Throwable failure;

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
    Throwable thrown;
    try {
      this.parts = parts;
      this.body = body;
      waiting = null;
      failure = null;
      finished.set(0);
      left.set(parts);
      calls.incrementAndGet();
      Worker[] all = workers;
      for (int i = 0, n = Math.min(all.length, parts - 1); i < n; i++) {
        if (all[i].parked) {
          LockSupport.unpark(all[i]);
        }
      }
      work();
      await(parts);
      thrown = failure;
      this.body = NOTHING;
    } finally {
      busy.set(false);
    }
    rethrow(thrown);
  }

  /// Does parts as long as there are any. A worker that comes late finds none left and touches nothing.
  private void work() {
    int done = 0;
    int all = 0;
    for (int part = take(); part >= 0; part = take()) {
      all = parts;
      if (failure == null) {
        try {
          body.run(all - 1 - part);
        } catch (Throwable e) {
          failure = e;
        }
      }
      done++;
    }
    if (done > 0 && finished.addAndGet(done) == all) {
      Thread caller = waiting;
      if (caller != null) {
        LockSupport.unpark(caller);
      }
    }
  }

  /// How many parts are left behind the one that is taken, or -1 where there is none.
  private int take() {
    while (true) {
      int now = left.get();
      if (now == 0) {
        return -1;
      }
      if (left.compareAndSet(now, now - 1)) {
        return now - 1;
      }
    }
  }

  private void await(int parts) {
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

  private static void rethrow(@Nullable Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
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

  private final class Worker extends Thread {
    volatile boolean parked;
    volatile boolean retired;

    Worker(String name) {
      super(null, null, name, 0, false);
      setDaemon(true);
    }

    @Override
    public void run() {
      int seen = calls.get();
      while (await(seen)) {
        seen = calls.get();
        work();
      }
    }

    /// Waits for a call that has not been seen; false when this worker has retired.
    private boolean await(int seen) {
      int spun = 0;
      while (!retired) {
        if (calls.get() != seen) {
          return true;
        }
        if (spun < spins) {
          spun++;
          Thread.onSpinWait();
        } else {
          parked = true;
          if (calls.get() == seen && !retired) {
            LockSupport.park(WorkerPool.this);
          }
          parked = false;
        }
      }
      return false;
    }
  }
}
