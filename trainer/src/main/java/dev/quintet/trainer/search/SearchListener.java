package dev.quintet.trainer.search;

import java.util.List;

/// Watches a search. Called by one thread at a time.
public interface SearchListener {

  /// The search begins, or goes on.
  ///
  /// @param trials what has become of trials before
  default void started(List<TrialResult> trials) {}

  /// A trial begins, or goes on.
  ///
  /// @param trial what is known of it
  default void begun(TrialResult trial) {}

  /// A trial has come to an end, or to that of a rung.
  ///
  /// @param trial what is known of it
  default void ended(TrialResult trial) {}
}
