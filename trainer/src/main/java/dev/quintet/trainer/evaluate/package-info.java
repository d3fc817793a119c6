/// Models that answer, and what their answers are worth. Start at [Scored], which puts metrics to predictions; an
/// [Answerer] is how answers are found: generated, ranked among labels, or read off a head. [Baselines] is what has to be
/// beaten, and [ErrorAnalysis] says where a model is wrong.
///
/// The metrics themselves are in `dev.quintet.trainer.metric`; when a run evaluates is for `dev.quintet.trainer.loop` to say.
@NullMarked
package dev.quintet.trainer.evaluate;

import org.jspecify.annotations.NullMarked;
