package dev.quintet.trainer.verify;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.GradientClip;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A recorded training with AdamW: its settings, and the same steps taken here.
///
/// Step s uses batch s modulo their number; the loss is measured before the update; nothing is dropped.
///
/// @param rate the schedule
/// @param adam Adam's constants
/// @param update weight decay
/// @param clip the norm that gradients are clipped to; infinite for none
/// @param trainable patterns of what trains; empty for all
/// @param losses the recorded losses, one a step
/// @param norms the recorded norms of all gradients before clipping, one a step; may be empty
record Trajectory(
    LearningRate rate,
    AdamW.Options adam,
    UpdateRule update,
    double clip,
    List<String> trainable,
    List<Double> losses,
    List<Double> norms) {
  private static final Pattern SCHEDULE =
      Pattern.compile("linear warmup (\\d+) steps then linear decay to 0 at step (\\d+)");

  /// The settings of a recording; empty if another optimizer or schedule made it.
  static Optional<Trajectory> of(String name, JsonObject json) {
    Optional<String> schedule = json.string("schedule");
    Matcher matcher = SCHEDULE.matcher(schedule.orElse(""));
    List<Double> losses = numbers(json, "losses");
    boolean linear = matcher.matches() && Integer.parseInt(matcher.group(2)) == losses.size();
    if (!name.startsWith("adamw") || schedule.isPresent() && !linear) {
      return Optional.empty();
    }
    double peak = json.number("lr").orElseThrow();
    List<Double> betas = numbers(json, "betas");
    var patterns = new ArrayList<String>();
    json.list("trainable")
        .ifPresent(list -> list.forEach(item -> patterns.add(String.valueOf(item))));
    return Optional.of(
        new Trajectory(
            linear
                ? new LearningRate(
                    LearningRate.Shape.LINEAR, peak, Long.parseLong(matcher.group(1)), 0)
                : LearningRate.constant(peak),
            new AdamW.Options(betas.get(0), betas.get(1), json.number("eps").orElseThrow()),
            UpdateRule.decay(json.number("weight_decay").orElse(0.0)),
            json.number("clip_grad_norm").orElse(Double.POSITIVE_INFINITY),
            patterns,
            losses,
            numbers(json, "grad_norms")));
  }

  private static List<Double> numbers(JsonObject json, String key) {
    var numbers = new ArrayList<Double>();
    for (Object item : json.list(key).orElse(List.of())) {
      if (!(item instanceof Number number)) {
        throw json.wrong(key, "a list of numbers", item);
      }
      numbers.add(number.doubleValue());
    }
    return numbers;
  }

  /// Freezes what does not train; the names of what does.
  Set<String> freeze(T5 model) {
    if (!trainable.isEmpty()) {
      Freezing.allBut(trainable.toArray(String[]::new)).apply(model, 0);
    }
    var trained = new TreeSet<String>();
    model
        .parameters()
        .forEach((name, parameter) -> {
          if (parameter.trains()) {
            trained.add(name);
          }
        });
    return trained;
  }

  /// What was computed.
  ///
  /// @param losses one a step
  /// @param norms one a step
  record Course(double[] losses, double[] norms) {}

  /// Takes all steps.
  Course run(T5 model, SafetensorsFile file, Device device) {
    Map<String, Parameter> parameters = model.parameters();
    int batches = 0;
    while (file.contains("batch." + batches + ".input_ids")) {
      batches++;
    }
    int steps = losses.size();
    var course = new Course(new double[steps], new double[steps]);
    try (var optimizer = new AdamW(adam);
        var clipping = new GradientClip(Backends.of(device))) {
      for (int step = 0; step < steps; step++) {
        course.losses[step] = backward(model, file, "batch." + step % batches, device);
        clipping.measure(parameters.values(), clip);
        course.norms[step] = clipping.norm();
        double now = rate.at(step, steps);
        parameters.forEach((name, parameter) -> {
          if (parameter.trains() && parameter.hasGradient()) {
            optimizer.update(name, parameter, now, update.decay(name), clipping.scale());
          }
        });
        model.zeroGradients();
      }
    }
    return course;
  }

  private static double backward(T5 model, SafetensorsFile file, String batch, Device device) {
    try (var _ = Scope.open(device)) {
      Tensor loss =
          model
              .loss(
                  ints(file, batch + ".input_ids"),
                  ints(file, batch + ".attention_mask"),
                  ints(file, batch + ".labels"),
                  Pass.inference(),
                  CrossEntropyOptions.MEAN)
              .loss();
      loss.backward();
      return loss.item();
    }
  }

  private static Tensor ints(SafetensorsFile file, String name) {
    return Tensor.ofInts(file.entry(name).shape(), file.ints(name));
  }
}
