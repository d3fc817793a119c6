package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.trainer.data.Batch;
import java.nio.file.Path;
import java.util.Map;

/// What a training loop trains.
public interface Learner {

  /// The model whose parameters train.
  Module module();

  /// The summed cross entropy of a batch's labels over `normalizer`: a scalar, recorded for a backward.
  ///
  /// @param batch padded rows; [Batch#uploaded] has them in device memory
  /// @param pass whether and how dropout drops
  /// @param normalizer labels that count in the whole accumulated batch
  Tensor loss(Batch batch, Pass pass, double normalizer);

  /// The id that begins what a decoder reads.
  default int startId() {
    return 0;
  }

  /// Whether a step may be taken down once and repeated: its kernels then read all that changes from device memory.
  default boolean repeats() {
    return true;
  }

  /// What beside the parameters decides what is computed, by name: a run is only continued where all of it agrees.
  default Map<String, String> settings() {
    return Map.of();
  }

  /// Fills the model with the weights of a folder that [#save] has written.
  default void restore(Path folder) {
    SavedWeights.into(folder, module());
  }

  /// Writes the model into an existing folder, in a form that can be loaded and used.
  void save(Path folder);
}
