package dev.quintet.benchmarks.run;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Has a run that is interrupted (Ctrl-C, SIGTERM) end with what it has, and say so.
///
/// Java answers such a signal with its shutdown hooks, then ends with 130 (143 for SIGTERM), while all other threads run on; the
/// process that is being measured got the same signal. So what comes after the signal counts for nothing: whoever wants to keep it
/// waits here for the end.
final class Interruption implements AutoCloseable {
  private final Thread hook = new Thread(this::interrupted, "interruption");
  private final Supplier<String> words;
  private final Consumer<String> say;
  private boolean came;

  /// Watches for signals until it is closed.
  ///
  /// @param words what there is to say when one comes
  /// @param say takes it
  Interruption(Supplier<String> words, Consumer<String> say) {
    this.words = words;
    this.say = say;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// What a signal starts, on a thread of its own.
  synchronized void interrupted() {
    came = true;
    say.accept(words.get());
  }

  synchronized boolean came() {
    return came;
  }

  /// Does what a signal must not cut in two. After a signal it does nothing and never comes back: the process is ending.
  void whole(Runnable work) {
    synchronized (this) {
      if (!came) {
        work.run();
        return;
      }
    }
    waitForTheEnd();
  }

  private static void waitForTheEnd() {
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        // nobody is there to be told
      }
    }
  }

  /// No longer watches; after a signal it never comes back.
  @Override
  public void close() {
    if (came()) {
      waitForTheEnd();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      waitForTheEnd(); // the signal came just now
    }
  }
}
