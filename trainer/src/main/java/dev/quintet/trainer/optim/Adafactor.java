package dev.quintet.trainer.optim;

import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.OwnRate;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/// Adafactor (Shazeer and Stern, arXiv 1804.04235): for a matrix it remembers the mean squares of rows and columns alone.
///
/// [Options] has it in transformers' forms, with a given rate or with one of its own, and in t5x's.
///
/// Its state is `NAME.row` and `NAME.column`, or `NAME.second`; and `NAME.first` where there is a [Options#beta1].
public final class Adafactor extends TableOptimizer {
  private final Options options;

  /// An optimizer without state.
  public Adafactor(Options options) {
    super(DType.F32);
    this.options = options;
  }

  @Override
  Map<String, Shape> moments(Shape shape) {
    var moments = new LinkedHashMap<String, Shape>();
    if (options.factors(shape)) {
      moments.put("row", shape.without(-1));
      moments.put("column", shape.without(-2));
    } else {
      moments.put("second", shape);
    }
    if (options.beta1 > 0) {
      moments.put("first", shape);
    }
    return moments;
  }

  @Override
  void update(OptimizerKernels kernels, RunState state, Spans spans) {
    kernels.adafactor(options.constants(), state, spans);
  }

  /// Adafactor's constants.
  ///
  /// @param scaleParameter whether the rate is multiplied by the root mean square of the parameter
  /// @param relativeStep whether it has a rate of its own, at step t the lesser of 0.01 and 1 / sqrt(t)
  /// @param warmupInit whether that is the lesser of t / 10^6 and 1 / sqrt(t)
  /// @param epsilon added to every squared gradient
  /// @param leastScale the least root mean square of a parameter that counts
  /// @param mostScale the greatest one; infinite for no limit
  /// @param clipThreshold the root mean square of a step beyond which it is scaled down
  /// @param decayRate exponent c: the second moment decays by 1 - t^c
  /// @param beta1 decay of the first moment; 0 for none, which saves its memory
  /// @param leastFactored the least number of rows and of columns with which a matrix is factored
  /// @param decayByRate whether weight decay is multiplied by the rate
  public record Options(
      boolean scaleParameter,
      boolean relativeStep,
      boolean warmupInit,
      double epsilon,
      double leastScale,
      double mostScale,
      double clipThreshold,
      double decayRate,
      double beta1,
      int leastFactored,
      boolean decayByRate)
      implements Optimizer.Options {

    /// With a given rate, as Hugging Face's Trainer sets it up.
    public static final Options GIVEN_RATE = transformers(false, false, false);

    /// With a rate of its own, as transformers' `Adafactor` has it where nothing is said.
    public static final Options RELATIVE = transformers(true, true, false);

    /// As t5x has it: a given rate, multiplied by the parameter's root mean square; only matrices of at least 128 rows and
    /// columns are factored; weight decay is not multiplied by the rate.
    public static final Options T5X =
        new Options(
            true, false, false, 1e-30, 1e-3, Double.POSITIVE_INFINITY, 1, -0.8, 0, 128, false);

    /// Checks the constants.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      if (warmupInit && !relativeStep) {
        throw new IllegalArgumentException("Adafactor: warmup_init needs relative_step");
      }
      check("epsilon", epsilon >= 0, epsilon);
      check("the least scale", leastScale >= 0, leastScale);
      check("the greatest scale", mostScale >= leastScale, mostScale);
      check("clip_threshold", clipThreshold > 0, clipThreshold);
      check("decay_rate", decayRate < 0, decayRate);
      check("beta1", beta1 >= 0 && beta1 < 1, beta1);
    }

    private static void check(String name, boolean fine, double value) {
      if (!fine) {
        throw new IllegalArgumentException("Adafactor: " + name + " cannot be " + value);
      }
    }

    /// Transformers' form.
    ///
    /// @param scale `scale_parameter`
    /// @param relative `relative_step`
    /// @param warmup `warmup_init`
    public static Options transformers(boolean scale, boolean relative, boolean warmup) {
      return new Options(
          scale, relative, warmup, 1e-30, 1e-3, Double.POSITIVE_INFINITY, 1, -0.8, 0, 1, true);
    }

    /// These constants with a first moment.
    public Options withBeta1(double decay) {
      return new Options(
          scaleParameter,
          relativeStep,
          warmupInit,
          epsilon,
          leastScale,
          mostScale,
          clipThreshold,
          decayRate,
          decay,
          leastFactored,
          decayByRate);
    }

    @Override
    public Optimizer create() {
      return new Adafactor(this);
    }

    @Override
    public boolean ownRate() {
      return relativeStep;
    }

    private OptimizerKernels.Adafactor constants() {
      return new OptimizerKernels.Adafactor(
          new OptimizerKernels.Scale(scaleParameter, leastScale, mostScale),
          warmupInit ? OwnRate.WARMING_UP : relativeStep ? OwnRate.RELATIVE : OwnRate.GIVEN,
          beta1,
          decayRate,
          epsilon,
          clipThreshold,
          decayByRate);
    }

    private boolean factors(Shape shape) {
      int rank = shape.rank();
      return rank >= 2
          && Math.min(shape.dim(rank - 2), shape.dim(rank - 1)) >= Math.max(1, leastFactored);
    }
  }
}
