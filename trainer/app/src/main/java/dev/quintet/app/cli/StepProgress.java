package dev.quintet.app.cli;

import dev.quintet.trainer.loop.TrainingListener;

/// Shows how many steps of a training are done.
///
/// @param bar takes steps done and steps in all
record StepProgress(Bar bar) implements TrainingListener {

  /// Shows how far something is.
  interface Bar {
    void show(long done, long total);
  }

  @Override
  public void stepped(StepReport report) {
    bar.show(report.step(), report.steps());
  }
}
