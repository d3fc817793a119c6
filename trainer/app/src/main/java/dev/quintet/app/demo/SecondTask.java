package dev.quintet.app.demo;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.schedule.Freezing;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Freezing at work: the trained model learns tags, the words of a method's package, once with everything frozen but
/// its last decoder block and once with nothing frozen; beside them a model that begins with random weights. All for the
/// same number of steps: as many as the time that is left allows.
final class SecondTask {
  private static final int SCORED = 2_000;
  private static final String PLAN = "tags-plan.json";

  /// The two ways, as they are called in results; the first is also a name of phases and folders.
  enum Way {
    LAST_BLOCK("last-block", "last decoder block"),
    EVERYTHING("everything", "everything"),
    SCRATCH("scratch", "everything, from scratch");

    private final String folder;
    private final String trained;

    Way(String folder, String trained) {
      this.folder = folder;
      this.trained = trained;
    }

    String trainPhase() {
      return "tags-" + folder;
    }

    String scorePhase() {
      return "tags-" + folder + "-score";
    }

    String trained() {
      return trained;
    }
  }

  private final DemoRun run;
  private final MethodSplit methods;
  private final Tokenizer tokenizer;
  private final PlanRecord record;

  SecondTask(DemoRun run, MethodSplit methods, Tokenizer tokenizer, PlanRecord record) {
    this.run = run;
    this.methods = methods;
    this.tokenizer = tokenizer;
    this.record = record;
  }

  /// Does what is not done yet; false if it was stopped.
  boolean run() {
    TagTask task;
    try {
      task = TagTask.of(methods);
    } catch (TooFewMethodsException e) {
      run.listener().note("Freezing at work is left out: " + e.getMessage());
      return true;
    }
    Optional<Examples> examples = Optional.empty();
    for (Way way : Way.values()) {
      if (run.result(way.scorePhase()).isPresent()) {
        run.listener().skipped("Learning tags, training " + way.trained());
        continue;
      }
      if (examples.isEmpty()) {
        examples = Optional.of(run.encodePairs(task.train(), tokenizer));
      }
      if (!learn(way, examples.get())) {
        return false;
      }
      score(way, task);
    }
    return true;
  }

  private boolean learn(Way way, Examples examples) {
    if (run.result(way.trainPhase()).isPresent()) {
      return true;
    }
    try (TextToText model = start(way)) {
      int last = model.model().config().decoderLayers() - 1;
      Freezing freezing =
          way == Way.LAST_BLOCK ? Freezing.allBut("decoder.block." + last + ".*") : Freezing.NONE;
      return run.training(
          DemoTraining.in(
              folder(way),
              way.trainPhase(),
              "Learning tags, training " + way.trained(),
              model,
              run.plan(model.model(), steps(model, examples), freezing),
              examples));
    }
  }

  private TextToText start(Way way) {
    return way == Way.SCRATCH
        ? run.create(record.width(), tokenizer)
        : TextToText.load(run.folder().path("model"), run.device());
  }

  /// The same for all ways; written down before the first.
  private long steps(TextToText model, Examples examples) {
    Optional<JsonObject> written = run.folder().json(PLAN);
    if (written.isPresent()) {
      return written.get().required("steps", JsonObject::whole);
    }
    PlanRecord.Plan naming = record.last().orElseThrow();
    long steps = Math.max(1, naming.steps() / 10);
    if (run.arguments().steps().isEmpty()) {
      StepCost cost =
          run.result("train")
              .filter(json -> json.has("seconds_per_step"))
              .map(StepCost::of)
              .orElse(naming.cost());
      double step = seconds(model, examples, cost);
      steps = run.shares(methods).tags(run.clock().used(), step, naming.steps());
      run.listener()
          .note(String.format(Locale.ROOT, "%,d steps fit into the time that is left", steps));
    }
    run.folder().write(PLAN, Map.of("steps", steps));
    return steps;
  }

  private double seconds(TextToText model, Examples examples, StepCost cost) {
    var batches = DemoRun.batches(run.plan(model.model(), 1, Freezing.NONE), examples);
    int few = (int) Math.min(200, batches.stepsPerEpoch());
    double work = 0;
    for (int step = 0; step < few; step++) {
      work += StepCost.work(model.model().config(), batches.size(step));
    }
    return cost.seconds(work / few);
  }

  private void score(Way way, TagTask task) {
    List<TextPair> test = DemoRun.sample(task.test(), SCORED, run.arguments().seed());
    run.score(way.scorePhase(), "Scoring tags, trained " + way.trained(), folder(way), test);
  }

  private Path folder(Way way) {
    return run.folder().path("second-task").resolve(way.folder);
  }
}
