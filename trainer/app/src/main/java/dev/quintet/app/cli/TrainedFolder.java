package dev.quintet.app.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.loop.Trainer;
import java.nio.file.Path;
import java.util.function.BiFunction;

/// The folder of a model that writes text, or has a head.
///
/// @param folder with its tokenizer
record TrainedFolder(Path folder) {

  /// Loads the model for as long as it is used.
  ///
  /// @param use takes a trainer of the model, and the model's own options of generation
  <T> T use(Device device, BiFunction<Trainer, GenerationConfig, T> use) {
    Checkpoint.check(folder);
    if (TaskModel.isAt(folder)) {
      try (TaskModel task = TaskModel.load(folder, device)) {
        return use.apply(Trainer.ofHead(task), GenerationConfig.of(task.model().config()));
      }
    }
    try (TextToText text = TextToText.load(folder, device)) {
      return use.apply(Trainer.of(text), text.generation());
    }
  }
}
