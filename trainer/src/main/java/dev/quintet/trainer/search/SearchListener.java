package dev.quintet.trainer.search;

/// Watches a search. Called by one thread at a time.
public interface SearchListener {

  /// A trial begins, or goes on.
  ///
  /// @param trial what is known of it
  default void begun(TrialResult trial) {}

  /// A trial has come to an end, or to that of a rung.
  ///
  /// @param trial what is known of it
  default void ended(TrialResult trial) {}
}
