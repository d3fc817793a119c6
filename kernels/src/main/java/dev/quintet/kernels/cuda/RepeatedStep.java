package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.TokenRule.Chooser;
import dev.quintet.kernels.driver.CudaQueue;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A step's launches, called one by one at first, and as a graph once they repeat, where the device has room for one.
final class RepeatedStep implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final System.Logger LOG = System.getLogger(RepeatedStep.class.getName());

  /// Whether it was said that there is no room.
  private static final AtomicBoolean SAID = new AtomicBoolean();

  /// Steps that are called one by one: a graph costs as much as some of them.
  private static final int APART = 2;

  private final CudaQueue queue;
  private Optional<Cleaner.Cleanable> taken = Optional.empty();
  private Queue.Replay replay = () -> {};
  private Chooser last = Chooser.LIKELIEST;
  private int steps;
  private boolean crowded; // no room for a graph

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
    } else if (steps++ < APART || crowded || !queue.captures()) {
      launches.run();
    } else {
      try {
        take(queue.capture(launches));
        replay.run();
      } catch (OutOfDeviceMemoryException e) {
        crowded = true;
        if (SAID.compareAndSet(false, true)) {
          LOG.log(Level.WARNING, "{0}; tokens are called kernel by kernel", e.getMessage());
        }
        launches.run();
      }
    }
  }

  private void take(Queue.Replay graph) {
    replay = graph;
    taken = Optional.of(CLEANER.register(this, graph::close));
  }

  /// Forgets the graph.
  @Override
  public void close() {
    taken.ifPresent(Cleaner.Cleanable::clean);
    taken = Optional.empty();
    steps = 0;
  }
}
