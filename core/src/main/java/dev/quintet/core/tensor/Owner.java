package dev.quintet.core.tensor;

import java.lang.ref.Cleaner;

/// A thread as the owner of what its scopes hold. Its scopes and their tensors refer to it, the thread to its
/// scopes: when none of them can be reached any more, what the [Ledger] still lists goes back.
final class Owner {
  static final Cleaner CLEANER = Cleaner.create();

  private final Ledger ledger = new Ledger();

  Owner() {
    CLEANER.register(this, ledger);
  }

  Ledger ledger() {
    return ledger;
  }

  /// Whether another thread asks.
  boolean foreign() {
    return ledger.foreign();
  }
}
