package dev.quintet.core.tensor;

import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one thread's scopes have taken and not given back, and whose memory the thread is reading.
///
/// It knows memory alone and none of the tensors over it: when the thread has ended with a scope open and
/// nobody can reach one of its tensors any more, the garbage collector says so, and the memory goes back from here.
final class Ledger implements Runnable {
  private static final System.Logger LOG = System.getLogger(Scope.class.getName());

  private final String thread = Thread.currentThread().getName();
  private final long threadId = Thread.currentThread().threadId();
  private final Map<Block, Boolean> borrowed = new IdentityHashMap<>();
  private @Nullable Block first;

  /// Whether another thread asks than the one whose ledger this is.
  boolean foreign() {
    return Thread.currentThread().threadId() != threadId;
  }

  /// Lists a block. For the ledger's own thread.
  void add(Block block) {
    block.listed = true;
    block.next = first;
    if (first != null) {
      first.previous = block;
    }
    first = block;
  }

  /// Strikes out a block that is gone, or leaves it to [#sweep] where another thread has let go of it last.
  void remove(Block block) {
    if (block.listed && !foreign()) {
      unlink(block);
    }
  }

  /// Strikes out what other threads let go of last. For the ledger's own thread.
  void sweep() {
    for (Block block = first; block != null; ) {
      Block following = block.next;
      if (block.gone()) {
        unlink(block);
      }
      block = following;
    }
  }

  private void unlink(Block block) {
    block.listed = false;
    Block before = block.previous;
    Block after = block.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    }
    block.next = null;
    block.previous = null;
  }

  /// Keeps the memory of another's block until [#returnAll]. For the ledger's own thread.
  void borrow(Block block) {
    if (!borrowed.containsKey(block) && block.lend(this)) {
      borrowed.put(block, true);
    }
  }

  /// Returns what was borrowed. For the ledger's own thread.
  void returnAll() {
    if (!borrowed.isEmpty()) {
      borrowed.keySet().forEach(block -> block.returned(this));
      borrowed.clear();
    }
  }

  /// Gives everything back: the thread has ended and its tensors cannot be reached.
  @Override
  public void run() {
    returnAll();
    long blocks = 0;
    long bytes = 0;
    sweep();
    for (Block block = first; block != null; block = first) {
      blocks++;
      bytes += block.bytes;
      unlink(block);
      block.abandon();
    }
    if (blocks > 0) {
      LOG.log(
          Level.WARNING,
          "the thread \"{0}\" ended with a scope open: {1} blocks of {2} bytes in all are freed only now."
              + " Open scopes with try (var scope = Scope.open(...)) '{' ... '}'",
          thread,
          blocks,
          bytes);
    }
  }
}
