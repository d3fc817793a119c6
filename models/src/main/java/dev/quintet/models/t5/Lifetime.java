package dev.quintet.models.t5;

import java.util.ArrayList;

/// Counts the calls that use a model, so that it is freed when none does: [T5#use].
public final class Lifetime {
  private final Runnable free;
  private final ArrayList<Thread> users = new ArrayList<>();
  private boolean closed;
  private boolean freed;

  Lifetime(Runnable free) {
    this.free = free;
  }

  /// A call, until it is closed.
  ///
  /// @throws IllegalStateException if the model is closed
  synchronized Use begin() {
    if (closed) {
      throw new IllegalStateException("this model is closed: load it again");
    }
    users.add(Thread.currentThread());
    return new Use(Thread.currentThread());
  }

  /// A call that runs, until it is closed in its thread.
  public final class Use implements AutoCloseable {
    private final Thread user;

    private Use(Thread user) {
      this.user = user;
    }

    /// Ends the call.
    @Override
    public void close() {
      end(user);
    }
  }

  private synchronized void end(Thread user) {
    users.remove(user);
    notifyAll();
  }

  /// Refuses new calls, waits for those that run, and frees the model.
  ///
  /// @throws IllegalStateException if a call of this very thread runs
  synchronized void close() {
    if (users.contains(Thread.currentThread())) {
      throw new IllegalStateException(
          "this model generates in this thread: close it when the call has returned");
    }
    closed = true;
    boolean interrupted = false;
    while (!users.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (!freed) {
      freed = true;
      free.run();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
