package dev.quintet.trainer.loop;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.Updates;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Trains a [Learner] by a [TrainingPlan], with checkpoints from which it continues bit for bit.
///
/// A step: its rows are taken and cut; each part's loss, over the labels of the whole step, is carried
/// back; gradients are clipped by their global norm; the optimizer updates what trains. A device is asked for no answer
/// meanwhile: what came of a step may be told with the next. All of it is a function of the
/// plan and the step, so that a run killed at any moment and resumed equals one left alone.
///
/// It writes the last two checkpoints and the model with the lowest validation loss, see [RunFolders]. Who wants
/// more, such as a log, listens.
public final class TrainingLoop {
  private static final System.Logger LOG = System.getLogger(TrainingLoop.class.getName());
  private static final int MOST_SKIPPED = 10;

  private final Learner learner;
  private final TrainingPlan plan;
  private final BatchPlan data;
  private final Optional<Evaluation> evaluation;
  private final RunFolders folders;
  private final CheckpointStore store;
  private final List<TrainingListener> listeners;
  private final BooleanSupplier stop;
  private final Map<String, Parameter> parameters;
  private final Device device;
  private final Backend backend;
  private final String fingerprint;

  private Horizon horizon = (done, planned) -> planned;
  private long step;
  private long steps;
  private int skipped;
  private long bestStep = -1;
  private long tokens;
  private long nanoseconds;
  private long skippedHere;
  private final ArrayList<Validation> validation = new ArrayList<>();
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  /// A run; nothing happens before [#run].
  ///
  /// @param learner what is trained
  /// @param plan all numbers
  /// @param train what it learns from
  /// @param validate what decides which model is best; may be empty
  /// @param folders where checkpoints and the best model go
  /// @param listeners told of each step
  /// @param stop asked after each step; true saves a checkpoint and ends the run
  public TrainingLoop(
      Learner learner,
      TrainingPlan plan,
      Examples train,
      Examples validate,
      RunFolders folders,
      List<TrainingListener> listeners,
      BooleanSupplier stop) {
    this.learner = learner;
    this.plan = plan;
    this.data = new BatchPlan(train, plan.rowsPerStep(), plan.poolBatches(), plan.seed());
    this.evaluation =
        validate.size() == 0
            ? Optional.empty()
            : Optional.of(new Evaluation(validate, plan.batchSize(), plan.pad()));
    this.folders = folders;
    this.listeners = List.copyOf(listeners);
    this.stop = stop;
    this.parameters = learner.module().parameters();
    this.device = parameters.values().iterator().next().device();
    this.backend = Backends.of(device);
    this.fingerprint = Fingerprint.of(plan, train, validate, learner);
    this.store = new CheckpointStore(folders.checkpoints(), fingerprint);
  }

  /// Lets somebody plan the number of steps while the run goes; the learning rate follows.
  public TrainingLoop horizon(Horizon planner) {
    horizon = planner;
    return this;
  }

  /// Whether there is a whole checkpoint of any run.
  public static boolean hasCheckpoint(RunFolders folders) {
    return CheckpointStore.any(folders.checkpoints());
  }

  /// Trains to the end, or until told to stop.
  ///
  /// @param resume whether to continue from the newest checkpoint, if there is one
  /// @throws OtherRunException if there are checkpoints, but none by this plan, data and model, or the folders hold what
  ///     no run wrote, or, without resuming, anything at all
  /// @throws IllegalArgumentException if the plan freezes everything until its end
  /// @throws TrainingException if gradients are not finite for many steps in a row, or no step changed anything
  public TrainingResult run(boolean resume) {
    plan.freezing().check(learner.module(), plan.steps());
    plan.freezing().unfreeze().tailMap(plan.steps()).keySet().stream()
        .findFirst()
        .ifPresent(late ->
            LOG.log(
                System.Logger.Level.WARNING,
                "the run ends after "
                    + plan.steps()
                    + " steps, so what is to thaw from step "
                    + late
                    + " on stays frozen"));
    folders.refuseStrangers();
    if (!resume) {
      OutFolder.refuse(
          Stream.of(folders.best(), folders.checkpoints()).filter(OutFolder::exists).toList(),
          "is there already and would be overwritten");
    }
    try (var optimizer = plan.optimizer().create();
        var updates = new Updates(parameters, optimizer, plan.update(), plan.clip())) {
      if (resume) {
        store
            .newest()
            .ifPresentOrElse(
                checkpoint -> restore(checkpoint, optimizer, updates), this::sayThatItBeginsAnew);
      }
      plan.freezing().apply(learner.module(), step);
      steps = horizon.steps(step, plan.steps());
      var start =
          new TrainingStart(
              step, steps, data.stepsPerEpoch(), TrainingStart.groups(learner.module()));
      listeners.forEach(listener -> listener.started(start));
      if (step == 0 && validation.isEmpty()) {
        evaluate();
      }
      return steps(optimizer, updates);
    }
  }

  private void sayThatItBeginsAnew() {
    if (OutFolder.exists(folders.checkpoints()) || OutFolder.exists(folders.best())) {
      LOG.log(
          System.Logger.Level.WARNING,
          "there is no checkpoint in "
              + folders.checkpoints()
              + " to continue from, so the run begins anew at step 0");
    }
  }

  private TrainingResult steps(Optimizer optimizer, Updates updates) {
    try (var taken = new Steps(learner, updates, plan.rowsPerStep())) {
      return steps(optimizer, updates, taken);
    }
  }

