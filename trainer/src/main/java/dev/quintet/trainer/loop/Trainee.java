package dev.quintet.trainer.loop;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.t5.T5Family;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Answerer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a [Trainer] trains: a model with its tokenizer, as one thing.
interface Trainee {

  T5Family model();

  Tokenizer tokenizer();

  /// Sets gradient checkpointing.
  void checkpointing(boolean on);

  /// Sets every dropout.
  default void dropout(double probability) {
    model().dropout((float) probability);
  }

  /// What trains, by the names that a run's checkpoints have for it.
  default Map<String, Parameter> parameters() {
    return model().parameters();
  }

  /// Called once it is known how many steps a run is to have, before anything else of the model is looked at.
  default void begin(long steps) {}

  /// Folders that [#keep] makes.
  ///
  /// @param out the run's
  default List<Path> folders(Path out) {
    return List.of();
  }

  /// Called when the run's folder is its own: writes what its models cannot do without.
  default void keep(Path out) {}

  /// Pairs as token ids.
  ///
  /// @param maxSource tokens of a source
  /// @param maxTarget tokens of a target
  EncodedPairs encoded(Pairs pairs, int maxSource, int maxTarget);

  /// As a training loop sees it.
  ///
  /// @param maxTarget how long answers may be where nobody has said so; nothing where targets are no answers
  /// @param losses what its loss has beside
  Learner learner(Optional<Integer> maxTarget, Losses losses);

  /// Whether several pairs may share a row.
  default boolean packs() {
    return false;
  }

  /// How it answers sources.
  ///
  /// @param ask what was asked for
  Answerer answerer(Ask ask);

  /// How answers are wanted.
  ///
  /// @param options of generation, over the model's own; nothing for those
  /// @param labels to rank, where answers are chosen among labels
  /// @param maxSource tokens of a source
  /// @param maxTarget tokens of an answer where the options do not say it
  /// @param rows the most that are answered at once
  record Ask(
      Optional<GenerationConfig> options,
      Optional<List<String>> labels,
      int maxSource,
      int maxTarget,
      int rows) {}
}
