package dev.quintet.app.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The course of a training as a picture: training loss, and validation loss where it was measured; where epochs end, and
/// which model was kept.
///
/// @param title what stands above it
/// @param training loss by step, ascending
/// @param validation loss by step, ascending; may be empty
/// @param stepsPerEpoch steps of one pass over the data; 0 marks none
/// @param bestStep after which step the model was kept as the best; negative marks none
public record LossPlot(
    String title, List<Point> training, List<Point> validation, long stepsPerEpoch, long bestStep) {
  /// More points than this are averaged: the picture has no room for more.
  private static final int MAX_POINTS = 400;

  private static final int MAX_EPOCHS = 60;

  /// A plot without marks.
  public LossPlot(String title, List<Point> training, List<Point> validation) {
    this(title, training, validation, 0, -1);
  }

  /// A loss at a step.
  ///
  /// @param step optimizer steps done
  /// @param loss mean cross entropy of a label token, in nats
  public record Point(double step, double loss) {}

  /// Copies the lists; losses that are not finite have no place in a picture and are left out.
  public LossPlot {
    training = finite(training);
    validation = finite(validation);
  }

  /// Writes the picture as a PNG file, 1000 by 600 pixels, without needing a screen.
  ///
  /// Losing a picture is no reason to lose a run: where it cannot be drawn (a Java without
  /// `java.desktop`, a machine without fonts, nothing to draw, a full disk) the reason comes back.
  ///
  /// @return why there is no picture; empty when there is one
  public Optional<String> write(Path png) {
    if (training.isEmpty() && validation.isEmpty()) {
      return Optional.of("no losses to draw");
    }
    try {
      LossChart.write(this, png);
      return Optional.empty();
    } catch (Exception | LinkageError e) {
      return Optional.of("no picture of the loss: " + e);
    }
  }

  /// Over how many steps a point of the training loss is the mean.
  int averaged() {
    return Math.max(1, (training.size() + MAX_POINTS - 1) / MAX_POINTS);
  }

  /// The steps at which epochs end, as many as can be told apart.
  List<Double> epochs() {
    double last = training.isEmpty() ? 0 : training.getLast().step();
    if (stepsPerEpoch < 1 || last / stepsPerEpoch > MAX_EPOCHS) {
      return List.of();
    }
    var ends = new ArrayList<Double>();
    for (double end = stepsPerEpoch; end < last; end += stepsPerEpoch) {
      ends.add(end);
    }
    return ends;
  }

  /// The loss of the model that was kept, if it was measured.
  Optional<Point> best() {
    return validation.stream().filter(point -> point.step() == bestStep).findFirst();
  }

  /// The training loss in at most 400 points, each the mean over [#averaged] steps.
  List<Point> smoothed() {
    int width = averaged();
    var points = new ArrayList<Point>();
    for (int start = 0; start < training.size(); start += width) {
      var part = training.subList(start, Math.min(training.size(), start + width));
      double step = part.stream().mapToDouble(Point::step).average().orElseThrow();
      double loss = part.stream().mapToDouble(Point::loss).average().orElseThrow();
      points.add(new Point(step, loss));
    }
    return points;
  }

  private static List<Point> finite(List<Point> points) {
    return points.stream()
        .filter(point -> Double.isFinite(point.loss()) && Double.isFinite(point.step()))
        .toList();
  }
}
