package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// LAMB (You et al., arXiv 1904.00962, algorithm 2), for large batches: a step of Adam is scaled by the parameter's norm over its own.
///
/// What does not decay is not scaled, as in NVIDIA's and timm's. It clips nothing: [Updates] does. Its state is `NAME.first` and `NAME.second`.
public final class Lamb extends TensorOptimizer {
  private static final String FIRST = "first";
  private static final String SECOND = "second";

  private final Options options;

  /// An optimizer without state.
  public Lamb(Options options) {
    this.options = options;
  }

  @Override
  List<String> moments() {
    return List.of(FIRST, SECOND);
  }

  @Override
  void update(Parts parts, Step step) {
    boolean adapts = step.decay() != 0 || options.alwaysAdapt;
    double[] norm = new double[1];
    parts.each(part -> {
      remember(part);
      if (adapts) {
        norm[0] += squares(direction(part, step));
      }
    });
    double ratio = adapts ? ratio(Math.sqrt(squares(parts.value())), Math.sqrt(norm[0])) : 1;
    float by = (float) (step.rate() * ratio);
    parts.each(part -> part.value(part.value().subtract(direction(part, step).multiply(by))));
  }

  private double ratio(double value, double direction) {
    double ratio = value > 0 && direction > 0 ? value / direction : 1;
    return options.trustClip ? Math.min(1, ratio) : ratio;
  }

  private void remember(Part part) {
    Tensor gradient = part.gradient();
    part.moment(
        FIRST,
        part.moment(FIRST)
            .multiply((float) options.beta1)
            .add(gradient.multiply((float) (1 - options.beta1))));
    part.moment(
        SECOND,
        part.moment(SECOND)
            .multiply((float) options.beta2)
            .add(gradient.square().multiply((float) (1 - options.beta2))));
  }

  private Tensor direction(Part part, Step step) {
    int t = step.count();
    double first = options.biasCorrection ? Constants.correction(options.beta1, t) : 1;
    double second = options.biasCorrection ? Constants.correction(options.beta2, t) : 1;
    Tensor root = part.moment(SECOND).sqrt().multiply((float) (1 / Math.sqrt(second)));
    Tensor adam =
        part.moment(FIRST).multiply((float) (1 / first)).divide(root.add((float) options.epsilon));
    return step.decay() == 0 ? adam : adam.add(part.value().multiply((float) step.decay()));
  }

  /// The constants.
  ///
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param epsilon added to the root of the second moment
  /// @param biasCorrection whether moments are corrected for having begun at 0
  /// @param alwaysAdapt whether what does not decay is scaled too
  /// @param trustClip whether the scale is at most 1
  public record Options(
      double beta1,
      double beta2,
      double epsilon,
      boolean biasCorrection,
      boolean alwaysAdapt,
      boolean trustClip)
      implements Optimizer.Options {
    /// The paper's 0.9, 0.999 and 1e-6, with bias correction.
    public static final Options DEFAULT = new Options(0.9, 0.999, 1e-6, true, false, false);

    /// Checks the constants.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      Constants.betas("LAMB", beta1, beta2);
      Constants.check("LAMB", "eps", epsilon >= 0, epsilon);
    }

    @Override
    public Optimizer create() {
      return new Lamb(this);
    }

    @Override
    public double defaultDecay() {
      return 0.01;
    }
  }
}
