/// The course of a run as event files, which TensorBoard reads.
///
/// Start at [dev.quintet.trainer.events.EventLog]. Neither TensorFlow nor its protocol buffers are needed.
@NullMarked
package dev.quintet.trainer.events;

import org.jspecify.annotations.NullMarked;
