package dev.quintet.core.tensor;

/// A thread as the owner of what its scopes hold. Its scopes and their tensors refer to it, the thread to its
/// scopes: when none of them can be reached any more, what the [Ledger] still lists goes back.
final class Owner {
  private final Ledger ledger = new Ledger();

  Owner() {
    Collected.watch(this, ledger);
  }

  Ledger ledger() {
    return ledger;
  }

  /// Whether another thread asks.
  boolean foreign() {
    return ledger.foreign();
  }
}
