package dev.quintet.app.demo;

import dev.quintet.trainer.loop.TrainingListener;
import java.nio.file.Path;
import java.util.List;

/// Shows nothing of a demo.
public record Silent() implements DemoListener {
  @Override
  public void phase(String title) {}

  @Override
  public void skipped(String title) {}

  @Override
  public void note(String text) {}

  @Override
  public void progress(long done, long total) {}

  @Override
  public void ended(double seconds) {}

  @Override
  public void result(String text) {}

  @Override
  public List<TrainingListener> training(String title, Path log, Path plot) {
    return List.of();
  }
}
