package dev.quintet.trainer.loop;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.Examples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The test part of a run's data: scored once, at the end, by the best model; `test.json` keeps what came of it and how often
/// it was looked at.
///
/// @param examples as token ids
/// @param evaluation of the loss
/// @param exam what is answered; nothing where only the loss is measured
/// @param out the run's folder
record TestPart(Examples examples, Evaluation evaluation, Optional<Exam> exam, Path out) {

  /// The file of the result.
  static Path file(Path out) {
    return out.resolve("test.json");
  }

  /// The result that was written down, if it is that of a run that ended after so many steps.
  private Optional<JsonObject> before() {
    return Files.exists(file(out)) ? Optional.of(JsonObject.read(file(out))) : Optional.empty();
  }

  /// Scores the best model; where this was done already, says what came of it.
  ///
  /// @param steps steps of the run
  /// @param bestStep after how many of them the best model was saved
  /// @param best its folder
  Tested score(Learner learner, Device device, long steps, long bestStep, Path best) {
    Optional<JsonObject> before = before();
    if (before.flatMap(json -> json.whole("steps")).equals(Optional.of(steps))) {
      return read(before.orElseThrow());
    }
    int looks = 1 + before.flatMap(json -> json.integer("looks")).orElse(0);
    var found = new LinkedHashMap<String, Double>();
    double[] loss = new double[1];
    Runnable work =
        () -> {
          loss[0] = evaluation.loss(learner, device);
          exam.ifPresent(questions -> found.putAll(questions.take(learner, device, "test")));
        };
    if (bestStep == steps || !Files.isDirectory(best)) {
      work.run();
    } else {
      SavedWeights.swapped(learner, () -> learner.restore(best), work);
    }
    var tested = new Tested(bestStep, examples.size(), loss[0], found, looks);
    write(tested, steps);
    return tested;
  }

  private void write(Tested tested, long steps) {
    var root = new LinkedHashMap<String, Object>();
    root.put("steps", steps);
    root.put("best_step", tested.step());
    root.put("rows", tested.rows());
    root.put("loss", tested.loss());
    root.put("scores", tested.scores());
    root.put("looks", tested.looks());
    AtomicFile.write(file(out), JsonText.of(root) + "\n");
  }

  private static Tested read(JsonObject json) {
    SequencedMap<String, Double> scores =
        json.object("scores")
            .map(StateJson::numbers)
            .orElseGet(() -> new LinkedHashMap<>(Map.of()));
    return new Tested(
        json.required("best_step", JsonObject::whole),
        json.required("rows", JsonObject::integer),
        StateJson.number(json, "loss"),
        scores,
        json.required("looks", JsonObject::integer));
  }
}
