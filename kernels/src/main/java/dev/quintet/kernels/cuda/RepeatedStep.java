package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.TokenRule.Chooser;
import dev.quintet.kernels.driver.CudaQueue;
import java.lang.ref.Cleaner;
import java.util.Optional;

/// A step's launches, called one by one at first, and as a graph once they repeat.
final class RepeatedStep implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  /// Steps that are called one by one: a graph costs as much as some of them.
  private static final int APART = 2;

  private final CudaQueue queue;
  private Optional<Cleaner.Cleanable> taken = Optional.empty();
  private Queue.Replay replay = () -> {};
  private Chooser last = Chooser.LIKELIEST;
  private int steps;

  RepeatedStep(CudaQueue queue) {
    this.queue = queue;
  }

  /// Runs a step's launches, which are the same for the same chooser.
  void run(Chooser chooser, Runnable launches) {
    if (chooser != last) {
      close();
      last = chooser;
    }
    if (taken.isPresent()) {
      replay.run();
    } else if (steps++ < APART || !queue.captures()) {
      launches.run();
    } else {
      Queue.Replay graph = queue.capture(launches);
      replay = graph;
      taken = Optional.of(CLEANER.register(this, graph::close));
      graph.run();
    }
  }

  /// Forgets the graph.
  @Override
  public void close() {
    taken.ifPresent(Cleaner.Cleanable::clean);
    taken = Optional.empty();
    steps = 0;
  }
}
