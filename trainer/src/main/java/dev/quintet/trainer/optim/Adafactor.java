package dev.quintet.trainer.optim;

import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Adafactor (Shazeer and Stern, arXiv 1804.04235): for a matrix it remembers the mean squares of rows and columns alone.
///
/// [Options] has it in transformers' forms, with a given rate or with one of its own, and in t5x's.
public final class Adafactor implements Optimizer {
  private final Options options;
  private final SortedMap<String, Moments> moments = new TreeMap<>();

  /// An optimizer without state.
  public Adafactor(Options options) {
    this.options = options;
  }

  /// Updates one parameter from its gradient.
  ///
  /// @param name the parameter's canonical name
  /// @param parameter the parameter, which has a gradient
  /// @param rate the learning rate; with [Options#relativeStep] what its own rate is multiplied by
  /// @param decay weight decay
  /// @param gradientScale address of the factor of all gradients, or 0
  @Override
  public void update(
      String name, Parameter parameter, double rate, double decay, long gradientScale) {
    Moments state = moments.computeIfAbsent(name, n -> Moments.of(options, parameter));
    state.updates++;
    var update =
        new OptimizerKernels.Adafactor(
            rate * options.ownRate(state.updates),
            options.beta1,
            1 - StrictMath.pow(state.updates, options.decayRate),
            options.epsilon,
            options.clipThreshold,
            options.scaleParameter,
            options.leastScale,
            options.mostScale,
            decay,
            options.decayByRate);
    var kernels = parameter.backend().optimizer();
    long first = state.first.map(Parameter::address).orElse(0L);
    long gradient = parameter.gradient().address();
    if (state.column.isPresent()) {
      kernels.adafactor(
          update,
          gradientScale,
          matrices(parameter.shape()),
          parameter.address(),
          gradient,
          state.second.address(),
          state.column.get().address(),
          first);
    } else {
      kernels.adafactor(
          update,
          gradientScale,
          parameter.address(),
          gradient,
          state.second.address(),
          first,
          parameter.elements());
    }
    parameter.storage().changed();
  }

  private static Matrices matrices(Shape shape) {
    int rank = shape.rank();
    return new Matrices(
        Math.toIntExact(shape.elements(0, rank - 2)), shape.dim(rank - 2), shape.dim(rank - 1));
  }

  @Override
  public Map<String, Integer> updates() {
    var counts = new LinkedHashMap<String, Integer>();
    moments.forEach((name, m) -> counts.put(name, m.updates));
    return counts;
  }

  /// The state by name: `NAME.row` and `NAME.column`, or `NAME.second`; and `NAME.first` where there is a [Options#beta1].
  @Override
  public Map<String, Parameter> state() {
    var state = new LinkedHashMap<String, Parameter>();
    moments.forEach((name, m) -> {
      state.put(name + (m.column.isPresent() ? ".row" : ".second"), m.second);
      m.column.ifPresent(column -> state.put(name + ".column", column));
      m.first.ifPresent(first -> state.put(name + ".first", first));
    });
    return state;
  }

  @Override
  public void restore(String name, Parameter parameter, int updates) {
    Moments state = Moments.of(options, parameter);
    state.updates = updates;
    Moments old = moments.put(name, state);
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    moments.values().forEach(Moments::close);
    moments.clear();
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

    private double ownRate(int t) {
      if (!relativeStep) {
        return 1;
      }
      return Math.min(warmupInit ? 1e-6 * t : 1e-2, 1 / Math.sqrt(t));
    }

    private boolean factors(Shape shape) {
      int rank = shape.rank();
      return rank >= 2
          && Math.min(shape.dim(rank - 2), shape.dim(rank - 1)) >= Math.max(1, leastFactored);
    }
  }

  private static final class Moments {
    private final Parameter second; // the rows' means where there are columns
    private final Optional<Parameter> column;
    private final Optional<Parameter> first;
    private int updates;

    private Moments(Parameter second, Optional<Parameter> column, Optional<Parameter> first) {
      this.second = second;
      this.column = column;
      this.first = first;
    }

    static Moments of(Options options, Parameter parameter) {
      Shape shape = parameter.shape();
      int rank = shape.rank();
      boolean factored = options.factors(shape);
      return new Moments(
          zeros(factored ? shape.without(rank - 1) : shape, parameter),
          factored ? Optional.of(zeros(shape.without(rank - 2), parameter)) : Optional.empty(),
          options.beta1 > 0 ? Optional.of(zeros(shape, parameter)) : Optional.empty());
    }

    private static Parameter zeros(Shape shape, Parameter like) {
      Parameter zeros = Parameter.full(shape, 0, like.device());
      zeros.train(false);
      return zeros;
    }

    void close() {
      second.close();
      column.ifPresent(Parameter::close);
      first.ifPresent(Parameter::close);
    }
  }
}
