package dev.quintet.trainer.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Recomputes `training.json`: short trainings whose losses and final parameters were recorded.
public final class TrainingCheck implements Check {
  static final String SETTINGS = "training.json";
  static final String TENSORS = "training.safetensors";
  // Independent computations agree to 1.1e-6 in losses, and to about 1e-3 in parameters, as Adam
  // divides by small numbers.
  static final double LOSSES = 1e-5;
  private static final double NORMS = 1e-4;
  private static final double PARAMETERS = 1e-2;

  /// A check without state.
  public TrainingCheck() {}

  @Override
  public Set<String> files() {
    return Set.of(SETTINGS, TENSORS);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    JsonObject all = JsonObject.read(golden.file(SETTINGS));
    var rows = new ArrayList<Comparison>();
    try (var tensors = SafetensorsFile.open(golden.file(TENSORS))) {
      for (String name : all.keys()) {
        JsonObject settings = all.object(name).orElseThrow();
        Optional<String> lacking = Trajectory.unsupported(name, settings);
        if (lacking.isPresent()) {
          rows.add(Comparison.unsupported("training " + name + ": " + lacking.get()));
        } else if (Trajectory.of(name, settings).losses().isEmpty()) {
          rows.add(Comparison.notRecorded("training " + name + ": losses"));
        } else {
          rows.addAll(compare(name, Trajectory.of(name, settings), tensors, golden));
        }
      }
      if (rows.isEmpty()) {
        rows.add(Comparison.notRecorded(SETTINGS + ": trainings"));
      }
    }
    return rows;
  }

  private static List<Comparison> compare(
      String name, Trajectory trajectory, SafetensorsFile tensors, Golden golden) {
    try (T5 model = golden.model()) {
      Map<String, float[]> start = values(model);
      Set<String> trained = trajectory.freeze(model);
      Trajectory.Course course = trajectory.run(model, tensors, golden.device());
      Map<String, float[]> end = values(model);
      var rows = new ArrayList<Comparison>();
      rows.add(
          each("training " + name + ": %d losses", trajectory.losses(), course.losses(), LOSSES));
      if (!trajectory.norms().isEmpty()) {
        rows.add(
            each(
                "training " + name + ": %d gradient norms",
                trajectory.norms(),
                course.norms(),
                NORMS));
      }
      rows.addAll(parameters(name, tensors, end));
      if (trained.size() < end.size()) {
        boolean same =
            end.keySet().stream()
                .filter(parameter -> !trained.contains(parameter))
                .allMatch(frozen -> Arrays.equals(start.get(frozen), end.get(frozen)));
        int count = end.size() - trained.size();
        rows.add(Comparison.exact("training " + name + ": " + count + " frozen, unchanged", same));
      }
      return rows;
    }
  }

  private static Map<String, float[]> values(T5 model) {
    var values = new TreeMap<String, float[]>();
    model.parameters().forEach((name, parameter) -> values.put(name, parameter.toFloats()));
    return values;
  }

  /// Each number against its own magnitude.
  static Comparison each(
      String quantity, List<Double> recorded, double[] computed, double tolerance) {
    double absolute = 0;
    double relative = 0;
    for (int i = 0; i < computed.length; i++) {
      double difference = Math.abs(recorded.get(i) - computed[i]);
      absolute = Math.max(absolute, difference);
      relative = Math.max(relative, difference / Math.abs(recorded.get(i)));
    }
    return new Comparison(
        quantity.formatted(computed.length),
        absolute,
        relative,
        tolerance,
        relative <= tolerance ? Outcome.PASS : Outcome.FAIL); // NaN fails
  }

  private static List<Comparison> parameters(
      String trajectory, SafetensorsFile tensors, Map<String, float[]> end) {
    String prefix = trajectory + ".";
    var all = new ArrayList<Comparison>();
    for (String tensor : tensors.names()) {
      if (tensor.startsWith(prefix)) {
        String name = tensor.substring(prefix.length());
        float[] computed = end.get(name);
        all.add(
            computed == null
                ? Comparison.exact(name + ": the model has no such parameter", false)
                : Comparison.of(name, tensors.floats(tensor), computed, PARAMETERS));
      }
    }
    if (all.isEmpty()) {
      return List.of(
          Comparison.notRecorded(
              "training %s: %d final parameters".formatted(trajectory, end.size())));
    }
    var rows = new ArrayList<Comparison>();
    List<String> lost =
        end.keySet().stream().filter(name -> !tensors.contains(prefix + name)).toList();
    if (!lost.isEmpty()) {
      rows.add(
          Comparison.exact(
              "training %s: %d of %d final parameters are not in %s, the first: %s"
                  .formatted(trajectory, lost.size(), end.size(), TENSORS, lost.getFirst()),
              false));
    }
    Comparison worst =
        all.stream().max(Comparator.comparingDouble(Comparison::relative)).orElseThrow();
    rows.add(
        worst.named(
            "training %s: %d final parameters; worst: %s"
                .formatted(trajectory, all.size(), worst.quantity())));
    return rows;
  }
}
