package dev.quintet.core.testing;

import dev.quintet.core.backend.Queue;
import dev.quintet.core.shape.Device;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// A device that does nothing until somebody waits: then all that was called runs in its order. Blocks hold NaN when they
/// are handed out, and again once they were released, in that order too.
public final class Deferred extends Glass {
  private final ArrayDeque<Runnable> commands = new ArrayDeque<>();

  private final Queue queue =
      new Queue() {
        @Override
        public Event record() {
          boolean[] done = new boolean[1];
          call(() -> done[0] = true);
          return new Event() {
            @Override
            public boolean done() {
              return done[0];
            }
          };
        }

        @Override
        public void synchronize() {
          finish();
        }
      };

  Deferred(Device device) {
    super(device);
  }

  /// Opens a device of its own.
  public static Deferred open() {
    var deferred = new Deferred(unused());
    deferred.register();
    return deferred;
  }

  /// The number of commands that have not run.
  public synchronized int waiting() {
    return commands.size();
  }

  @Override
  protected Queue queue() {
    return queue;
  }

  @Override
  synchronized void call(Runnable command) {
    commands.add(command);
  }

  @Override
  synchronized void finish() {
    for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
      command.run();
    }
  }

  @Override
  void spoil(MemorySegment block) {
    call(() -> block.fill((byte) -1));
  }
}
