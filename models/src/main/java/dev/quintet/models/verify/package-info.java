/// Recomputes what a reference has recorded on a small model, and compares.
///
/// Start at [Verification]. There is one [Check] for each kind of recording; trajectories of optimizers are compared in
/// the trainer, which has the optimizers.
@NullMarked
package dev.quintet.models.verify;

import org.jspecify.annotations.NullMarked;
