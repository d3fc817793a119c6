package dev.quintet.app.cli;

import dev.quintet.app.cli.LossPlot.Point;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Draws the loss when training ends, from its log, so that a resumed run shows all of its course.
final class LossPicture implements TrainingListener {
  private final String title;
  private final Path log;
  private final Path png;
  private long stepsPerEpoch;

  /// @param log JSON lines, complete when training has ended
  LossPicture(String title, Path log, Path png) {
    this.title = title;
    this.log = log;
    this.png = png;
  }

  @Override
  public List<Path> writes() {
    return List.of(png);
  }

  @Override
  public void started(TrainingStart start) {
    stepsPerEpoch = start.stepsPerEpoch();
  }

  @Override
  public void finished(TrainingResult result) {
    if (result.stopped()) {
      return; // AWT does not start while the program ends
    }
    var training = new ArrayList<Point>();
    var validation = new ArrayList<Point>();
    try {
      for (String line : Files.readAllLines(log)) {
        JsonObject entry = JsonObject.parse(log.toString(), line);
        boolean evaluated = entry.has("best"); // a loss that is not finite is null
        double step = entry.required("step", JsonObject::number);
        double loss = entry.number(evaluated ? "validation_loss" : "loss").orElse(Double.NaN);
        (evaluated ? validation : training).add(new Point(step, loss));
      }
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("no picture of the loss: " + e);
      return;
    }
    new LossPlot(title, training, validation, stepsPerEpoch, result.bestStep())
        .write(png)
        .ifPresent(System.err::println);
  }
}