  private TrainingResult steps(Optimizer optimizer, Updates updates, Steps taken) {
    long from = step;
    boolean stopped = false;
    long saved = step;
    while (step < steps && !stopped) {
      if (plan.freezing().changesAt(step)) {
        plan.freezing().apply(learner.module(), step);
        taken.forget();
      }
      pending.add(step(taken));
      step++;
      report(false);
      steps = horizon.steps(step, plan.steps());
      boolean last = step == steps;
      if (step % plan.evaluateEvery() == 0 || last) {
        report(true);
        evaluate();
      }
      if (last && evaluation.isEmpty()) {
        AtomicDirectory.write(folders.best(), learner::save);
      }
      stopped = !last && stop.getAsBoolean();
      if (step % plan.saveEvery() == 0 || last || stopped) {
        report(true);
        save(optimizer, updates);
        saved = step;
      }
    }
    if (step == steps && updates.counts().values().stream().allMatch(count -> count == 0)) {
      throw new TrainingException(
          "none of the "
              + step
              + " steps changed the model: "
              + (skipped > 0
                  ? "the loss or the gradient was never finite; lower the learning rate"
                  : "nothing that trains had a gradient")
              + ", and start in another folder");
    }
    var result =
        new TrainingResult(
            saved,
            stopped,
            validation,
            bestStep,
            optimizer.bytes(),
            tokens,
            nanoseconds / 1e9,
            step - from,
            skippedHere);
    listeners.forEach(listener -> listener.finished(result));
    return result;
  }

  private Pending step(Steps taken) {
    long start = System.nanoTime();
    List<Batch> batches =
        data.batches(step, plan.accumulation(), plan.pad()).stream()
            .map(batch -> batch.paddedTo(backend.lengthStep()))
            .toList();
    double rate = plan.rate().at(step, steps);
    Updates.Applied applied = taken.run(batches, plan.seed(), step, rate);
    return new Pending(step + 1, steps, rate, batches, System.nanoTime() - start, applied);
  }

  /// A step whose loss and norm may still be under way.
  private record Pending(
      long step,
      long steps,
      double rate,
      List<Batch> batches,
      long nanoseconds,
      Updates.Applied applied) {

    StepReport report() {
      return new StepReport(
          step,
          steps,
          applied.outcome().loss(),
          rate,
          applied.outcome().norm(),
          batches.stream().mapToInt(Batch::tokens).sum(),
          batches.stream().mapToInt(Batch::labelTokens).sum(),
          nanoseconds);
    }
  }

  /// Tells of steps what has become known: of all, or of those that nobody need wait for, but the last.
  private void report(boolean all) {
    while (!pending.isEmpty() && (all || pending.size() > 1 || pending.getFirst().applied.done())) {
      Pending one = pending.removeFirst();
      StepReport report = one.report();
      skipped = one.applied.outcome().skipped();
      if (skipped > 0) {
        skippedHere++;
        skip(report);
      }
      tokens += report.tokens();
      nanoseconds += report.nanoseconds();
      listeners.forEach(listener -> listener.stepped(report));
    }
  }

  /// A step whose gradient is not finite changes nothing; many in a row end the run.
  private void skip(StepReport report) {
    String what =
        "step %d: loss %s, gradient norm %s"
            .formatted(report.step(), report.loss(), (float) report.norm());
    LOG.log(System.Logger.Level.WARNING, what + "; the update is skipped");
    if (skipped >= MOST_SKIPPED) {
      throw new TrainingException(
          what
              + ": "
              + skipped
              + " steps in a row are not finite. Start in another folder with a lower learning rate"
              + (bestStep > 0 ? ", from " + folders.best() + " if you like" : "")
              + store
                  .newestSound()
                  .map(path ->
                      "; the last checkpoint from before is "
                          + path
                          + ", from which --resume goes on once later ones are moved away")
                  .orElse(""));
    }
  }

  private void evaluate() {
    if (evaluation.isEmpty()) {
      return;
    }
    double loss = evaluation.get().loss(learner, device);
    boolean best =
        Double.isFinite(loss)
            && validation.stream()
                .allMatch(earlier -> loss < earlier.loss() || !Double.isFinite(earlier.loss()));
    if (!Double.isFinite(loss)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "after step "
              + step
              + " the validation loss is "
              + loss
              + "; that model is not the best");
    }
    validation.add(new Validation(step, loss));
    if (best) {
      bestStep = step;
      AtomicDirectory.write(folders.best(), learner::save);
    }
    listeners.forEach(listener -> listener.evaluated(step, loss, best));
  }

  private void save(Optimizer optimizer, Updates updates) {
    var state =
        new TrainingState(
            step,
            plan.seed(),
            fingerprint,
            backend.arithmetic(),
            updates.counts(),
            skipped,
            validation,
            bestStep);
    store.write(parameters, optimizer, state);
    listeners.forEach(listener -> listener.saved(step));
  }

  private void restore(Path checkpoint, Optimizer optimizer, Updates updates) {
    TrainingState state = store.read(checkpoint, parameters, optimizer);
    if (!state.arithmetic().equals(backend.arithmetic())) {
      LOG.log(
          System.Logger.Level.WARNING,
          checkpoint
              + " was computed with "
              + state.arithmetic()
              + ", this is "
              + backend.arithmetic()
              + ": the run continues, but not bit for bit");
    }
    step = state.step();
    skipped = state.skipped();
    updates.restore(state.updates(), skipped);
    bestStep = state.bestStep();
    validation.clear();
    validation.addAll(state.validation());
  }
}
