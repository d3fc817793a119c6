package dev.quintet.core.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// The test mode that finds memory nobody freed, and shows where it was made.
///
/// Off unless the system property `quintet.leaks` is `true`: each allocation then costs a stack trace.
public final class LeakCheck {
  private static final boolean ON = Boolean.getBoolean("quintet.leaks");
  private static final Set<Storage> LIVE =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private LeakCheck() {}

  /// Whether allocations are being watched.
  public static boolean on() {
    return ON;
  }

  /// The blocks held now.
  public static List<Storage> live() {
    synchronized (LIVE) {
      // what a thread that has ended left behind is freed past its storage
      return LIVE.stream().filter(Storage::alive).toList();
    }
  }

  /// Fails if a block is held now that was not in `before`.
  ///
  /// @throws IllegalStateException that carries, as suppressed exceptions, where each was made
  public static void check(List<Storage> before) {
    var leaked = new ArrayList<>(live());
    leaked.removeAll(before);
    if (leaked.isEmpty()) {
      return;
    }
    var failure =
        new IllegalStateException(
            leaked.size() + " blocks of memory were not freed; see where they were made");
    for (Storage storage : leaked) {
      Throwable origin = storage.origin();
      if (origin != null) {
        failure.addSuppressed(origin);
      }
    }
    throw failure;
  }

  static @Nullable Throwable origin() {
    return ON ? new Throwable("made here, in thread " + Thread.currentThread().getName()) : null;
  }

  static void made(Storage storage) {
    if (ON) {
      LIVE.add(storage);
    }
  }

  static void freed(Storage storage) {
    if (ON) {
      LIVE.remove(storage);
    }
  }
}
