package dev.quintet.trainer.search;

import java.util.SequencedMap;

/// A trial at work.
public interface Trial {

  /// Its number, from 0.
  int number();

  /// Its settings.
  SequencedMap<String, Object> values();

  /// The seed to train with.
  long seed();

  /// How much of its full length it is to have got when it returns, above 0 and at most 1.
  double share();

  /// Tells what it has come to on the way. What was told before the search was interrupted may be told again.
  ///
  /// @param step steps done
  /// @param value at this step
  /// @return whether to stop, since the trial is worse than others were
  boolean report(long step, double value);

  /// Whether to stop because the search does.
  boolean stopping();
}
