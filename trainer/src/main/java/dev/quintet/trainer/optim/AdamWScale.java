package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Tensor;
import java.util.List;

/// AdamW whose rate is multiplied by the parameter's root mean square, as Adafactor's is: nanoT5's `AdamWScale` (Nawrot, 2023).
///
/// Its state is `NAME.first` and `NAME.second`.
public final class AdamWScale extends TensorOptimizer {
  private static final String FIRST = "first";
  private static final String SECOND = "second";
  private static final double LEAST_SCALE = 1e-3;

  private final Options options;

  /// An optimizer without state.
  public AdamWScale(Options options) {
    this.options = options;
  }

  @Override
  List<String> moments() {
    return List.of(FIRST, SECOND);
  }

  @Override
  void update(Parts parts, Step step) {
    Tensor whole = parts.value();
    double size = Math.sqrt(squares(whole) / whole.elements());
    double rate = step.rate() * Math.max(LEAST_SCALE, size);
    if (options.biasCorrection) {
      rate *=
          Math.sqrt(Constants.correction(options.beta2, step.count()))
              / Constants.correction(options.beta1, step.count());
    }
    float by = (float) rate;
    // it is the new parameter that decays
    float keep = (float) (1 - step.rate() * step.decay());
    parts.each(part -> {
      Tensor gradient = part.gradient();
      Tensor first =
          part.moment(
              FIRST,
              part.moment(FIRST)
                  .multiply((float) options.beta1)
                  .add(gradient.multiply((float) (1 - options.beta1))));
      Tensor second =
          part.moment(
              SECOND,
              part.moment(SECOND)
                  .multiply((float) options.beta2)
                  .add(gradient.square().multiply((float) (1 - options.beta2))));
      Tensor direction = first.divide(second.sqrt().add((float) options.epsilon));
      part.value(part.value().subtract(direction.multiply(by)).multiply(keep));
    });
  }

  /// The constants.
  ///
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param epsilon added to the root of the second moment
  /// @param biasCorrection whether the rate is corrected for moments that began at 0
  public record Options(double beta1, double beta2, double epsilon, boolean biasCorrection)
      implements Optimizer.Options {
    /// 0.9, 0.999 and 1e-6, with bias correction.
    public static final Options DEFAULT = new Options(0.9, 0.999, 1e-6, true);

    /// Checks the constants.
    ///
    /// @throws IllegalArgumentException that names the one that is wrong
    public Options {
      Constants.betas("AdamWScale", beta1, beta2);
      Constants.check("AdamWScale", "eps", epsilon >= 0, epsilon);
    }

    @Override
    public Optimizer create() {
      return new AdamWScale(this);
    }
  }
}
