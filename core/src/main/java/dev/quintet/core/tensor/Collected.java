package dev.quintet.core.tensor;

import dev.quintet.core.backend.Backend;
import java.lang.ref.Cleaner;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Memory that nobody freed and the garbage collector found.
///
/// The collector's thread stands in no order of work, and comes when it likes: what it finds waits here until a thread
/// that does gives it back, before anything else, such as when it opens its outermost scope.
final class Collected {
  private static final Cleaner CLEANER = Cleaner.create(Finder::new);
  private static final Map<Backend, Queue<Block>> FOUND = new ConcurrentHashMap<>();

  private Collected() {}

  /// Runs an action when an object is found, if that has not been asked for before.
  static Cleaner.Cleanable watch(Object object, Runnable action) {
    return CLEANER.register(object, action);
  }

  /// Whether it is the collector that lets go of something.
  static boolean finding() {
    return Thread.currentThread() instanceof Finder;
  }

  static void add(Block block) {
    FOUND.computeIfAbsent(block.backend(), _ -> new ConcurrentLinkedQueue<>()).add(block);
  }

  /// Gives back what was found on a device, in the order of the calling thread's work; whether there was anything.
  static boolean giveBack(Backend backend) {
    Queue<Block> found = FOUND.get(backend);
    boolean any = false;
    if (found != null) {
      for (Block block = found.poll(); block != null; block = found.poll()) {
        block.free();
        any = true;
      }
    }
    return any;
  }

  private static final class Finder extends Thread {
    Finder(Runnable work) {
      super(work, "quintet-collected");
    }
  }
}
