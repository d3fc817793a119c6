package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// Stochastic gradient descent with momentum, as PyTorch's `SGD` has it: weight decay is added to the gradient.
///
/// Its state is `NAME.momentum` where there is momentum.
public final class Sgd extends TensorOptimizer {
  private static final String MOMENTUM = "momentum";

  private final Options options;

  /// An optimizer without state.
  public Sgd(Options options) {
    this.options = options;
  }

  @Override
  List<String> moments() {
    return options.momentum > 0 ? List.of(MOMENTUM) : List.of();
  }

  @Override
  void update(Parts parts, Step step) {
    parts.each(part -> {
      Tensor value = part.value();
      Tensor gradient =
          step.decay() == 0
              ? part.gradient()
              : part.gradient().add(value.multiply((float) step.decay()));
      Tensor by = options.momentum > 0 ? moved(part, gradient, step) : gradient;
      part.value(value.subtract(by.multiply((float) step.rate())));
    });
  }

  /// The first momentum is the gradient itself, without dampening.
  private Tensor moved(Part part, Tensor gradient, Step step) {
    float keep = (float) options.momentum;
    Tensor momentum =
        part.moment(
            MOMENTUM,
            step.count() == 1
                ? gradient
                : part.moment(MOMENTUM)
                    .multiply(keep)
                    .add(gradient.multiply((float) (1 - options.dampening))));
    return options.nesterov ? gradient.add(momentum.multiply(keep)) : momentum;
  }

  /// The constants.
  ///
  /// @param momentum what is kept of the last steps, from 0 to below 1
  /// @param dampening what a gradient lacks when it joins the momentum, from 0 to 1
  /// @param nesterov whether a step looks ahead by the momentum
  public record Options(double momentum, double dampening, boolean nesterov)
      implements Optimizer.Options {
    /// Momentum 0.9.
    public static final Options DEFAULT = new Options(0.9, 0, false);

    /// Checks the constants.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      Constants.check("SGD", "momentum", momentum >= 0 && momentum < 1, momentum);
      Constants.check("SGD", "dampening", dampening >= 0 && dampening <= 1, dampening);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "SGD: nesterov needs a momentum above 0, and no dampening");
      }
    }

    @Override
    public Optimizer create() {
      return new Sgd(this);
    }
  }
}
