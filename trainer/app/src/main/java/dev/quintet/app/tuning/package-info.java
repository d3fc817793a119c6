/// Delta tuning compared: ways to tune one base, over several tasks and seeds, by score, size, memory, time and convergence,
/// and what an adapter of one task is worth as the start for another.
///
/// Start at [dev.quintet.app.tuning.Design] and [dev.quintet.app.tuning.Comparison]. The experiment is that of Ding and others,
/// "Parameter-efficient fine-tuning of large-scale pre-trained language models", Nature Machine Intelligence 5 (2023).
@NullMarked
package dev.quintet.app.tuning;

import org.jspecify.annotations.NullMarked;
