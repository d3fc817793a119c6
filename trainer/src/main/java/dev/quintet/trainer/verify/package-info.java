/// Recomputes recorded trajectories of training and compares. Start at [TrainingCheck].
///
/// Forward, backward and generation are compared in `dev.quintet.models.verify`, which also has the table.
@NullMarked
package dev.quintet.trainer.verify;

import org.jspecify.annotations.NullMarked;
