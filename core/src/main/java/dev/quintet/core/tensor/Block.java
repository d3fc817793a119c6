package dev.quintet.core.tensor;

import dev.quintet.core.backend.Backend;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Device memory with a count of its holders and the threads that read it for a while.
///
/// It is given back when the last holder has let go **and** no other thread may still be reading: one that took
/// the address in a scope keeps the memory until its outermost scope ends. What is in the count alone is refused to
/// newcomers. Thread-safe.
final class Block {
  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(Block.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final long address;
  final long bytes;
  private final Backend backend;
  private final @Nullable Runnable release;
  private final @Nullable Ledger ledger;

  /// Neighbours in the ledger, which guards them.
  @Nullable Block next;

  @Nullable Block previous;
  boolean listed;

  private volatile int holders = 1;
  private @Nullable List<Ledger> readers;
  private boolean gone;

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
    return holders;
  }

  /// Adds a holder; false if there is none left and the block is going.
  boolean retain() {
    int now = holders;
    while (now > 0) {
      if (HOLDERS.compareAndSet(this, now, now + 1)) {
        return true;
      }
      now = holders;
    }
    return false;
  }

  /// Takes a holder away; true if it was the last. The calling thread itself reads no more.
  boolean release() {
    int before = (int) HOLDERS.getAndAdd(this, -1);
    if (before <= 0) {
      HOLDERS.getAndAdd(this, 1);
      throw new IllegalStateException("released more often than held");
    }
    if (before > 1) {
      return false;
    }
    boolean unread;
    synchronized (this) {
      if (readers != null) {
        Ledger own = Scope.ledgerOfThisThread();
        readers.removeIf(reader -> reader == own);
      }
      unread = unread();
    }
    if (unread) {
      giveBack();
    }
    return true;
  }

  /// Notes that a thread may read from now on; does nothing where the block is going.
  synchronized void lend(Ledger reader) {
    if (holders > 0) {
      if (readers == null) {
        readers = new ArrayList<>();
      }
      readers.add(reader);
    }
  }

  /// Notes that a thread reads no more.
  void returned(Ledger reader) {
    boolean last;
    synchronized (this) {
      if (readers != null) {
        readers.remove(reader);
      }
      last = holders == 0 && unread();
    }
    if (last) {
      giveBack();
    }
  }

  /// Gives the memory back though holders are left: nobody can reach them any more.
  void abandon() {
    boolean unread;
    synchronized (this) {
      holders = 0;
      unread = unread();
    }
    if (unread) {
      giveBack();
    }
  }

  /// Whether the memory is to be given back now; true once. The caller holds the lock.
  private boolean unread() {
    boolean now = !gone && (readers == null || readers.isEmpty());
    gone |= now;
    return now;
  }

  private void giveBack() {
    if (ledger != null) {
      ledger.remove(this);
    }
    if (release == null) {
      backend.memory().release(address, bytes);
    } else {
      release.run();
    }
  }
}
