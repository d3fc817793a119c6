package dev.quintet.core.cpu.scalar;

import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Step;

/// The numbers of one update by AdamW, computed in float64.
///
/// @param scale of the gradient
/// @param keep of the parameter
/// @param beta1 of the first moment
/// @param rest1 what is missing from it to 1
/// @param beta2 of the second moment
/// @param rest2 what is missing from it to 1
/// @param root of the second moment's root
/// @param epsilon added to it
/// @param rate of the step
record AdamWFactors(
    float scale,
    float keep,
    float beta1,
    float rest1,
    float beta2,
    float rest2,
    float root,
    float epsilon,
    float rate) {

  static AdamWFactors of(AdamW u, Step step) {
    float given = (float) step.rate();
    return new AdamWFactors(
        step.scale(),
        (float) (1 - (double) given * (float) step.decay()),
        u.beta1(),
        (float) (1 - (double) u.beta1()),
        u.beta2(),
        (float) (1 - (double) u.beta2()),
        (float) (1 / Math.sqrt(1 - StrictMath.pow(u.beta2(), step.count()))),
        u.epsilon(),
        (float) (given / (1 - StrictMath.pow(u.beta1(), step.count()))));
  }
}
