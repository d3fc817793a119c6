package dev.quintet.app.cli;

import dev.quintet.app.cli.LossPlot.Point;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingResult;
import dev.quintet.trainer.loop.TrainingStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Draws the loss when training ends, from its log, so that a resumed run shows all of its course.
final class LossPicture implements TrainingListener {
  private static final JsonMapper JSON = JsonMapper.builder().build();

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
        JsonNode entry = JSON.readTree(line);
        double step = entry.path("step").asDouble(0);
        if (entry.has("validation_loss")) {
          validation.add(new Point(step, entry.path("validation_loss").asDouble(Double.NaN)));
        } else {
          training.add(new Point(step, entry.path("loss").asDouble(Double.NaN)));
        }
      }
    } catch (IOException | JacksonException e) {
      System.err.println("no picture of the loss: " + e);
      return;
    }
    new LossPlot(title, training, validation, stepsPerEpoch, result.bestStep())
        .write(png)
        .ifPresent(System.err::println);
  }
}
