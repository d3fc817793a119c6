package dev.quintet.app.demo;

import java.util.OptionalDouble;

/// How a demo's time is shared between its phases.
///
/// What cannot be measured beforehand is counted in steps of the naming task, as it was found on the JDK's sources: so
/// it grows with the machine's load as they do.
///
/// @param seconds for all of it
/// @param scored methods that are scored
/// @param compare whether two more trainings of the same length follow
record Shares(double seconds, int scored, boolean compare) {
  /// Of the time after the plan, what learning tags gets at least: three trainings. It also gets what the naming task
  /// leaves over, some 5 to 8 %, since its steps become quicker after they were timed.
  private static final double TAGS = 0.05;

  private static final int NAMING_STEPS_PER_1000 = 110;
  private static final int TAG_STEPS = 240;

  /// What the three trainings on tags cost together, in trainings of the whole model: with one block it is cheaper.
  private static final double TAG_TRAININGS = 2.6;

  /// Seconds for the rest of the naming task.
  ///
  /// @param used seconds used so far
  /// @param step mean seconds of a step
  double naming(double used, double step) {
    double score = step * (scored / 1000.0) * NAMING_STEPS_PER_1000;
    double left = seconds - used - score - step * TAG_STEPS - (compare ? 2 * score : 0);
    return Math.max(0, left * (1 - TAGS) / (compare ? 3 : 1));
  }

  /// Steps of each training on tags, which take what is left.
  ///
  /// @param used seconds used so far
  /// @param step mean seconds of a step on tags
  /// @param naming steps of the naming task
  long tags(double used, double step, long naming) {
    double later = compare ? 2.1 * naming * step : 0;
    double left = seconds - used - step * TAG_STEPS - later;
    return (long) Math.clamp(left / (step * TAG_TRAININGS), DemoRecipe.FEWEST_TAG_STEPS, naming);
  }

  static OptionalDouble seconds(DemoArguments arguments) {
    return arguments.steps().isPresent()
        ? OptionalDouble.empty()
        : OptionalDouble.of(60 * arguments.minutes());
  }
}
