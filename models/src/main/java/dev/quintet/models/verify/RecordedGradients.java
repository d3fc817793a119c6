package dev.quintet.models.verify;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5Family;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Recorded gradients beside those of a backward here.
///
/// @param model the model, whose gradients are cleared before each backward
/// @param recorded what was recorded, by name
/// @param parameter the model's parameter of a recorded name
/// @param backward computes the gradients anew
record RecordedGradients(
    T5Family model,
    Map<String, float[]> recorded,
    Function<String, Optional<Parameter>> parameter,
    Runnable backward) {
  // Two independent float32 computations differ by 6.6e-6.
  private static final double GRADIENTS = 1e-4;
  private static final double ROUNDING = 3e-6;

  /// Compares all: one line for the worst, and one for each that fails.
  ///
  /// @param title of that line
  /// @param shown how it calls a recorded name
  List<Comparison> compare(String title, UnaryOperator<String> shown) {
    List<Comparison> compared = computed();
    var flipped = new HashSet<ReluKinks.Kink>();
    if (failures(compared) > 0) {
      try (var kinks = new ReluKinks(model)) {
        compared = otherSides(kinks, flipped);
      }
    }
    Comparison worst =
        compared.stream().max(Comparator.comparingDouble(Comparison::relative)).orElseThrow();
    String sides =
        flipped.isEmpty()
            ? ""
            : "; ReLU inputs within rounding of 0, other side: " + flipped.size();
    var rows = new ArrayList<Comparison>();
    rows.add(
        new Comparison(
            title + "; worst: " + shown.apply(worst.quantity()) + sides,
            worst.absolute(),
            worst.relative(),
            GRADIENTS,
            failures(compared) == 0 ? Outcome.PASS : Outcome.FAIL));
    compared.stream().filter(row -> row.outcome() == Outcome.FAIL).forEach(rows::add);
    return rows;
  }

  /// Where the input of a ReLU is nearer 0 than rounding reaches, either side's gradient is right: looks for the sides
  /// that the recording was on, nearest first, and keeps what makes all gradients agree; else nothing.
  private List<Comparison> otherSides(ReluKinks kinks, Set<ReluKinks.Kink> flipped) {
    List<Comparison> original = computed();
    List<ReluKinks.Kink> found = List.copyOf(kinks.found());
    double best = distance(original);
    var chosen = new HashSet<ReluKinks.Kink>();
    for (ReluKinks.Kink kink : found) {
      var attempt = new HashSet<>(chosen);
      attempt.add(kink);
      kinks.flip(attempt);
      List<Comparison> compared = computed();
      if (failures(compared) == 0) {
        flipped.addAll(attempt);
        return compared;
      }
      if (distance(compared) < best) {
        best = distance(compared);
        chosen.add(kink);
      }
    }
    return original;
  }

  private static long failures(List<Comparison> rows) {
    return rows.stream().filter(row -> row.outcome() == Outcome.FAIL).count();
  }

  private static double distance(List<Comparison> rows) {
    return rows.stream().mapToDouble(Comparison::relative).sum();
  }

  private List<Comparison> computed() {
    recorded.keySet().forEach(name -> parameter.apply(name).ifPresent(Parameter::zeroGradient));
    backward.run();
    double largest =
        recorded.values().stream().mapToDouble(RecordedGradients::magnitude).max().orElse(0);
    var all = new ArrayList<Comparison>();
    recorded.forEach((name, values) ->
        all.add(
            parameter
                .apply(name)
                .map(one -> gradient(name, values, one, largest))
                .orElseGet(
                    () -> Comparison.exact(name + ": the model has no such parameter", false))));
    return all;
  }

  private static double magnitude(float[] values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return most;
  }

  /// Compares with the tensor's own largest magnitude, except that a gradient that is zero but for rounding, such as
  /// that of a bias under a softmax, is compared with the largest of all.
  private static Comparison gradient(
      String name, float[] recorded, Parameter parameter, double largest) {
    float[] computed =
        parameter.hasGradient()
            ? parameter.gradient().toFloats()
            : new float[(int) parameter.elements()];
    Comparison own = Comparison.of(name, recorded, computed, GRADIENTS);
    return magnitude(recorded) > ROUNDING * largest
        ? own
        : Comparison.of(name, own.absolute(), ROUNDING / GRADIENTS * largest, GRADIENTS);
  }
}
