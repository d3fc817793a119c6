package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoListener;
import dev.quintet.trainer.loop.TrainingListener;

/// Shows how many steps of a training are done.
///
/// @param show shows it
record StepProgress(DemoListener show) implements TrainingListener {

  @Override
  public void stepped(StepReport report) {
    show.progress(report.step(), report.steps());
  }
}
