package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// Lion (Chen et al., arXiv 2302.06675): every element goes by the rate, in the direction of a momentum's sign.
///
/// A rate of a third to a tenth of [AdamW]'s is usual, with 3 to 10 times its weight decay. Its state is `NAME.first`, half of AdamW's.
public final class Lion extends TensorOptimizer {
  private static final String FIRST = "first";

  private final Options options;

  /// An optimizer without state.
  public Lion(Options options) {
    this.options = options;
  }

  @Override
  List<String> moments() {
    return List.of(FIRST);
  }

  @Override
  void update(Parts parts, Step step) {
    float rate = (float) step.rate();
    parts.each(part -> {
      Tensor gradient = part.gradient();
      Tensor first = part.moment(FIRST);
      Tensor mixed = mixed(first, gradient, options.beta1);
      Tensor up = mixed.gt(0).cast(gradient.type());
      Tensor sign = up.subtract(mixed.lt(0).cast(gradient.type()));
      Tensor kept = part.value().multiply((float) (1 - step.rate() * step.decay()));
      part.value(kept.subtract(sign.multiply(rate)));
      part.moment(FIRST, mixed(first, gradient, options.beta2));
    });
  }

  private static Tensor mixed(Tensor first, Tensor gradient, double beta) {
    return first.multiply((float) beta).add(gradient.multiply((float) (1 - beta)));
  }

  /// The constants.
  ///
  /// @param beta1 how much of the momentum goes into a step's direction, from 0 to below 1
  /// @param beta2 decay of the momentum, from 0 to below 1
  public record Options(double beta1, double beta2) implements Optimizer.Options {
    /// The paper's 0.9 and 0.99.
    public static final Options DEFAULT = new Options(0.9, 0.99);

    /// Checks the constants.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      Constants.betas("Lion", beta1, beta2);
    }

    @Override
    public Optimizer create() {
      return new Lion(this);
    }

    @Override
    public double defaultDecay() {
      return 0.03;
    }
  }
}
