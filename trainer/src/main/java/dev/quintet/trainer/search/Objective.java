package dev.quintet.trainer.search;

import java.util.Optional;

/// What a search is about: trains with a trial's settings, or whatever else has a value.
@FunctionalInterface
public interface Objective {

  /// Runs a trial, or goes on with it where it stopped. With several workers it is called by several threads.
  ///
  /// @return what it has come to; nothing where it stopped since [Trial#report] or [Trial#stopping] said so
  /// @throws TrialFailedException if these settings do not work; the search goes on
  Optional<Outcome> run(Trial trial);
}
