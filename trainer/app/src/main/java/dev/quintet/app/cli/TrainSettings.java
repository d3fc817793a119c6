package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.events.EventLog;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.loop.Trainer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The settings of `train`: a JSON object with the keys of [TrainKey], each checked by name, type and range.
///
/// Paths are relative to where the command runs. What is left out has the default of [Trainer]. [ModelSettings],
/// [DataSettings], [NumberSettings] and [LoopSettings] read a part each.
final class TrainSettings {
  private final SettingsJson settings;
  private final ModelSettings model;
  private final DataSettings data;

  private TrainSettings(JsonObject json) {
    settings = new SettingsJson(json);
    model = new ModelSettings(settings);
    data = new DataSettings(settings);
  }

  /// Checks the keys of settings.
  ///
  /// @throws IllegalArgumentException that names the key that is wrong
  static TrainSettings of(JsonObject json) {
    SettingsJson.refuseUnknown(json, "", TrainKey.keys());
    TrainKey.check(json);
    var all = new TrainSettings(json);
    all.model.check();
    new AdapterSettings(all.settings).check();
    new LoopSettings(all.settings).check();
    all.data.check();
    return all;
  }

  /// What the settings are made of.
  JsonObject json() {
    return settings.json();
  }

  /// Where everything goes.
  ///
  /// @throws IllegalArgumentException if they do not say it
  Path out() {
    if (json().string("out").filter(String::isBlank).isPresent()) {
      throw json().wrong("out", "a folder's name, the current one's being \".\"", "\"\"");
    }
    return settings.path("out");
  }

  /// The model that is trained, loaded or made.
  TextToText model(Device device) {
    return model.model(device);
  }

  /// Whether the model that training goes on from has a task's head already.
  boolean goesOnFromHead() {
    return model.hasHead();
  }

  /// The model with a task's head that training goes on from.
  TaskModel head(Device device) {
    return model.task(device);
  }

  /// Gives a trainer the data that the settings name.
  ///
  /// @param out the folder of the run
  /// @param say told what went on the way
  Trainer data(Trainer trainer, Path out, Consumer<String> say) {
    data.apply(trainer, out, say);
    return trainer;
  }

  /// The test part; empty where there is none.
  Pairs test() {
    return data.test();
  }

  /// All rows that may be dealt anew.
  ///
  /// @param columns that go along
  DataSettings.Rows rows(List<String> columns) {
    return data.rows(columns);
  }

  /// Gives a trainer of a trained model what decides how it is evaluated.
  ///
  /// @param generation the model's own options of generation
  Trainer evaluation(Trainer trainer, GenerationConfig generation) {
    trainer.maxLengths(
        json().integer("max_source").orElse(512), json().integer("max_target").orElse(128));
    settings.integer(TrainKey.BATCH_SIZE, trainer::batchSize);
    data.stride().ifPresent(trainer::windows);
    new EvaluateSettings(settings).apply(trainer, generation);
    return trainer;
  }

  /// Gives a trainer all that the settings say, but the data.
  ///
  /// @param generation the model's own options of generation
  Trainer apply(Trainer trainer, GenerationConfig generation) {
    new LoopSettings(settings).apply(trainer);
    new NumberSettings(settings).apply(trainer);
    data.stride().ifPresent(trainer::windows);
    new EvaluateSettings(settings).apply(trainer, generation);
    model.head(trainer);
    new AdapterSettings(settings).apply(trainer);
    return trainer;
  }

  /// Who writes the run's course for TensorBoard, where the settings ask for it.
  ///
  /// @param out the folder of the run
  /// @param device where it computes
  Optional<EventLog> events(Path out, Device device) {
    return json().bool(TrainKey.TENSORBOARD.key()).orElse(false)
        ? Optional.of(new EventLog(out).device(device).settings(plain(json())))
        : Optional.empty();
  }

  /// The settings, with the keys of objects within joined by a full stop.
  private static Map<String, Object> plain(JsonObject json) {
    var plain = new LinkedHashMap<String, Object>();
    for (String key : json.keys()) {
      Object value = json.value(key).orElseThrow();
      if (value instanceof JsonObject within) {
        plain(within).forEach((name, inner) -> plain.put(key + "." + name, inner));
      } else {
        plain.put(key, value);
      }
    }
    return plain;
  }

  /// Keys that change nothing here, a message each.
  List<String> remarks() {
    return data.remarks();
  }
}
