package dev.quintet.trainer.loop;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.loop.TrainingListener.StepReport;
import dev.quintet.trainer.loop.TrainingResult.End;
import dev.quintet.trainer.loop.TrainingResult.Validation;
import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Ema;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.optim.Updates;
import dev.quintet.trainer.schedule.Plateau;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Trains a [Learner] by a [TrainingPlan], with checkpoints from which it continues bit for bit.
///
/// A step: its rows are taken and cut; each part's loss, over the labels of the whole step, is carried
/// back; gradients are clipped by their global norm; the optimizer updates what trains. A device is asked for no answer
/// meanwhile: what came of a step may be told with the next. All of it is a function of the
/// plan and the step, so that a run killed at any moment and resumed equals one left alone.
///
/// It writes the newest checkpoints and the best model, see [RunFolders]. Who wants more, such as a log, listens; who wants to
/// take part, such as to end it, is a [TrainingCallback].
public final class TrainingLoop {
  private static final System.Logger LOG = System.getLogger(TrainingLoop.class.getName());
  private static final int MOST_SKIPPED = 10;

  /// Steps whose sizes are looked at before the first one, where an epoch has more.
  private static final int LOOKED_AT = 1000;

  private final Learner learner;
  private final TrainingPlan plan;
  private final BatchPlan data;
  private final Examples train;
  private final Examples validate;
  private final Optional<Evaluation> evaluation;
  private final RunFolders folders;
  private final List<TrainingListener> listeners;
  private final BooleanSupplier stop;
  private final Map<String, Parameter> parameters;
  private final Device device;
  private final Backend backend;

