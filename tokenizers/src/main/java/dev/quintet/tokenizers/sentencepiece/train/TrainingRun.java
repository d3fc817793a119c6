package dev.quintet.tokenizers.sentencepiece.train;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// How a training goes about its work: how many threads, and who is told how far it is. Neither
/// changes the result.
///
/// @param threads how many threads work at once
/// @param progress is told what is being done
public record TrainingRun(int threads, Consumer<String> progress) {

  /// One thread, and no reports.
  public static final TrainingRun QUIET = new TrainingRun(1, _ -> {});

  /// Checks the number of threads.
  ///
  /// @throws IllegalArgumentException when it is less than 1
  public TrainingRun {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "training: expected threads to be 1 or more, got " + threads);
    }
  }

  /// Says what is being done now.
  ///
  /// @param what in a few words
  public void stage(String what) {
    progress.accept(what);
  }

  /// Does tasks that do not depend on one another, at most [#threads] of them at once.
  ///
  /// @param tasks how many
  /// @param task does the task of a number
  public void parallel(int tasks, IntConsumer task) {
    int workers = Math.min(threads, tasks);
    if (workers <= 1) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    Queue<RuntimeException> failed = new ConcurrentLinkedQueue<>();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
            try {
              task.accept(i);
            } catch (RuntimeException e) {
              failed.add(e);
              next.set(tasks);
            }
          }
        };
    Thread[] others = new Thread[workers - 1];
    for (int i = 0; i < others.length; i++) {
      others[i] = new Thread(work, "tokenizer-training-" + i);
      others[i].setDaemon(true);
      others[i].start();
    }
    work.run();
    try {
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("training: interrupted", e);
    }
    if (!failed.isEmpty()) {
      throw failed.remove();
    }
  }
}
