package dev.quintet.trainer.loop;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.FileExamples;
import dev.quintet.trainer.schedule.Freezing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One run of a [Trainer], put together from its settings.
final class Run {
  private final Trainer asked;
  private final Trainee trainee;

  Run(Trainer asked) {
    this.asked = asked;
    this.trainee = asked.trainee;
  }

  /// Trains into a folder.
  TrainingResult into(Path out) {
    Device device = trainee.model().parameters().values().iterator().next().device();
    var log = new JsonLog(out.resolve("log.jsonl"), Backends.of(device).memory()::peakBytes);
    var watching = new ArrayList<TrainingListener>(List.of(log));
    watching.addAll(asked.listeners);
    var planning = new Planning(asked);
    Choice choice = planning.choice();
    RunRecord record = record(out, watching);
    record.check(asked.resume);
    asked.dropout.ifPresent(trainee::dropout);
    requireRowsToPack();
    PreparedPart learning = asked.train.get();
    PreparedPart validating = asked.validation.get();
    Examples learn = learning.examples();
    Examples validate = validating.examples();
    requireScores(choice, validate);
    trainee.begin(planning.steps(learn.size()));
    TrainingPlan plan =
        planning.plan(
            learn.size(), choice, asked.resume ? record.evaluateEvery() : Optional.empty());
    plan.freezing().check(trainee.model(), plan.steps());
    RunFolders folders = RunFolders.in(out);
    record.requireSteps(plan.steps(), CheckpointStore.newestStep(folders.checkpoints()));
    Learner learner =
        trainee.learner(
            asked.pairs ? Optional.of(asked.maxTarget) : Optional.empty(), asked.losses);
    Optional<Path> other = asked.warmStart.map(run -> WarmStart.into(learner, run, asked.moments));
    var loop = new TrainingLoop(learner, plan, learn, validate, folders, watching, asked.stop);
    loop.callbacks(asked.callbacks);
    loop.check();
    Optional<Exam> exam =
        asked.metrics.isEmpty() || validate.size() == 0
            ? Optional.empty()
            : Optional.of(asked.exam(asked.validated, validating, asked.examples, out));
    exam.ifPresent(loop::answering);
    if (asked.moments) {
      other.ifPresent(loop::momentsOf);
    }
    Map<String, String> settings =
        RunRecord.settings(plan, learn, validate, learner, more(exam, other));
    test(plan, out, settings).ifPresent(loop::testing);
    try (var _ = new Closing(learn);
        var _ = new Closing(validate);
        var _ = record.lock();
        log) {
      record.begin(
          settings,
          asked.resume,
          begun -> isAsLeft(begun, settings.getOrDefault(RunRecord.MODEL, ""), plan, folders));
      trainee.keep(out);
      var data = new TrainingData(learning.part(), validating.part(), learning.tasks());
      log.prepared(data);
      announce(data);
      TrainingResult result = loop.run(asked.resume);
      AtomicDirectory.write(record.last(), learner::save);
      if (validate.size() == 0 && !result.stopped()) {
        AtomicDirectory.write(folders.best(), learner::save);
      }
      return result;
    }
  }

  /// What the run writes, by all who write.
  private RunRecord record(Path out, List<TrainingListener> watching) {
    var written = new ArrayList<Path>();
    watching.forEach(listener -> written.addAll(listener.writes()));
    if (asked.tested.size() > 0 || asked.testLater) {
      written.add(TestPart.file(out));
    }
    var made = new ArrayList<Path>();
    watching.forEach(listener -> made.addAll(listener.folders()));
    made.addAll(trainee.folders(out));
    return new RunRecord(out, written, made, !asked.metrics.isEmpty(), asked.average.isPresent());
  }

  private void requireRowsToPack() {
    if (asked.packing && !(asked.pairs && trainee.packs())) {
      throw new IllegalArgumentException(
          "packing is for pairs whose targets are written: neither for heads nor for running text, whose pieces are as long as a row already");
    }
  }

  /// Refuses to choose and to measure where there is nothing to measure on.
  private void requireScores(Choice choice, Examples validate) {
    if (validate.size() == 0
        && (choice.patience().isPresent() || !choice.select().equals(Choice.OF_LOSS))) {
      throw new IllegalArgumentException(
          "a run without validation data has no scores to end by or to choose by: give it some, or leave out patience and select");
    }
    if (!asked.pairs && !asked.metrics.isEmpty()) {
      throw new IllegalArgumentException(
          "metrics are put to answers, and span corruption asks no questions: leave them out");
    }
    if (!asked.metrics.isEmpty() && asked.validated.size() != validate.size()) {
      throw new IllegalArgumentException(
          "answers are scored for pairs in memory, and the validation examples are read from a file: leave out the metrics, or"
              + " the streaming (\"stream\")");
    }
  }

  private Optional<TestPart> test(TrainingPlan plan, Path out, Map<String, String> settings) {
    if (asked.tested.size() == 0) {
      settings.put("test", "none");
      return Optional.empty();
    }
    PreparedPart prepared = new PartEncoder(asked).answerable(asked.tested);
    settings.put("test", Fingerprint.of(prepared.examples()));
    return Optional.of(
        new TestPart(
            prepared.examples(),
            new Evaluation(prepared.examples(), plan.batchSize(), plan.pad()),
            asked.metrics.isEmpty()
                ? Optional.empty()
                : Optional.of(asked.exam(asked.tested, prepared, Integer.MAX_VALUE, out)),
            out));
  }

  /// What decides a run beside its numbers, data and model.
  private Map<String, String> more(Optional<Exam> exam, Optional<Path> other) {
    var more = new LinkedHashMap<String, String>();
    more.put("evaluate", exam.map(Exam::settings).orElse("the loss"));
    more.put(
        "callbacks",
        asked.callbacks.isEmpty() ? "none" : new Events(asked.callbacks, List.of()).settings());
    more.put("moments", asked.moments ? other.map(WarmStart::fingerprint).orElse("none") : "none");
    return more;
  }

  /// Whether the model, which is not what the run began with, is what it wrote last: trained in place, and not let go since.
  private boolean isAsLeft(String begun, String now, TrainingPlan plan, RunFolders folders) {
    boolean frozenByPlan = !plan.freezing().equals(Freezing.NONE);
    return (frozenByPlan || Fingerprint.sameParameters(begun, now))
        && CheckpointStore.newestHolds(folders.checkpoints(), trainee.parameters());
  }

  /// Tells whoever watches, or else the log.
  private void announce(TrainingData data) {
    if (asked.listeners.isEmpty()) {
      System.Logger log = System.getLogger("dev.quintet.trainer.loop");
      data.remarks().forEach(remark -> log.log(System.Logger.Level.WARNING, remark));
    }
    asked.listeners.forEach(listener -> listener.prepared(data));
  }

  /// Closes examples that read a file.
  private record Closing(Examples examples) implements AutoCloseable {

    @Override
    public void close() {
      if (examples instanceof FileExamples file) {
        file.close();
      }
    }
  }
}
