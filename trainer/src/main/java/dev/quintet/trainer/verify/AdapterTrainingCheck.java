package dev.quintet.trainer.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.verify.AdapterRecording;
import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Recomputes the short training of an adapter that `adapter_training.json` tells of: its losses and the parameters at its
/// end, and that the base stays as it is.
///
/// The batches are those of `training.safetensors` in the adapter's folder or the base's.
public final class AdapterTrainingCheck implements Check {
  private static final Set<String> KEYS =
      Set.of(
          "trainable",
          "count",
          "regularized_loss",
          "greedy_ids",
          "steps",
          "learning_rate",
          "losses");
  private static final String FINAL = "final.";
  private static final double PARAMETERS = 1e-2;

  /// A check without state.
  public AdapterTrainingCheck() {}

  @Override
  public Set<String> files() {
    return Set.of(
        AdapterRecording.CONFIG,
        AdapterRecording.WEIGHTS,
        AdapterRecording.SETTINGS,
        AdapterRecording.TENSORS);
  }

  @Override
  public Set<String> signs() {
    return Set.of(AdapterRecording.SETTINGS, AdapterRecording.TENSORS);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    JsonObject settings = JsonObject.read(golden.file(AdapterRecording.SETTINGS));
    var rows = new ArrayList<Comparison>();
    settings.keys().stream()
        .filter(key -> !KEYS.contains(key))
        .forEach(key -> rows.add(Comparison.unsupported(AdapterRecording.SETTINGS + ": " + key)));
    List<Double> losses = Trajectory.numbers(settings, "losses");
    if (losses.isEmpty()) {
      rows.add(Comparison.notRecorded("training: losses"));
      return rows;
    }
    long steps = settings.whole("steps").orElse((long) losses.size());
    if (steps != losses.size()) {
      rows.add(
          Comparison.exact(
              "training: " + steps + " steps, of which " + losses.size() + " losses are recorded",
              false));
    }
    List<String> names =
        settings.object("trainable").map(all -> List.copyOf(all.keys())).orElse(List.of());
    Optional<String> missing = AdapterRecording.missing(names);
    Optional<Path> batches =
        Stream.of(golden.folder(), golden.base())
            .map(folder -> folder.resolve(TrainingCheck.TENSORS))
            .filter(Files::isRegularFile)
            .findFirst();
    if (missing.isPresent()) {
      rows.add(Comparison.unsupported("training: " + missing.get()));
    } else if (batches.isEmpty()) {
      rows.add(
          Comparison.unsupported(
              "training: its batches, " + TrainingCheck.TENSORS + " in the base's folder"));
    } else {
      double rate =
          settings
              .number("learning_rate")
              .orElseThrow(() ->
                  settings.wrong("learning_rate", "the rate of the recorded losses", "nothing"));
      rows.addAll(compare(Trajectory.ofAdapter(rate, losses), batches.get(), golden));
    }
    return rows;
  }

  private static List<Comparison> compare(Trajectory trajectory, Path batches, Golden golden) {
    var walk = new AdapterWalk(trajectory, batches, golden);
    AdapterWalk.Walked walked = walk.nearest();
    var rows = new ArrayList<Comparison>();
    rows.add(
        TrainingCheck.each(
            "training: %d losses" + walked.sides(),
            trajectory.losses(),
            walked.losses(),
            TrainingCheck.LOSSES));
    try (var tensors = SafetensorsFile.open(golden.file(AdapterRecording.TENSORS))) {
      rows.addAll(parameters(walked, tensors));
    }
    rows.add(
        Comparison.exact(
            "training: " + walked.base() + " parameters of the base, unchanged",
            walked.unchanged()));
    return rows;
  }

  private static List<Comparison> parameters(AdapterWalk.Walked walked, SafetensorsFile tensors) {
    var all = new ArrayList<Comparison>();
    for (String tensor : tensors.names()) {
      if (tensor.startsWith(FINAL)) {
        String name = tensor.substring(FINAL.length());
        Optional<float[]> own = walked.end(name);
        all.add(
            own.map(values -> Comparison.of(name, tensors.floats(tensor), values, PARAMETERS))
                .orElseGet(
                    () -> Comparison.exact(name + ": the adapter has no such parameter", false)));
      }
    }
    if (all.isEmpty()) {
      return List.of(Comparison.notRecorded("training: final parameters"));
    }
    var rows = new ArrayList<Comparison>();
    Comparison worst =
        all.stream().max(Comparator.comparingDouble(Comparison::relative)).orElseThrow();
    rows.add(
        worst.named(
            "training: %d final parameters; worst: %s".formatted(all.size(), worst.quantity())));
    if (all.size() != walked.parameters().size()) {
      rows.add(
          Comparison.exact(
              "training: %d of %d final parameters are in %s"
                  .formatted(all.size(), walked.parameters().size(), AdapterRecording.TENSORS),
              false));
    }
    return rows;
  }
}
