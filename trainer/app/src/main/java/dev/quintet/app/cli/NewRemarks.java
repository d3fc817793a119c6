package dev.quintet.app.cli;

import dev.quintet.trainer.loop.TrainingData;
import dev.quintet.trainer.loop.TrainingListener;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Says on standard error what a training's data gives reason to say, such as how much is cut: once where several trainings
/// have the same data.
final class NewRemarks implements TrainingListener {
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  @Override
  public void prepared(TrainingData data) {
    data.remarks().forEach(this::say);
  }

  /// Says a line that was not said before.
  void say(String line) {
    if (said.add(line)) {
      System.err.println(line);
    }
  }
}
