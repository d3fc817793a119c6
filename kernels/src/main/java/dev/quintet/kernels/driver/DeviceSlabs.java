package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Slabs;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Device memory in large pieces. None is given back to the driver before all work called so far has ended, nor while work
/// is taken down, when nobody may wait.
abstract sealed class DeviceSlabs implements Slabs permits AllocatedSlabs, MappedSlabs {
  private record Piece(long address, long bytes) {}

  private final CudaQueue queue;
  private final @Nullable Watcher watcher;
  private final ArrayDeque<Piece> goingBack = new ArrayDeque<>();

  DeviceSlabs(CudaQueue queue, @Nullable Watcher watcher) {
    this.queue = queue;
    this.watcher = watcher;
  }

  /// Gets memory from the driver, or 0. Under the queue's lock.
  abstract long take(long bytes);

  /// Gives memory back to the driver. Under the queue's lock.
  abstract void giveBack(long address, long bytes);

  Health health() {
    return queue.health();
  }

  @Override
  public final long reserve(long bytes) {
    queue.begin();
    try {
      giveAllBack();
      long address = take(bytes);
      if (address != 0 && watcher != null) {
        watcher.slab(address, bytes);
      }
      return address;
    } finally {
      queue.end();
    }
  }

  @Override
  public final void free(long address, long bytes) {
    queue.begin();
    try {
      goingBack.add(new Piece(address, bytes));
      giveAllBack();
    } finally {
      queue.end();
    }
  }

  private void giveAllBack() {
    if (goingBack.isEmpty() || queue.taking()) {
      return;
    }
    queue.finish();
    for (Piece piece = goingBack.poll(); piece != null; piece = goingBack.poll()) {
      giveBack(piece.address, piece.bytes);
    }
  }
}
