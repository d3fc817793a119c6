package dev.quintet.app.demo;

import dev.quintet.models.t5.T5Config;
import dev.quintet.trainer.data.BatchPlan;
import dev.quintet.trainer.loop.Horizon;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Plans how many steps the naming task takes, so that the whole demo ends when it should.
///
/// Its first steps are timed and a cost is fitted to them ([StepCost]); the known batches are then counted until the
/// time is used. That happens twice: after the first few hundred steps, and again at about 15 %, when the compiler is
/// done with everything. Each plan is written down before it acts ([PlanRecord]), so that a resumed run follows the same
/// ones.
final class Pace implements Horizon, TrainingListener {
  private static final double REPLAN = 0.15;

  /// Fewer timed steps than this say too little, such as when a resumed run begins just before a plan is due.
  private static final int FEWEST = 40;

  private final PlanRecord record;
  private final DemoClock clock;
  private final Shares shares;
  private final BatchPlan batches;
  private final T5Config config;
  private final long evaluateEvery;
  private final double evaluationSteps;
  private final BiConsumer<PlanRecord.Plan, Double> planned;
  private final List<Double> work = new ArrayList<>();
  private final List<Double> seconds = new ArrayList<>();
  private long first = -1;
  private long lap;
  private long ended;
  private double inLap;

  /// @param record the plans so far; new ones are added
  /// @param clock what has been used
  /// @param shares of the time that is left
  /// @param batches the run's own order of batches
  /// @param config the model's sizes
  /// @param evaluateEvery steps between evaluations
  /// @param evaluationSteps what one costs, in steps: the only one before the plans is too slow, since nothing is compiled
  /// @param planned hears of each new plan and of what a step takes on average, in seconds
  Pace(
      PlanRecord record,
      DemoClock clock,
      Shares shares,
      BatchPlan batches,
      T5Config config,
      long evaluateEvery,
      double evaluationSteps,
      BiConsumer<PlanRecord.Plan, Double> planned) {
    this.record = record;
    this.clock = clock;
    this.shares = shares;
    this.batches = batches;
    this.config = config;
    this.evaluateEvery = evaluateEvery;
    this.evaluationSteps = evaluationSteps;
    this.planned = planned;
  }

  @Override
  public long steps(long step, long guess) {
    time(step);
    Optional<PlanRecord.Plan> last = record.last();
    boolean due =
        last.isEmpty()
            ? step >= record.timed()
            : record.plans().size() == 1 && step >= Math.ceil(REPLAN * last.get().steps());
    if (record.timed() > 0 && due && record.open(step)) {
      if (seconds.size() - warmUp() >= FEWEST) {
        plan(step);
      } else if (last.isPresent()) {
        record.add(new PlanRecord.Plan(step, last.get().steps(), last.get().cost()));
      }
    }
    return Math.max(step, record.steps(step).orElse(Math.max(guess, step + 1)));
  }

  @Override
  public void started(TrainingStart start) {
    ended = System.nanoTime();
  }

  @Override
  public void stepped(StepReport report) {
    ended = System.nanoTime();
  }

  @Override
  public void evaluated(long step, double loss, boolean best) {
    inLap = (System.nanoTime() - ended) / 1e9;
  }

  /// What came between two questions is one step and all that goes with it, checkpoints and log too; evaluations are
  /// counted apart.
  private void time(long step) {
    long now = System.nanoTime();
    if (first < 0) {
      first = step;
    } else if (step > first + seconds.size()) {
      work.add(StepCost.work(config, batches.size(step - 1)));
      seconds.add((now - lap) / 1e9 - inLap);
    }
    lap = now;
    inLap = 0;
  }

  /// What a step took in the later half of those that were timed, if there were enough.
  Optional<StepCost> cost() {
    return seconds.size() < 2 * FEWEST ? Optional.empty() : Optional.of(fit(seconds.size() / 2));
  }

  /// Steps that are not counted, since the compiler is still busy.
  private int warmUp() {
    return seconds.size() / 2;
  }

  private StepCost fit(int from) {
    return StepCost.fit(array(work, from), array(seconds, from));
  }

  private void plan(long step) {
    int from = warmUp();
    StepCost cost = fit(from);
    double mean = seconds.stream().skip(from).mapToDouble(s -> s).average().orElseThrow();
    double left = shares.naming(clock.used(), mean);
    var next = new PlanRecord.Plan(step, fitting(step, left, cost, evaluationSteps * mean), cost);
    record.add(next);
    planned.accept(next, mean);
  }

  /// The number of steps at which the time is used, counted batch by batch; after some epochs, which are alike, by their
  /// mean.
  private long fitting(long from, double left, StepCost cost, double evaluation) {
    long counted = Math.max(10_000, 4 * batches.stepsPerEpoch());
    double used = evaluation; // after the last step
    long step = from;
    while (step - from < counted) {
      used += cost.seconds(StepCost.work(config, batches.size(step)));
      used += (step + 1) % evaluateEvery == 0 ? evaluation : 0;
      if (used > left) {
        return Math.max(step, from + 1);
      }
      step++;
    }
    return from + (long) (counted * (left / used));
  }

  private static double[] array(List<Double> values, int from) {
    return values.stream().skip(from).mapToDouble(v -> v).toArray();
  }
}
