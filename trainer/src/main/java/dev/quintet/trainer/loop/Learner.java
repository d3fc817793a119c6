package dev.quintet.trainer.loop;

import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.trainer.data.Batch;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/// What a training loop trains.
public interface Learner {

  /// The model whose parameters train.
  Module module();

  /// What the run is about, by names that stay the same: what is updated, what its checkpoints hold, and what is put back after
  /// another model was looked at. All of the model, if nothing is said.
  default Map<String, Parameter> parameters() {
    return module().parameters();
  }

  /// What a checkpoint holds beside the parameters and their moments, by names of its own; filled in place when a run goes on.
  default Map<String, Parameter> state() {
    return Map.of();
  }

  /// Called after each step that has changed something, with its number from 1, while its gradients are still there; the device
  /// is waited for then.
  default Optional<LongConsumer> afterStep() {
    return Optional.empty();
  }

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
