package dev.quintet.core.tensor;

import dev.quintet.core.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Device memory with a count of its holders and the threads that read it for a while.
///
/// It is given back when the last holder has let go **and** no other thread may still be reading: one that took
/// the address in a scope keeps the memory until its outermost scope ends. What is in the count alone is refused to
/// newcomers. Thread-safe.
final class Block {
  final long address;
  final long bytes;
  private final Backend backend;
  private final @Nullable Runnable release;
  private final @Nullable Ledger ledger;

  /// Neighbours in the ledger, whose thread alone touches them.
  @Nullable Block next;

  @Nullable Block previous;
  boolean listed;

  private final AtomicInteger holders = new AtomicInteger(1);
  private volatile @Nullable List<Ledger> readers;
  private volatile boolean gone;

  /// @param release what gives the memory back; the backend's memory if there is nothing
  /// @param ledger where the memory stands until it is given back, if its thread keeps one
  Block(
      Backend backend,
      long address,
      long bytes,
      @Nullable Runnable release,
      @Nullable Ledger ledger) {
    this.backend = backend;
    this.address = address;
    this.bytes = bytes;
    this.release = release;
    this.ledger = ledger;
    if (ledger != null) {
      ledger.add(this);
    }
  }

  Backend backend() {
    return backend;
  }

  int holders() {
    return holders.get();
  }

  /// Adds a holder; false if there is none left and the block is going.
  boolean retain() {
    int now = holders.get();
    while (now > 0) {
      if (holders.compareAndSet(now, now + 1)) {
        return true;
      }
      now = holders.get();
    }
    return false;
  }

  /// Takes a holder away; true if it was the last. The calling thread itself reads no more.
  boolean release() {
    int left = holders.decrementAndGet();
    if (left < 0) {
      holders.incrementAndGet();
      throw new IllegalStateException("released more often than held");
    }
    if (left > 0) {
      return false;
    }
    // Whoever lends looks at the holders after it has made the list: it saw none left, or is seen
    // here.
    if (readers == null) {
      gone = true;
      giveBack();
    } else {
      giveBackUnlessRead(Scope.ledgerOfThisThread());
    }
    return true;
  }

  /// Notes that a thread may read from now on; false where the block is going.
  synchronized boolean lend(Ledger reader) {
    List<Ledger> all = readers;
    if (all == null) {
      all = new ArrayList<>();
      readers = all;
    }
    if (holders.get() <= 0) {
      return false;
    }
    all.add(reader);
    return true;
  }

  /// Notes that a thread reads no more.
  void returned(Ledger reader) {
    giveBackUnlessRead(reader);
  }

  /// Gives the memory back though holders are left: nobody can reach them any more.
  void abandon() {
    holders.set(0);
    giveBackUnlessRead(null);
  }

  private void giveBackUnlessRead(@Nullable Ledger noMore) {
    synchronized (this) {
      List<Ledger> all = readers;
      if (all != null && noMore != null) {
        all.remove(noMore);
      }
      if (gone || holders.get() > 0 || all != null && !all.isEmpty()) {
        return;
      }
      gone = true;
    }
    giveBack();
  }

  boolean gone() {
    return gone;
  }

  private void giveBack() {
    if (ledger != null) {
      ledger.remove(this);
    }
    if (Collected.finding()) {
      Collected.add(this);
    } else {
      free();
    }
  }

  /// Gives the memory back, in the order of the calling thread's work.
  void free() {
    if (release == null) {
      backend.memory().release(address, bytes);
    } else {
      release.run();
    }
  }
}
