/// The demo's task: naming Java methods. Here are its sources of code, the methods in them, the
/// split by class, the rivals that a trained model has to beat, and a second task on the same code.
///
/// Start at [dev.quintet.app.demo.MethodParser]. Scores are in
/// [dev.quintet.trainer.metric], the training loop is elsewhere.
@NullMarked
package dev.quintet.app.demo;

import org.jspecify.annotations.NullMarked;
