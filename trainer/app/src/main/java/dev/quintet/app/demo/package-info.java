/// The demo: a T5 learns to name Java methods. Here are its sources of code, the methods in them, the split by class,
/// the rivals that a trained model has to beat, and a second task on the same code.
///
/// Start at [dev.quintet.app.demo.DemoRun], which goes from phase to phase; [dev.quintet.app.demo.MethodParser] finds the
/// methods. Scores are in [dev.quintet.trainer.metric], the training loop in [dev.quintet.trainer.loop].
@NullMarked
package dev.quintet.app.demo;

import org.jspecify.annotations.NullMarked;
