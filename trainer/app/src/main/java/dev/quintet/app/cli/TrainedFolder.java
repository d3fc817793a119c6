package dev.quintet.app.cli;

import dev.quintet.models.adapt.AdapterBase;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.head.TaskModel;
import dev.quintet.trainer.loop.Trainer;
import java.nio.file.Path;
import java.util.function.BiFunction;

/// The folder of a model that writes text, or has a head; or of an adapter, which names its base.
///
/// @param folder with its tokenizer
record TrainedFolder(Path folder) {
  private static final String NAME = "evaluated";

  /// Loads the model for as long as it is used.
  ///
  /// @param how to load it
  /// @param use takes a trainer of the model, and the model's own options of generation
  <T> T use(LoadOptions how, BiFunction<Trainer, GenerationConfig, T> use) {
    if (AdapterFolder.holdsAdapter(folder)) {
      Path base = AdapterBase.required(folder, "name the model, and this folder with --adapter");
      return new TrainedFolder(base).use(how, folder, use);
    }
    Checkpoint.check(folder);
    if (TaskModel.isAt(folder)) {
      try (TaskModel task = TaskModel.load(folder, how)) {
        return use.apply(Trainer.ofHead(task), GenerationConfig.of(task.model().config()));
      }
    }
    try (TextToText text = TextToText.load(folder, how)) {
      return use.apply(Trainer.of(text), text.generation());
    }
  }

  /// Loads the model and an adapter of it for as long as they are used.
  ///
  /// @param how to load the model
  /// @param adapter its folder
  /// @param use takes a trainer of the model, and the model's own options of generation
  <T> T use(LoadOptions how, Path adapter, BiFunction<Trainer, GenerationConfig, T> use) {
    Checkpoint.check(folder);
    if (TaskModel.isAt(folder)) {
      throw new IllegalArgumentException(
          folder + " has a head, and adapters sit on models that write: name the adapter's base");
    }
    try (TextToText text = TextToText.load(folder, how)) {
      text.adapters().load(NAME, adapter).notes().forEach(System.err::println);
      text.adapters().use(NAME);
      return use.apply(Trainer.of(text), text.generation());
    }
  }
}
