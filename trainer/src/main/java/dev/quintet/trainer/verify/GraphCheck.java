package dev.quintet.trainer.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.shape.DType;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Comparison;
import dev.quintet.models.verify.Golden;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Recomputes `training.json` with each step taken down as a graph and repeated: the losses, in float32 or bfloat16.
///
/// @param type of the model's parameters
/// @param trainings the most of them that are recomputed
/// @param steps the most steps that are taken of each
public record GraphCheck(DType type, int trainings, int steps) implements Check {
  private static final double NARROW = 1e-2;

  @Override
  public Set<String> files() {
    return Set.of(TrainingCheck.SETTINGS, TrainingCheck.TENSORS);
  }

  @Override
  public List<Comparison> run(Golden golden) {
    JsonObject all = JsonObject.read(golden.file(TrainingCheck.SETTINGS));
    var rows = new ArrayList<Comparison>();
    try (var tensors = SafetensorsFile.open(golden.file(TrainingCheck.TENSORS))) {
      for (String name : all.keys().stream().limit(trainings).toList()) {
        JsonObject settings = all.object(name).orElseThrow();
        String quantity =
            "training " + name + " as a graph, " + type.name().toLowerCase(Locale.ROOT);
        Optional<String> lacking = Trajectory.unsupported(name, settings);
        rows.add(
            lacking.isPresent()
                ? Comparison.unsupported(quantity + ": " + lacking.get())
                : compare(quantity, Trajectory.of(name, settings), tensors, golden));
      }
    }
    return rows;
  }

  private Comparison compare(
      String quantity, Trajectory trajectory, SafetensorsFile tensors, Golden golden) {
    if (trajectory.losses().isEmpty()) {
      return Comparison.notRecorded(quantity + ": losses");
    }
    try (T5 model = golden.model()) {
      model.to(type);
      var _ = trajectory.freeze(model);
      return Replayed.of(trajectory, model, tensors, golden.device(), steps)
          .map(course ->
              TrainingCheck.each(
                  quantity + ": %d losses",
                  trajectory.losses(),
                  course.losses(),
                  type == DType.F32 ? TrainingCheck.LOSSES : NARROW))
          .orElseGet(() -> Comparison.unsupported(quantity + ": this device takes no step down"));
    }
  }
}
