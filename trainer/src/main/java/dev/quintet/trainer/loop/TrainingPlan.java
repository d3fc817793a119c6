package dev.quintet.trainer.loop;

import dev.quintet.trainer.optim.AdamW;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.util.ArrayList;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// All numbers that decide a training run; the same plan, data and start give the same bits.
///
/// @param steps optimizer steps in all
/// @param batchSize rows of a forward
/// @param accumulation forwards whose gradients make one step
/// @param poolBatches steps' batches that are sorted by length together
/// @param rate the learning rate of each step
/// @param update weight decay and each parameter's share of the rate
/// @param optimizer the optimizer's constants
/// @param clip the global norm that gradients are clipped to; infinite for none
/// @param freezing which parameters train from when
/// @param seed of the data's order and of dropout
/// @param pad id of the padding token
/// @param saveEvery steps between checkpoints
/// @param evaluateEvery steps between evaluations
/// @param saveLimit how many of the newest checkpoints are kept, beside the best one's
/// @param choice which evaluation is the best, and when the run ends early
/// @param autoBatch whether a forward that finds no memory is halved
public record TrainingPlan(
    long steps,
    int batchSize,
    int accumulation,
    int poolBatches,
    LearningRate rate,
    UpdateRule update,
    Optimizer.Options optimizer,
    double clip,
    Freezing freezing,
    long seed,
    int pad,
    long saveEvery,
    long evaluateEvery,
    int saveLimit,
    Choice choice,
    boolean autoBatch) {

  /// From here on a norm clips nothing.
  private static final double NO_CLIP = 1e30;

  private static final int MOST_ROWS = 1 << 24;
  private static final long MOST_STEPS = 1L << 40;

  /// Checks the numbers: a step has at most 2^24 rows, and a run at most 2^40 steps.
  ///
  /// @throws IllegalArgumentException that names the one that is wrong
  public TrainingPlan {
    positive("steps", steps);
    positive("batch size", batchSize);
    positive("accumulation", accumulation);
    positive("pool", poolBatches);
    positive("save every", saveEvery);
    positive("evaluate every", evaluateEvery);
    positive("save limit", saveLimit);
    if ((long) batchSize * accumulation > MOST_ROWS) {
      throw new IllegalArgumentException(
          "a step takes at most %,d rows, not batch size %,d times accumulation %,d"
              .formatted(MOST_ROWS, batchSize, accumulation));
    }
    if (steps > MOST_STEPS) {
      throw new IllegalArgumentException(
          "a run has at most %,d steps, not %,d".formatted(MOST_STEPS, steps));
    }
    if (!(clip > 0)) {
      throw new IllegalArgumentException("gradients are clipped to a positive norm, not " + clip);
    }
    if (update.fused()) {
      requireEachGradientAlone(update, clip, accumulation, autoBatch);
    }
  }

  /// Refuses what needs the gradients of all parameters at once.
  private static void requireEachGradientAlone(
      UpdateRule update, double clip, int accumulation, boolean autoBatch) {
    var others = new ArrayList<String>();
    if (clip < NO_CLIP && update.clipValue().isEmpty()) {
      others.add(
          "clipping by the norm, to " + clip + " here (set clip to 1e30 for none, or clip_value)");
    }
    if (update.notFinite() == UpdateRule.NotFinite.SKIP) {
      others.add(
          "skipping steps that are not finite (set nonfinite to fail: the first bad gradient then ends the run)");
    }
    if (accumulation > 1) {
      others.add(
          "adding up the gradients of several forwards (set accumulation to 1 and batch_size to its rows)");
    }
    if (autoBatch) {
      others.add("halving a forward where there is no memory (leave out auto_batch)");
    }
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "fused_update uses and frees each gradient before the next ones are there, so it does not go with "
              + String.join(", nor with ", others)
              + ". Without fused_update all of them go together");
    }
  }

  /// A plan with the usual constants: clipping to 1, decay 0.01, pools of 50 batches, one forward a step.
  ///
  /// @param steps optimizer steps
  /// @param batchSize rows of a step
  /// @param rate the learning rate
  /// @param seed of data and dropout
  public static TrainingPlan of(long steps, int batchSize, LearningRate rate, long seed) {
    return new TrainingPlan(
        steps,
        batchSize,
        1,
        50,
        rate,
        UpdateRule.decay(0.01),
        AdamW.Options.DEFAULT,
        1,
        Freezing.NONE,
        seed,
        0,
        Math.max(1, steps),
        Math.max(1, steps),
        2,
        Choice.LOSS,
        false);
  }

  /// Rows of a whole step.
  public int rowsPerStep() {
    return batchSize * accumulation; // checked to fit
  }

  /// This plan with another number of steps.
  public TrainingPlan withSteps(long count) {
    return changed(draft -> draft.steps = count);
  }

  /// This plan with another accumulation.
  public TrainingPlan withAccumulation(int rows, int forwards) {
    return changed(draft -> {
      draft.batchSize = rows;
      draft.accumulation = forwards;
    });
  }

  /// This plan with other update rules.
  public TrainingPlan withUpdate(UpdateRule rule, Optimizer.Options constants, double norm) {
    return changed(draft -> {
      draft.update = rule;
      draft.optimizer = constants;
      draft.clip = norm;
    });
  }

  /// This plan with other freezing.
  public TrainingPlan withFreezing(Freezing frozen) {
    return changed(draft -> draft.freezing = frozen);
  }

  /// This plan with other times to save and to evaluate.
  public TrainingPlan withEvery(long save, long evaluate) {
    return changed(draft -> {
      draft.saveEvery = save;
      draft.evaluateEvery = evaluate;
    });
  }

  /// This plan with another number of checkpoints that are kept.
  public TrainingPlan withSaveLimit(int count) {
    return changed(draft -> draft.saveLimit = count);
  }

  /// This plan with another way to choose the best model and to end.
  public TrainingPlan withChoice(Choice way) {
    return changed(draft -> draft.choice = way);
  }

  /// This plan with forwards that are halved where they find no memory, or not.
  public TrainingPlan withAutoBatch(boolean on) {
    return changed(draft -> draft.autoBatch = on);
  }

  /// This plan with another padding token.
  public TrainingPlan withPad(int id) {
    return changed(draft -> draft.pad = id);
  }

  /// This plan with other pools.
  public TrainingPlan withPoolBatches(int batches) {
    return changed(draft -> draft.poolBatches = batches);
  }

  /// What decides the numbers of each step: all but how long the run is, how often it saves and how much it keeps.
  String numbers() {
    return changed(
            draft -> {
              draft.steps = 1;
              draft.saveEvery = 1;
              draft.saveLimit = 1;
              draft.choice = choice.withPatience(OptionalInt.empty());
              draft.update = update.withFused(false); // the same bits
            })
        .toString()
        .replace(", fused=false", ""); // as runs before it was there
  }

  private TrainingPlan changed(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.plan();
  }

  /// The components of a plan while one of them is changed.
  private static final class Draft {
    private long steps;
    private int batchSize;
    private int accumulation;
    private int poolBatches;
    private final LearningRate rate;
    private UpdateRule update;
    private Optimizer.Options optimizer;
    private double clip;
    private Freezing freezing;
    private final long seed;
    private int pad;
    private long saveEvery;
    private long evaluateEvery;
    private int saveLimit;
    private Choice choice;
    private boolean autoBatch;

    Draft(TrainingPlan plan) {
      steps = plan.steps;
      batchSize = plan.batchSize;
      accumulation = plan.accumulation;
      poolBatches = plan.poolBatches;
      rate = plan.rate;
      update = plan.update;
      optimizer = plan.optimizer;
      clip = plan.clip;
      freezing = plan.freezing;
      seed = plan.seed;
      pad = plan.pad;
      saveEvery = plan.saveEvery;
      evaluateEvery = plan.evaluateEvery;
      saveLimit = plan.saveLimit;
      choice = plan.choice;
      autoBatch = plan.autoBatch;
    }

    TrainingPlan plan() {
      return new TrainingPlan(
          steps,
          batchSize,
          accumulation,
          poolBatches,
          rate,
          update,
          optimizer,
          clip,
          freezing,
          seed,
          pad,
          saveEvery,
          evaluateEvery,
          saveLimit,
          choice,
          autoBatch);
    }
  }

  /// Steps that make about a minute of work, computed from sizes alone so that it never depends on the
  /// machine or the clock: at 6 operations a parameter and token and 40 GFLOP/s.
  ///
  /// @param parameters of the model
  /// @param tokensPerStep tokens of a step at most
  public static long minuteOfSteps(long parameters, long tokensPerStep) {
    double operations = 6.0 * Math.max(1, parameters) * Math.max(1, tokensPerStep);
    return Math.max(1, (long) (60 * 40e9 / operations));
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is at least 1, not " + value);
    }
  }
}
