package dev.quintet.trainer.loop;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import dev.quintet.trainer.optim.GradientClip;
import dev.quintet.trainer.optim.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// Trains a [Learner] by a [TrainingPlan], with checkpoints from which it continues bit for bit.
///
/// A step: its rows are taken and cut; each part's loss, over the labels of the whole step, is carried
/// back; gradients are clipped by their global norm; the optimizer updates what trains. All of it is a function of the
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

  private long step;
  private int skipped;
  private long bestStep = -1;
  private final ArrayList<Validation> validation = new ArrayList<>();

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
    this.store = new CheckpointStore(folders.checkpoints());
    this.listeners = List.copyOf(listeners);
    this.stop = stop;
    this.parameters = learner.module().parameters();
    this.device = parameters.values().iterator().next().device();
    this.backend = Backends.of(device);
    this.fingerprint = Fingerprint.of(plan, train, validate, parameters);
  }

  /// Whether there is a checkpoint of any run.
  public static boolean hasCheckpoint(RunFolders folders) {
    return new CheckpointStore(folders.checkpoints()).newest().isPresent();
  }

  /// Trains to the end, or until told to stop.
  ///
  /// @param resume whether to continue from the newest checkpoint, if there is one
  /// @throws OtherRunException if that checkpoint was written by another plan, data or model
  /// @throws TrainingException if gradients are not finite for many steps in a row
  public TrainingResult run(boolean resume) {
    try (var optimizer = plan.optimizer().create();
        var clip = new GradientClip(backend)) {
      if (resume) {
        store.newest().ifPresent(checkpoint -> restore(checkpoint, optimizer));
      }
      plan.freezing().apply(learner.module(), step);
      var start =
          new TrainingStart(
              step, plan.steps(), data.stepsPerEpoch(), TrainingStart.groups(learner.module()));
      listeners.forEach(listener -> listener.started(start));
      if (step == 0 && validation.isEmpty()) {
        evaluate();
      }
      return steps(optimizer, clip);
    }
  }

  private TrainingResult steps(Optimizer optimizer, GradientClip clip) {
    long from = step;
    long tokens = 0;
    long nanoseconds = 0;
    boolean interrupted = false;
    long saved = step;
    while (step < plan.steps() && !interrupted) {
      if (plan.freezing().changesAt(step)) {
        plan.freezing().apply(learner.module(), step);
      }
      StepReport report = step(optimizer, clip);
      step++;
      tokens += report.tokens();
      nanoseconds += report.nanoseconds();
      listeners.forEach(listener -> listener.stepped(report));
      boolean last = step == plan.steps();
      if (step % plan.evaluateEvery() == 0 || last) {
        evaluate();
      }
      if (last && evaluation.isEmpty()) {
        AtomicDirectory.write(folders.best(), learner::save);
      }
      interrupted = !last && stop.getAsBoolean();
      if (step % plan.saveEvery() == 0 || last || interrupted) {
        save(optimizer);
        saved = step;
      }
    }
    var result =
        new TrainingResult(
            saved,
            interrupted,
            validation,
            bestStep,
            optimizer.bytes(),
            tokens,
            nanoseconds / 1e9,
            step - from);
    listeners.forEach(listener -> listener.finished(result));
    return result;
  }

  private StepReport step(Optimizer optimizer, GradientClip clip) {
    long start = System.nanoTime();
    List<Batch> batches = data.batches(step, plan.accumulation(), plan.pad());
    int labels = batches.stream().mapToInt(Batch::labelTokens).sum();
    double loss = 0;
    for (Batch batch : batches) {
      try (var _ = Scope.open(device)) {
        Pass pass = Pass.training(plan.seed(), step, batch.firstRow());
        Tensor part = learner.loss(batch, pass, Math.max(1, labels));
        loss += part.item();
        if (part.requiresGradient()) {
          part.backward();
        }
      }
    }
    double rate = plan.rate().at(step, plan.steps());
    clip.measure(parameters.values(), plan.clip());
    float norm = clip.norm();
    if (Float.isFinite(norm) && Double.isFinite(loss)) {
      update(optimizer, clip.scale(), rate);
      skipped = 0;
    } else {
      skip(loss, norm);
    }
    learner.module().zeroGradients();
    int tokens = batches.stream().mapToInt(Batch::tokens).sum();
    return new StepReport(
        step + 1, plan.steps(), loss, rate, norm, tokens, labels, System.nanoTime() - start);
  }

  private void update(Optimizer optimizer, long scale, double rate) {
    parameters.forEach((name, parameter) -> {
      if (parameter.trains() && parameter.hasGradient()) {
        double own = rate * plan.update().rate(name);
        optimizer.update(name, parameter, own, plan.update().decay(name), scale);
      }
    });
  }

  /// A step whose gradient is not finite changes nothing; many in a row end the run.
  private void skip(double loss, float norm) {
    skipped++;
    String what = "step " + (step + 1) + ": loss " + loss + ", gradient norm " + norm;
    LOG.log(System.Logger.Level.WARNING, what + "; the update is skipped");
    if (skipped >= MOST_SKIPPED) {
      throw new TrainingException(
          what
              + ": "
              + skipped
              + " steps in a row are not finite. Lower the learning rate, or continue from an"
              + " earlier checkpoint in "
              + folders.checkpoints());
    }
  }

  private void evaluate() {
    if (evaluation.isEmpty()) {
      return;
    }
    double loss = evaluation.get().loss(learner, device);
    boolean best =
        validation.stream()
            .allMatch(earlier -> loss < earlier.loss() || Double.isNaN(earlier.loss()));
    validation.add(new Validation(step, loss));
    if (best) {
      bestStep = step;
      AtomicDirectory.write(folders.best(), learner::save);
    }
    listeners.forEach(listener -> listener.evaluated(step, loss, best));
  }

  private void save(Optimizer optimizer) {
    var state =
        new TrainingState(
            step,
            plan.seed(),
            fingerprint,
            backend.arithmetic(),
            new TreeMap<>(optimizer.updates()),
            skipped,
            validation,
            bestStep);
    store.write(parameters, optimizer, state);
    listeners.forEach(listener -> listener.saved(step));
  }

  private void restore(Path checkpoint, Optimizer optimizer) {
    TrainingState state = CheckpointStore.state(checkpoint);
    if (!state.fingerprint().equals(fingerprint)) {
      throw new OtherRunException(
          checkpoint
              + " was written by a run with other settings, data or model; start without resuming,"
              + " in another folder");
    }
    store.read(checkpoint, parameters, optimizer);
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
    bestStep = state.bestStep();
    validation.clear();
    validation.addAll(state.validation());
  }
}
