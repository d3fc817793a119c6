package dev.quintet.app.tuning;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What came of a training: a line of the journal.
///
/// @param trial which
/// @param score on the test part, of the best model; of a transfer, after its steps
/// @param before of a transfer: the score without a step
/// @param trained elements that train
/// @param parameters elements of the model, those of an adapter among them
/// @param peakBytes the most bytes of tensors that were in use at one time
/// @param checkpointBytes of the last checkpoint's files
/// @param modelBytes of the best model's files
/// @param steps done
/// @param bestStep after how many the best model was saved
/// @param stepSeconds of a step, the median
/// @param seconds of all of the trial, with loading, evaluations and the test
/// @param curve its evaluations on the validation part
public record TrialResult(
    Trial trial,
    Score score,
    Optional<Score> before,
    long trained,
    long parameters,
    long peakBytes,
    long checkpointBytes,
    long modelBytes,
    long steps,
    long bestStep,
    double stepSeconds,
    double seconds,
    List<Point> curve) {

  /// Copies the list.
  public TrialResult {
    curve = List.copyOf(curve);
  }

  /// As a line of the journal.
  public Map<String, Object> json() {
    var json = new LinkedHashMap<>(trial.json());
    json.put("steps", steps);
    json.put("best_step", bestStep);
    json.put("trained", trained);
    json.put("parameters", parameters);
    json.put("peak_bytes", peakBytes);
    json.put("checkpoint_bytes", checkpointBytes);
    json.put("model_bytes", modelBytes);
    json.put("step_seconds", stepSeconds);
    json.put("seconds", seconds);
    json.put(
        "curve",
        curve.stream()
            .map(point -> List.of(point.step(), point.seconds(), point.loss(), point.score()))
            .toList());
    json.put("score", score.json());
    before.ifPresent(one -> json.put("before", one.json()));
    return json;
  }

  /// Reads a line of the journal.
  ///
  /// @throws IllegalArgumentException if something is missing
  public static TrialResult of(JsonObject json) {
    return new TrialResult(
        Trial.of(json),
        Score.of(json.required("score", JsonObject::object)),
        json.object("before").map(Score::of),
        json.required("trained", JsonObject::whole),
        json.required("parameters", JsonObject::whole),
        json.required("peak_bytes", JsonObject::whole),
        json.required("checkpoint_bytes", JsonObject::whole),
        json.required("model_bytes", JsonObject::whole),
        json.required("steps", JsonObject::whole),
        json.required("best_step", JsonObject::whole),
        number(json.value("step_seconds").orElse("NaN")),
        number(json.value("seconds").orElse("NaN")),
        curve(json));
  }

  private static List<Point> curve(JsonObject json) {
    var curve = new ArrayList<Point>();
    for (Object item : json.required("curve", JsonObject::list)) {
      if (!(item instanceof List<?> four) || four.size() != 4) {
        throw json.wrong("curve", "lists of step, seconds, loss and score", item);
      }
      curve.add(
          new Point(
              (long) number(four.get(0)),
              number(four.get(1)),
              number(four.get(2)),
              number(four.get(3))));
    }
    return curve;
  }

  private static double number(Object value) {
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
