package dev.quintet.trainer.search;

/// What a plan sees of the trials so far.
public interface Board {

  /// How many trials have been proposed.
  int trials();

  /// Whether a trial has come to a result at a rung.
  boolean done(int trial, int rung);

  /// A trial's result at a rung, where less is better.
  double result(int trial, int rung);

  /// Whether a trial is at work now.
  boolean busy(int trial);

  /// Whether a trial will not go on, since it failed or was stopped.
  boolean ended(int trial);

  /// Whether there is nothing left to propose.
  boolean exhausted();
}