  private Horizon horizon = (done, planned) -> planned;
  private List<TrainingCallback> callbacks = List.of();
  private Optional<Exam> exam = Optional.empty();
  private Optional<TestPart> test = Optional.empty();
  private Optional<Path> moments = Optional.empty();
  private Events events;
  private Selection selection;
  private Optional<Plateau> plateau = Optional.empty();
  private Optional<Ema> average = Optional.empty();
  private CheckpointStore store;
  private String fingerprint = "";
  private long step;
  private long steps;
  private long saved = -1;
  private int skipped;
  private int forwards;
  private Optional<End> end = Optional.empty();
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
    this.train = train;
    this.validate = validate;
    this.data = new BatchPlan(train, plan.rowsPerStep(), plan.poolBatches(), plan.seed());
    this.evaluation =
        validate.size() == 0
            ? Optional.empty()
            : Optional.of(new Evaluation(validate, plan.batchSize(), plan.pad()));
    this.folders = folders;
    this.listeners = List.copyOf(listeners);
    this.stop = stop;
    this.parameters = learner.parameters();
    this.device = parameters.values().iterator().next().device();
    this.backend = Backends.of(device);
    this.forwards = plan.accumulation();
    this.events = new Events(callbacks, this.listeners);
    this.selection = new Selection(plan.choice());
    this.store = new CheckpointStore(folders.checkpoints(), fingerprint, plan.saveLimit());
  }

  /// Lets somebody plan the number of steps while the run goes; the learning rate follows.
  public TrainingLoop horizon(Horizon planner) {
    horizon = planner;
    return this;
  }

  /// Lets these take part, in this order.
  public TrainingLoop callbacks(List<TrainingCallback> some) {
    callbacks = List.copyOf(some);
    return this;
  }

  /// Has the model answer at each evaluation.
  TrainingLoop answering(Exam questions) {
    exam = Optional.of(questions);
    return this;
  }

  /// Has the best model scored on the test part at the end, once.
  TrainingLoop testing(TestPart part) {
    test = Optional.of(part);
    return this;
  }

  /// Begins with the moments of another run's checkpoint.
  TrainingLoop momentsOf(Path checkpoint) {
    moments = Optional.of(checkpoint);
    return this;
  }

  /// Whether there is a whole checkpoint of any run.
  public static boolean hasCheckpoint(RunFolders folders) {
    return CheckpointStore.any(folders.checkpoints());
  }

  /// Refuses what the plan has and the device, the learner or those who take part do not go with.
  ///
  /// @throws IllegalArgumentException that says what to leave out
  void check() {
    if (plan.optimizer() instanceof AdamW.Narrow && !device.equals(Device.cpu())) {
      throw new IllegalArgumentException(
          "moments in bfloat16 (\"moments\": \"bf16\") are for the processor so far, and this run is on "
              + device
              + ": leave the key out, or run with --device cpu");
    }
    boolean readers = new Events(callbacks, listeners).readGradients();
    if (plan.update().fused() && (readers || learner.afterStep().isPresent())) {
      throw new IllegalArgumentException(
          "fused_update frees each gradient as soon as it has been used, and "
              + (readers
                  ? "a callback reads the gradients of all"
                  : "this adapter reads gradients after each step")
              + ": leave out fused_update");
    }
  }

  /// Trains to the end, or until told to stop.
  ///
  /// @param resume whether to continue from the newest checkpoint, if there is one
  /// @throws OtherRunException if there are checkpoints, but none by this plan, data and model, or the folders hold what
  ///     no run wrote, or, without resuming, anything at all
  /// @throws IllegalArgumentException if the plan freezes everything until its end
  /// @throws TrainingException if gradients are not finite for many steps in a row, or no step changed anything
  public TrainingResult run(boolean resume) {
    check();
    events = new Events(callbacks, listeners);
    selection = new Selection(plan.choice());
    plateau = plan.rate().plateau(plan.choice().higherIsBetter());
    String more = events.settings() + exam.map(Exam::settings).orElse("");
    fingerprint = Fingerprint.of(plan, train, validate, learner, more);
    store = new CheckpointStore(folders.checkpoints(), fingerprint, plan.saveLimit());
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
    boolean averages = plan.update().average().isPresent();
    if (averages) {
      OutFolder.refuseStrangersInModel(folders.average());
    }
    if (!resume) {
      OutFolder.refuse(
          Stream.of(folders.best(), folders.checkpoints(), folders.average())
              .filter(path -> averages || !path.equals(folders.average()))
              .filter(OutFolder::exists)
              .toList(),
          "is there already and would be overwritten");
    }
    try (var optimizer = plan.optimizer().create();
        var updates = new Updates(parameters, optimizer, plan.update(), plan.clip())) {
      average = updates.average();
      if (resume) {
        store
            .newest()
            .ifPresentOrElse(
                checkpoint -> restore(checkpoint, optimizer, updates), this::sayThatItBeginsAnew);
      }
      if (saved < 0) {
        moments.ifPresent(checkpoint -> begin(checkpoint, optimizer, updates));
      }
      plan.freezing().apply(learner.module(), step);
      steps = horizon.steps(step, plan.steps());
      if (steps < step) {
        throw new OtherRunException(
            "the run has done %,d steps already, more than the %,d that it is to have: set steps to at least that"
                .formatted(step, steps));
      }
      return guarded(optimizer, updates);
    }
  }

  /// Trains; where a callback fails, a checkpoint is written.
  private TrainingResult guarded(Optimizer optimizer, Updates updates) {
    try {
      if (saved > 0) {
        events.savedBefore(step, step % data.stepsPerEpoch() == 0, data.epoch(step - 1));
      }
      events.planned(() -> MemoryPlan.of(learner, plan, largest()));
      events.started(
          new TrainingStart(
              step, steps, data.stepsPerEpoch(), TrainingStart.groups(learner.module())));
      if (step == 0 && validation.isEmpty()) {
        evaluate();
      }
      return steps(optimizer, updates);
    } catch (CallbackException e) {
      RuntimeException thrown = e.thrown();
      if (step > 0 && step != saved) {
        write(optimizer, updates);
        LOG.log(
            System.Logger.Level.WARNING,
            "a callback failed after step " + step + "; a checkpoint is written");
      }
      events.failed(thrown);
      throw thrown;
    } catch (RuntimeException e) {
      events.failed(e);
      throw e;
    }
  }

  /// The batches of the largest step of those to come, or of the first epoch of them.
  private List<Batch> largest() {
    long end =
        Math.min(Math.max(steps, step + 1), step + Math.min(LOOKED_AT, data.stepsPerEpoch()));
    long largest = step;
    long most = 0;
    for (long i = step; i < end; i++) {
      BatchPlan.Size size = data.size(i);
      long tokens = size.rows() * ((long) size.sourceLength() + size.targetLength());
      if (tokens > most) {
        most = tokens;
        largest = i;
      }
    }
    return batches(largest);
  }

  /// The batches of a step, counted from 0, as the device takes them.
  private List<Batch> batches(long at) {
    return data.batches(at, forwards, plan.pad()).stream()
        .map(batch -> batch.paddedTo(backend.lengthStep()))
        .toList();
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
    try (var taken = new Steps(learner, updates, plan.rowsPerStep(), true)) {
      if (events.readGradients()) {
        LOG.log(
            System.Logger.Level.INFO,
            "a callback reads gradients, so the run waits for the device in each step");
        taken.readBy(events);
      }
      return steps(optimizer, updates, taken);
    }
  }

  private TrainingResult steps(Optimizer optimizer, Updates updates, Steps taken) {
    long from = step;
    if (selection.exhausted()) {
      end = Optional.of(End.NO_PROGRESS);
    }
    while (step < steps && end.isEmpty()) {
      one(taken, updates);
      steps = horizon.steps(step, plan.steps());
      boolean asked = events.evaluates();
      if (asked || step % plan.evaluateEvery() == 0 || step == steps || events.stops()) {
        report(true);
        evaluate();
      }
      end = ended();
      if (end.isPresent() && evaluation.isEmpty()) {
        AtomicDirectory.write(folders.best(), learner::save);
      }
      if (end.isEmpty() && stop.getAsBoolean()) {
        end = Optional.of(End.STOPPED);
      }
      if (events.saves() || step % plan.saveEvery() == 0 || end.isPresent()) {
        report(true);
        write(optimizer, updates);
        events.saved(step);
      }
      if (step % data.stepsPerEpoch() == 0) {
        events.epochEnded(data.epoch(step - 1));
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
    average.ifPresent(this::saveAverage);
    End why = end.orElse(End.COMPLETE);
    Optional<Tested> tested =
        why == End.STOPPED
            ? Optional.empty()
            : test.map(part -> part.score(learner, device, step, bestStep(), folders.best()));
    tested.ifPresent(events::tested);
    var result =
        new TrainingResult(
            step,
            why == End.STOPPED,
            validation,
            selection.bestStep(),
            optimizer.bytes(),
            tokens,
            nanoseconds / 1e9,
            step - from,
            skippedHere,
            why,
            tested);
    events.finished(result);
    return result;
  }

  private void saveAverage(Ema ema) {
    try (var _ = ema.swappedIn()) {
      AtomicDirectory.write(folders.average(), learner::save);
    }
  }

  /// The validation loss of the average of the weights.
  private double averageLoss(Ema ema) {
    try (var _ = ema.swappedIn()) {
      return evaluation.orElseThrow().loss(learner, device);
    }
  }

  /// After how many steps the model in the folder of the best one was as it is there.
  private long bestStep() {
    return evaluation.isEmpty() ? step : selection.bestStep();
  }

  private Optional<End> ended() {
    return step == steps
        ? Optional.of(End.COMPLETE)
        : selection.exhausted()
            ? Optional.of(End.NO_PROGRESS)
            : events.stops() ? Optional.of(End.CALLBACK) : Optional.empty();
  }

  /// Takes one step and tells of it.
  private void one(Steps taken, Updates updates) {
    if (plan.freezing().changesAt(step)) {
      plan.freezing().apply(learner.module(), step);
      taken.forget();
    }
    if (step % data.stepsPerEpoch() == 0) {
      events.epochStarted(data.epoch(step));
    }
    events.stepStarted(step + 1);
    Pending now = step(taken, updates);
    pending.add(now);
    step++;
    if (events.takePart()) {
      if (!events.readGradients()) {
        for (int part = 0; part < now.batches.size(); part++) {
          events.partDone(step, part, now.batches.size());
        }
      }
      var _ = now.applied.outcome(); // waits
      events.updated(step);
    }
    report(events.takePart());
  }

  private Pending step(Steps taken, Updates updates) {
    long start = System.nanoTime();
    double rate =
        plan.rate().at(step, steps) * events.rate() * plateau.map(Plateau::factor).orElse(1.0);
    while (true) {
      List<Batch> batches = batches(step);
      try {
        Updates.Applied applied = taken.run(batches, plan.seed(), step, rate);
        return new Pending(step + 1, steps, rate, batches, System.nanoTime() - start, applied);
      } catch (ArithmeticException e) {
        if (!plan.update().fused()) {
          throw e;
        }
        throw notFinite(
            "step %d: %s, so the run ends, and nothing of this step is written"
                .formatted(step + 1, e.getMessage()));
      } catch (OutOfDeviceMemoryException | OutOfMemoryError e) {
        int rows = batches.stream().mapToInt(Batch::rows).max().orElse(1);
        if (!plan.autoBatch() || rows < 2) {
          throw e;
        }
        halve(rows, taken, updates, e);
      }
    }
  }

  /// Halves the rows of a forward; those of a step stay.
  private void halve(int rows, Steps taken, Updates updates, Throwable why) {
    taken.forget();
    learner.module().zeroGradients();
    updates.begin();
    forwards = (int) Math.min(plan.rowsPerStep(), 2L * forwards);
    LOG.log(
        System.Logger.Level.WARNING,
        "step %d: no memory for a forward of %d rows (%s), so a step takes %d forwards of at most %d from now on"
            .formatted(
                step + 1,
                rows,
                why.getMessage(),
                forwards,
                (plan.rowsPerStep() + forwards - 1) / forwards));
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
      events.stepped(report);
    }
  }

  /// A step whose gradient is not finite changes nothing; many in a row end the run.
  private void skip(StepReport report) {
    String what =
        "step %d: loss %s, gradient norm %s"
            .formatted(report.step(), report.loss(), (float) report.norm());
    LOG.log(System.Logger.Level.WARNING, what + "; the update is skipped");
    boolean fails = plan.update().notFinite() == UpdateRule.NotFinite.FAIL;
    if (fails || skipped >= MOST_SKIPPED) {
      throw notFinite(
          what
              + ": "
              + (fails
                  ? "a step that is not finite is to end the run"
                  : skipped + " steps in a row are not finite"));
    }
  }

  /// The end of a run whose numbers have ceased to be finite.
  private TrainingException notFinite(String what) {
    return new TrainingException(
        what
            + ". Start in another folder with a lower learning rate"
            + (selection.bestStep() > 0 ? ", from " + folders.best() + " if you like" : "")
            + store
                .newestSound()
                .map(path ->
                    "; the last checkpoint from before is "
                        + path
                        + ", from which --resume goes on once later ones are moved away")
                .orElse(""));
  }

  private void evaluate() {
    if (evaluation.isEmpty()) {
      return;
    }
    double loss = evaluation.get().loss(learner, device);
    var scores = new LinkedHashMap<String, Double>();
    exam.ifPresent(
        questions -> scores.putAll(questions.take(learner, device, String.valueOf(step))));
    average.ifPresent(ema -> scores.put("ema_loss", averageLoss(ema)));
    String select = plan.choice().select();
    double value = Evaluated.value(loss, scores, select);
    boolean best = selection.offer(step, value);
    if (!Double.isFinite(value)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "after step "
              + step
              + " the validation "
              + select
              + " is "
              + value
              + "; that model is not the best");
    }
    plateau.ifPresent(lowering -> lower(lowering, value));
    validation.add(new Validation(step, loss, scores));
    if (best) {
      AtomicDirectory.write(folders.best(), learner::save);
    }
    events.evaluated(new Evaluated(step, loss, scores, select, best));
  }

  private void lower(Plateau lowering, double value) {
    if (lowering.observe(value)) {
      LOG.log(
          System.Logger.Level.INFO,
          "after step %d the learning rate is lowered to %s of what it was at first"
              .formatted(step, (float) lowering.factor()));
    }
  }

  private void write(Optimizer optimizer, Updates updates) {
    var parts = new TreeMap<String, JsonObject>();
    parts.put("selection", Events.plain(selection.state()));
    plateau.ifPresent(one -> parts.put("plateau", Events.plain(one.state())));
    average.ifPresent(ema -> parts.put("average", JsonObject.of(Map.of("updates", ema.updates()))));
    events.state(parts);
    parts.put(
        "loop",
        JsonObject.of(
            Map.of(
                "forwards", (long) forwards,
                "steps", plan.steps(),
                "end", end.map(End::name).orElse(""))));
    var state =
        new TrainingState(
            step,
            plan.seed(),
            fingerprint,
            backend.arithmetic(),
            updates.counts(),
            skipped,
            validation,
            selection.bestStep(),
            parts);
    events.saving(step);
    store.write(parameters, learner.state(), optimizer, average, state);
    saved = step;
  }

  /// Begins with the moments of another run.
  private void begin(Path checkpoint, Optimizer optimizer, Updates updates) {
    TrainingState other = CheckpointStore.readMoments(checkpoint, parameters, optimizer);
    updates.restore(other.updates(), 0);
  }

  private void restore(Path checkpoint, Optimizer optimizer, Updates updates) {
    TrainingState state = store.read(checkpoint, parameters, optimizer);
    CheckpointStore.readMore(checkpoint, learner.state());
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
    saved = step;
    skipped = state.skipped();
    updates.restore(state.updates(), skipped);
    validation.clear();
    validation.addAll(state.validation());
    SortedMap<String, JsonObject> parts = state.parts();
    Optional.ofNullable(parts.get("selection")).ifPresent(selection::restore);
    plateau.ifPresent(one -> Optional.ofNullable(parts.get("plateau")).ifPresent(one::restore));
    average.ifPresent(ema ->
        Optional.ofNullable(parts.get("average"))
            .ifPresent(part ->
                CheckpointStore.readAverage(
                    checkpoint, ema, part.required("updates", JsonObject::whole))));
    Optional.ofNullable(parts.get("loop")).ifPresent(this::goOn);
    try {
      events.restore(parts);
    } catch (CallbackException e) {
      throw e.thrown();
    }
  }

  /// Goes on with the forwards of a step as they were, and beyond an end that was not the planned one now.
  private void goOn(JsonObject before) {
    forwards = Math.max(forwards, before.required("forwards", JsonObject::integer));
    long planned = before.required("steps", JsonObject::whole);
    if (planned != plan.steps()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the run was planned for %,d steps and goes on from step %,d to %,d, which the learning rate follows from here"
              .formatted(planned, step, plan.steps()));
    } else if (before.string("end").orElse("").equals(End.CALLBACK.name())) {
      end = Optional.of(End.CALLBACK);
    }
  }
}
