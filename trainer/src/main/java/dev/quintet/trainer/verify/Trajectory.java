package dev.quintet.trainer.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.optim.Adafactor;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.OptimizerSettings;
import dev.quintet.trainer.optim.Updates;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A recorded training with AdamW or Adafactor: its settings, and the same steps taken here.
///
/// Step s uses batch s modulo their number; the loss is measured before the update; nothing is dropped.
///
/// @param rate the schedule
/// @param optimizer the optimizer's constants
/// @param decay weight decay
/// @param spared parts of the names of what does not decay
/// @param clip the norm that gradients are clipped to; infinite for none
/// @param trainable patterns of what trains; empty for all
/// @param losses the recorded losses, one a step
/// @param norms the recorded norms of all gradients before clipping, one a step; may be empty
record Trajectory(
    LearningRate rate,
    Optimizer.Options optimizer,
    double decay,
    List<String> spared,
    double clip,
    List<String> trainable,
    List<Double> losses,
    List<Double> norms) {
  private static final Set<String> KEYS =
      Set.of(
          "lr",
          "betas",
          "eps",
          "weight_decay",
          "no_decay",
          "clip_grad_norm",
          "schedule",
          "trainable",
          "losses",
          "grad_norms",
          "scale_parameter",
          "relative_step",
          "warmup_init",
          "clip_threshold",
          "decay_rate",
          "beta1");
  private static final Pattern SCHEDULE =
      Pattern.compile("linear warmup (\\d+) steps then linear decay to 0 at step (\\d+)");

  /// What of a recording's settings cannot be followed here; empty if all can.
  static Optional<String> unsupported(String name, JsonObject json) {
    if (!name.startsWith("adamw") && !name.startsWith("adafactor")) {
      return Optional.of("the optimizer");
    }
    Optional<String> schedule = json.string("schedule");
    if (schedule.isPresent() && !schedule(schedule.get(), json).isPresent()) {
      return Optional.of("the schedule " + schedule.get());
    }
    return json.keys().stream().filter(key -> !KEYS.contains(key)).findFirst();
  }

  private static Optional<Long> schedule(String text, JsonObject json) {
    Matcher matcher = SCHEDULE.matcher(text);
    return matcher.matches() && Integer.parseInt(matcher.group(2)) == numbers(json, "losses").size()
        ? Optional.of(Long.parseLong(matcher.group(1)))
        : Optional.empty();
  }

  /// The settings of a recording that are all supported.
  static Trajectory of(String name, JsonObject json) {
    boolean adam = name.startsWith("adamw");
    Optimizer.Options optimizer =
        adam
            ? OptimizerSettings.adamW(json, AdamW.Options.DEFAULT)
            : OptimizerSettings.adafactor(
                json, Adafactor.Options.transformers(true, !json.has("lr"), false));
    if (json.has("lr") == optimizer.ownRate()) {
      throw json.wrong(
          "lr", "there unless relative_step is true", json.value("lr").orElse("missing"));
    }
    double peak = json.number("lr").orElse(1.0);
    List<Double> losses = numbers(json, "losses");
    List<Double> norms = numbers(json, "grad_norms");
    if (!norms.isEmpty() && norms.size() != losses.size()) {
      throw json.wrong(
          "grad_norms", "none, or one for each of " + losses.size() + " losses", norms.size());
    }
    Optional<Long> warmup = json.string("schedule").flatMap(text -> schedule(text, json));
    return new Trajectory(
        warmup
            .map(steps -> new LearningRate(LearningRate.Shape.LINEAR, peak, steps, 0))
            .orElse(LearningRate.constant(peak)),
        optimizer,
        json.number("weight_decay").orElse(0.0),
        strings(json, "no_decay"),
        json.number("clip_grad_norm").orElse(Double.POSITIVE_INFINITY),
        strings(json, "trainable"),
        losses,
        norms);
  }

  private static List<String> strings(JsonObject json, String key) {
    return json.list(key).orElse(List.of()).stream().<String>map(String::valueOf).toList();
  }

  static List<Double> numbers(JsonObject json, String key) {
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

  /// An adapter's training: AdamW at one rate, without decay and clipping.
  static Trajectory ofAdapter(double rate, List<Double> losses) {
    return new Trajectory(
        LearningRate.constant(rate),
        AdamW.Options.DEFAULT,
        0,
        List.of(),
        Double.POSITIVE_INFINITY,
        List.of(),
        losses,
        List.of());
  }

  /// Takes all steps.
  Course run(T5 model, SafetensorsFile file, Device device) {
    return run(model, file, device, Optional::empty, Watch.NONE);
  }

  /// Who is there before and after each forward and backward.
  interface Watch {
    /// Nobody.
    Watch NONE = (_, _) -> {};

    /// A step, from 0.
    ///
    /// @param done whether it has been computed
    void at(int step, boolean done);
  }

  /// Takes all steps.
  ///
  /// @param penalty what is added to each loss, in the scope of its step
  Course run(
      T5 model,
      SafetensorsFile file,
      Device device,
      Supplier<Optional<Tensor>> penalty,
      Watch watch) {
    int batches = batches(file);
    int steps = losses.size();
    var course = new Course(new double[steps], new double[steps]);
    try (var state = optimizer.create();
        var updates = updates(model, state)) {
      for (int step = 0; step < steps; step++) {
        watch.at(step, false);
        course.losses[step] = backward(model, file, "batch." + step % batches, device, penalty);
        watch.at(step, true);
        course.norms[step] = updates.apply(rate.at(step, steps)).outcome().norm();
        model.zeroGradients();
      }
    }
    return course;
  }

  /// How many batches were recorded.
  static int batches(SafetensorsFile file) {
    int batches = 0;
    while (file.contains("batch." + batches + ".input_ids")) {
      batches++;
    }
    if (batches == 0) {
      throw new IllegalArgumentException(
          file.path() + " has no batches to train on: it lacks batch.0.input_ids");
    }
    return batches;
  }

  /// Of all parameters, by the settings.
  Updates updates(T5 model, Optimizer state) {
    return new Updates(
        model.parameters(),
        state,
        name -> spared.stream().anyMatch(name::contains) ? 0 : decay,
        name -> 1,
        clip);
  }

  private static double backward(
      T5 model,
      SafetensorsFile file,
      String batch,
      Device device,
      Supplier<Optional<Tensor>> penalty) {
    try (var _ = Scope.open(device)) {
      Tensor fit =
          model
              .loss(
                  ints(file, batch + ".input_ids"),
                  ints(file, batch + ".attention_mask"),
                  ints(file, batch + ".labels"),
                  Pass.inference(),
                  CrossEntropyOptions.MEAN)
              .loss();
      Tensor loss = penalty.get().map(fit::add).orElse(fit);
      loss.backward();
      return loss.item();
    }
  }

  private static Tensor ints(SafetensorsFile file, String name) {
    return Tensor.ofInts(file.entry(name).shape(), file.ints(name));
  }
}
