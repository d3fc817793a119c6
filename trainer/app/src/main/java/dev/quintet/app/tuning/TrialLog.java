package dev.quintet.app.tuning;

import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a training's log says of its course. A training that was cut short and resumed has the same steps in it as one left
/// alone.
///
/// @param curve its evaluations
/// @param stepSeconds what a step took, the median
/// @param peakBytes the most bytes that were in use at one time; 0 where the log does not say it
public record TrialLog(List<Point> curve, double stepSeconds, long peakBytes) {

  /// Copies the list.
  public TrialLog {
    curve = List.copyOf(curve);
  }

  /// Reads a log.
  ///
  /// @param file `log.jsonl` of a training's folder
  /// @param score the name of the score that counts
  public static TrialLog read(Path file, String score) {
    var curve = new ArrayList<Point>();
    var steps = new ArrayList<Double>();
    double seconds = 0;
    long peak = 0;
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.endsWith("}")) {
          continue; // cut off when the process was killed
        }
        JsonObject entry = JsonObject.parse(file.toString(), line);
        if (entry.has("best")) {
          curve.add(
              new Point(
                  entry.required("step", JsonObject::whole),
                  seconds,
                  entry.number("validation_loss").orElse(Double.NaN),
                  entry.object("scores").flatMap(all -> all.number(score)).orElse(Double.NaN)));
        } else if (entry.has("rate")) {
          double step = entry.number("seconds").orElse(0.0);
          seconds += step;
          steps.add(step);
          peak = Math.max(peak, entry.whole("memory").orElse(0L));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
    steps.sort(Double::compare);
    return new TrialLog(curve, steps.isEmpty() ? Double.NaN : steps.get(steps.size() / 2), peak);
  }
}
