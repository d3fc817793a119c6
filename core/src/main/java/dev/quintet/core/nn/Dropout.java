package dev.quintet.core.nn;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.random.Site;
import dev.quintet.core.tensor.Tensor;

/// Dropout at one place of a model; what it drops is a function of the run, the place's path and the element.
public final class Dropout extends Module implements Layer {
  private float probability;

  /// A dropout.
  ///
  /// @param probability how likely an element is dropped, from 0 to below 1
  /// @throws IllegalArgumentException if it is not
  public Dropout(float probability) {
    this.probability = checked(probability);
  }

  private static float checked(float probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "a dropout probability is from 0 to below 1, not " + probability);
    }
    return probability;
  }

  /// How likely an element is dropped in training.
  public float probability() {
    return probability;
  }

  /// Sets how likely an element is dropped.
  ///
  /// @throws IllegalArgumentException if it is not from 0 to below 1
  public void probability(float next) {
    probability = checked(next);
  }

  /// What is dropped in this run; the site is a hash of this module's path.
  public DropoutMask mask(Pass pass) {
    return pass.training() && probability > 0
        ? pass.mask(probability, Site.of(path()))
        : DropoutMask.NONE;
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return x.dropout(mask(pass));
  }

  @Override
  public boolean perToken() {
    return true;
  }

  /// x + dropout(branch), as one operation.
  public Tensor residual(Tensor x, Tensor branch, Pass pass) {
    return x.residual(branch, mask(pass));
  }
}
