/// The training loop: steps, evaluation, checkpoints, resuming. Start at [TrainingLoop]; it reads from
/// top to bottom as a step goes.
///
/// What is trained comes in as a [Learner], the data as
/// [Examples][dev.quintet.trainer.data.Examples]; what people see of it (progress bar, log, plot) hangs on
/// [TrainingListener]s. Who takes part is a
/// [TrainingCallback]; `Selection` keeps the best model and ends a run, `Exam` has a model answer at an evaluation, `TestPart`
/// scores the best one once. `CheckpointStore` says what a checkpoint holds, `RunRecord` to which run a folder belongs.
@NullMarked
package dev.quintet.trainer.loop;

import org.jspecify.annotations.NullMarked;
