package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Muon (Jordan, 2024): a matrix goes in the direction of its momentum made nearly orthogonal by five Newton-Schulz iterations.
///
/// That is for matrices of blocks; embeddings, heads, bias tables and norms go by [AdamW]. Iterations are in
/// float32, where PyTorch's are in bfloat16. Its state is `NAME.momentum`, or AdamW's.
public final class Muon implements Optimizer {
  private static final String MOMENTUM = "momentum";
  private static final float LEAST_NORM = 1e-7f;
  private static final float[] POLYNOMIAL = {3.4445f, -4.775f, 2.0315f};
  private static final int ITERATIONS = 5;

  private final Options options;
  private final Moments moments = new Moments();
  private final AdamW others;

  /// An optimizer without state.
  public Muon(Options options) {
    this.options = options;
    this.others = new AdamW(options.others);
  }

  /// Whether a parameter is a matrix of a block, and so not left to AdamW.
  ///
  /// @param name the parameter's canonical name
  /// @param parameter the parameter
  public static boolean takes(String name, Parameter parameter) {
    return parameter.shape().rank() == 2
        && name.contains(".block.")
        && !name.contains("relative_attention_bias");
  }

  @Override
  public void update(String name, Parameter parameter, Tensor gradient, Step step) {
    if (!takes(name, parameter)) {
      double rate = step.rate() * options.othersShare;
      others.update(name, parameter, gradient, new Step(rate, step.decay(), step.count()));
      return;
    }
    Moments.Of mine = moments.of(name, parameter, Map.of(MOMENTUM, parameter.shape()));
    float keep = (float) options.momentum;
    float join = (float) (1 - options.momentum);
    Tensor momentum = mine.get(MOMENTUM).multiply(keep).add(gradient.multiply(join));
    mine.get(MOMENTUM).set(momentum);
    Tensor direction =
        options.nesterov ? gradient.multiply(join).add(momentum.multiply(keep)) : momentum;
    float by =
        (float)
            (step.rate()
                * options.adjust.scale(parameter.shape().dim(0), parameter.shape().dim(1)));
    Tensor kept = mine.value().multiply((float) (1 - step.rate() * step.decay()));
    mine.value().set(kept.subtract(orthogonal(direction).multiply(by)));
    mine.round();
  }

  private static Tensor orthogonal(Tensor direction) {
    boolean tall = direction.shape().dim(0) > direction.shape().dim(1);
    float norm = (float) Math.sqrt(TensorOptimizer.squares(direction));
    Tensor scaled = direction.divide(Math.max(norm, LEAST_NORM));
    Tensor x = tall ? scaled.transpose(0, 1) : scaled;
    for (int i = 0; i < ITERATIONS; i++) {
      Tensor a = x.matmulTransposed(x);
      Tensor b = a.multiply(POLYNOMIAL[1]).add(a.matmul(a).multiply(POLYNOMIAL[2]));
      x = x.multiply(POLYNOMIAL[0]).add(b.matmul(x));
    }
    return tall ? x.transpose(0, 1) : x;
  }

  @Override
  public Map<String, Parameter> state() {
    var state = new LinkedHashMap<>(moments.all());
    state.putAll(others.state());
    return state;
  }

  @Override
  public void restore(String name, Parameter parameter) {
    if (takes(name, parameter)) {
      moments.restore(name, parameter, Map.of(MOMENTUM, parameter.shape()));
    } else {
      others.restore(name, parameter);
    }
  }

  @Override
  public void close() {
    moments.close();
    others.close();
  }

  /// How a step's length follows a matrix's size.
  public enum Adjust {
    /// By the root of max(1, rows / columns).
    ORIGINAL,
    /// By 0.2 times the root of the greater of rows and columns, so that steps are as long as AdamW's (Liu et al., arXiv
    /// 2502.16982).
    MATCH_RMS_ADAMW;

    double scale(double rows, double columns) {
      return switch (this) {
        case ORIGINAL -> Math.sqrt(Math.max(1, rows / columns));
        case MATCH_RMS_ADAMW -> 0.2 * Math.sqrt(Math.max(rows, columns));
      };
    }
  }

  /// The constants.
  ///
  /// @param momentum decay of the momentum
  /// @param nesterov whether a step looks ahead by the momentum
  /// @param adjust how a step's length follows a matrix's size
  /// @param others AdamW's constants, for what is no matrix of a block
  /// @param othersShare AdamW's rate as a share of the rate
  public record Options(
      double momentum, boolean nesterov, Adjust adjust, AdamW.Options others, double othersShare)
      implements Optimizer.Options {
    /// PyTorch's: momentum 0.95, looking ahead, the original length; and AdamW at the same rate.
    public static final Options DEFAULT =
        new Options(0.95, true, Adjust.ORIGINAL, AdamW.Options.DEFAULT, 1);

    /// Checks the constants.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      Constants.check("Muon", "momentum", momentum >= 0 && momentum < 1, momentum);
      Constants.check(
          "Muon",
          "adamw_share",
          othersShare >= 0 && othersShare < Double.POSITIVE_INFINITY,
          othersShare);
    }

    @Override
    public Optimizer create() {
      return new Muon(this);
    }

    @Override
    public double defaultDecay() {
      return 0.1;
    }
  }
}
