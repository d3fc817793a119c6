package dev.quintet.app.demo;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.loop.RunFolders;
import dev.quintet.trainer.loop.T5Learner;
import dev.quintet.trainer.loop.TrainingLoop;
import dev.quintet.trainer.loop.TrainingPlan;
import dev.quintet.trainer.loop.TrainingResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// One training of a demo.
///
/// @param phase its name in the folder
/// @param title what is shown
/// @param model trained in place; the caller's to close
/// @param pace plans its steps anew, if something does
record DemoTraining(
    String phase,
    String title,
    TextToText model,
    TrainingPlan plan,
    Examples train,
    Examples validate,
    RunFolders folders,
    Path log,
    Path plot,
    Optional<Pace> pace) {

  /// A training without validation whose files are all in one folder.
  static DemoTraining in(
      Path folder,
      String phase,
      String title,
      TextToText model,
      TrainingPlan plan,
      Examples examples) {
    return new DemoTraining(
        phase,
        title,
        model,
        plan,
        examples,
        Examples.of(List.<Example>of()),
        RunFolders.in(folder),
        folder.resolve("log.jsonl"),
        folder.resolve("loss.png"),
        Optional.empty());
  }

  /// Trains as one phase, from its last checkpoint if there is one; false if it was stopped.
  boolean run(DemoRun demo, BooleanSupplier stop) {
    demo.begin(title);
    var listeners = new ArrayList<>(demo.listener().training(title, log, plot));
    listeners.add(new PhaseClock(demo.folder(), phase, demo.clock()));
    pace.ifPresent(listeners::add);
    var loop =
        new TrainingLoop(new T5Learner(model), plan, train, validate, folders, listeners, stop);
    pace.ifPresent(loop::horizon);
    TrainingResult trained = loop.run(true);
    if (trained.stopped()) {
      return false;
    }
    var result = new LinkedHashMap<String, Object>();
    result.put("steps", trained.steps());
    result.put("steps_per_second", trained.stepsPerSecond());
    result.put("tokens_per_second", trained.tokensPerSecond());
    result.put("optimizer_bytes", trained.optimizerBytes());
    pace.flatMap(Pace::cost).ifPresent(cost -> cost.put(result));
    result.put("gradient_bytes", gradientBytes(model.model()));
    if (!trained.validation().isEmpty()) {
      result.put("first_loss", trained.validation().getFirst().loss());
      result.put("last_loss", trained.validation().getLast().loss());
    }
    demo.end(phase, result);
    return true;
  }

  private static long gradientBytes(T5 model) {
    return model.parameters().values().stream()
        .filter(Parameter::trains)
        .mapToLong(parameter -> Float.BYTES * parameter.elements())
        .sum();
  }
}
