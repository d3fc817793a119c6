/// What a training step and a decoded token would take on a chip that need not be there: the commands are counted on a
/// device that computes nothing, and each one's time follows from how fast kernels of its kind run on such a chip.
///
/// Start at [dev.quintet.app.estimate.Estimate], which does the sum; the figures it rests on, with their sources, are in
/// [dev.quintet.app.estimate.SpeedTable] and [dev.quintet.app.estimate.Chip], and what is measured takes their place by
/// [dev.quintet.app.estimate.MeasuredSpeeds]. Counting is [dev.quintet.core.instrument.Dry]'s.
@NullMarked
package dev.quintet.app.estimate;

import org.jspecify.annotations.NullMarked;
