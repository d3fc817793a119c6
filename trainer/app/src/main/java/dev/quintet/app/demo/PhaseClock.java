package dev.quintet.app.demo;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.TrainingListener;
import dev.quintet.trainer.loop.TrainingStart;
import java.util.LinkedHashMap;
import java.util.TreeMap;

/// Writes down beside each checkpoint how long the training has taken, so that a resumed one counts on from there.
final class PhaseClock implements TrainingListener {
  /// More than the checkpoints that are kept: a damaged one sends the run back to an earlier one.
  private static final int KEPT = 8;

  private final DemoFolder folder;
  private final String file;
  private final DemoClock clock;
  private final TreeMap<Long, Double> seconds = new TreeMap<>();

  PhaseClock(DemoFolder folder, String phase, DemoClock clock) {
    this.folder = folder;
    this.file = phase + "-clock.json";
    this.clock = clock;
    folder
        .json(file)
        .ifPresent(json ->
            json.keys()
                .forEach(step ->
                    seconds.put(Long.valueOf(step), json.required(step, JsonObject::number))));
  }

  @Override
  public void started(TrainingStart start) {
    seconds.tailMap(start.fromStep(), false).clear();
    Double before = seconds.get(start.fromStep());
    if (start.fromStep() > 0 && before != null) {
      clock.continued(before);
    }
  }

  @Override
  public void saved(long step) {
    seconds.put(step, clock.phase());
    while (seconds.size() > KEPT) {
      seconds.pollFirstEntry();
    }
    var json = new LinkedHashMap<String, Object>();
    seconds.forEach((at, taken) -> json.put(String.valueOf(at), taken));
    folder.write(file, json);
  }
}
