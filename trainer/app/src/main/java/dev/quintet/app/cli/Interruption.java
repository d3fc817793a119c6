package dev.quintet.app.cli;

import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/// Lets a training that is interrupted (Ctrl-C, SIGTERM) end its step and write a checkpoint.
///
/// Java answers such a signal with its shutdown hooks while all other threads run on. The hook raises a flag, which the
/// training loop reads after each step, and waits for the loop; Java then exits with 130 (143 for
/// SIGTERM). Outside of training there is nothing to wait for.
final class Interruption implements TrainingListener, BooleanSupplier, AutoCloseable {
  static final int EXIT_CODE = 130;

  private final Thread hook = new Thread(this::interrupted, "interruption");
  private volatile CountDownLatch training = new CountDownLatch(0);
  private volatile boolean requested;

  /// Watches for signals until it is closed.
  Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Whether to stop.
  @Override
  public boolean getAsBoolean() {
    return requested;
  }

  /// From now on a signal waits for [#leave].
  void enter() {
    training = new CountDownLatch(1);
  }

  /// From now on a signal ends the program at once.
  void leave() {
    training.countDown();
  }

  @Override
  public void started(TrainingStart start) {
    enter();
  }

  @Override
  public void finished(TrainingResult result) {
    leave();
  }

  private void interrupted() {
    requested = true;
    if (training.getCount() > 0) {
      System.err.println(
          "\ninterrupted: the step is finished and a checkpoint written, then it ends");
      try {
        training.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    leave();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already, by this hook.
    }
  }
}
