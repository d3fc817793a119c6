package dev.quintet.trainer.demo;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How much is trained: fixed once, before the first step, and written down.
///
/// @param width D of the model
/// @param steps of the naming task
/// @param secondSteps of the second task, once with everything frozen but a block and once with nothing frozen
record Budget(int width, long steps, long secondSteps) {
  private static final int LARGER = 96;
  private static final int SMALLER = 64;

  /// Validating, scoring names and tags, writing and loading, in seconds.
  private static final double FIXED_SECONDS = 22;

  /// What a step of training costs in all, the second task's two runs of a tenth included.
  private static final double SHARE_PER_STEP = 1.18;

  static Budget ofSteps(long steps) {
    return new Budget(LARGER, steps, Math.max(1, steps / 10));
  }

  /// The model for a budget: under two minutes the smaller one sees enough examples to be the better one.
  static int width(double minutes) {
    return minutes < 2 ? SMALLER : LARGER;
  }

  /// As many steps as fit.
  ///
  /// @param width D of the model
  /// @param minutes for all of it
  /// @param usedSeconds what has been used
  /// @param secondsPerStep measured
  /// @param compare whether two more trainings of the same length follow
  static Budget ofMinutes(
      int width, double minutes, double usedSeconds, double secondsPerStep, boolean compare) {
    double left = 60 * minutes - usedSeconds - FIXED_SECONDS - (compare ? FIXED_SECONDS / 2 : 0);
    double perStep = secondsPerStep * (SHARE_PER_STEP + (compare ? 2 : 0));
    long steps = Math.max(50, (long) (left / perStep));
    return new Budget(width, steps, Math.max(1, steps / 10));
  }

  static Budget of(JsonNode json) {
    return new Budget(
        json.required("width").intValue(),
        json.required("steps").longValue(),
        json.required("second_task_steps").longValue());
  }

  ObjectNode json() {
    return DemoFolder.object()
        .put("width", width)
        .put("steps", steps)
        .put("second_task_steps", secondSteps);
  }
}
