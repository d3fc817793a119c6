package dev.quintet.trainer.verify;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Queue;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Constant;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.trainer.optim.Updates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The steps of a [Trajectory] as graphs: each batch's kernels are taken down once and repeated, and the host says no more
/// than the rate.
final class Replayed {
  private final T5 model;
  private final Updates updates;
  private final Device device;

  private Replayed(T5 model, Updates updates, Device device) {
    this.model = model;
    this.updates = updates;
    this.device = device;
  }

  /// Takes the first steps.
  ///
  /// @param most how many, if there are so many
  /// @return nothing where the device takes no work down, or the optimizer wants an answer in between
  static Optional<Trajectory.Course> of(
      Trajectory trajectory, T5 model, SafetensorsFile file, Device device, int most) {
    int all = trajectory.losses().size();
    int steps = Math.min(all, most);
    Backend backend = Backends.of(device);
    var course = new Trajectory.Course(new double[steps], new double[steps]);
    Map<Integer, Queue.Replay> replays = new HashMap<>();
    var batches = new ArrayList<Uploaded>();
    try (var state = trajectory.optimizer().create();
        var updates = trajectory.updates(model, state)) {
      if (!backend.queue().captures() || !updates.repeats()) {
        return Optional.empty();
      }
      for (int k = 0; k < Trajectory.batches(file); k++) {
        batches.add(Uploaded.of(model, file, "batch." + k, device));
      }
      var replayed = new Replayed(model, updates, device);
      for (int step = 0; step < steps; step++) {
        int k = step % batches.size();
        double rate = trajectory.rate().at(step, all);
        updates.state().write(backend.memory(), new RunState.Inputs(0, 0, 0, rate, 1));
        Runnable body = () -> replayed.step(batches.get(k));
        if (step == 0) {
          body.run(); // makes gradients and moments, whose addresses all replays share
        } else {
          replays.computeIfAbsent(k, _ -> backend.queue().capture(body)).run();
        }
        RunState.Outcome outcome = updates.applied().outcome();
        course.losses()[step] = outcome.loss();
        course.norms()[step] = outcome.norm();
        model.zeroGradients();
      }
      return Optional.of(course);
    } finally {
      replays.values().forEach(Queue.Replay::close);
      batches.forEach(Uploaded::close);
    }
  }

  private void step(Uploaded batch) {
    try (var _ = Scope.open(device)) {
      Tensor any = model.decoder().table().weight();
      Tensor loss =
          model
              .loss(
                  batch.ids.beside(any),
                  batch.mask.beside(any),
                  batch.decoderIds.beside(any),
                  batch.labels.beside(any),
                  Pass.inference(),
                  CrossEntropyOptions.MEAN.withNormalizer(batch.count))
              .loss();
      updates.add(loss);
      loss.backward();
    }
    updates.update();
  }

  /// A batch in device memory, for as long as steps are repeated.
  ///
  /// @param count labels that count
  private record Uploaded(
      Constant ids, Constant mask, Constant decoderIds, Constant labels, int count)
      implements AutoCloseable {

    static Uploaded of(T5 model, SafetensorsFile file, String batch, Device device) {
      int[] labels = file.ints(batch + ".labels");
      Shape shape = file.entry(batch + ".labels").shape();
      int ignored = CrossEntropyOptions.MEAN.ignore();
      try (var _ = Scope.open(device)) {
        var uploaded =
            new Uploaded(
                constant(file, batch + ".input_ids"),
                constant(file, batch + ".attention_mask"),
                new Constant(shape, model.shiftRight(Tensor.ofInts(shape, labels)).toInts()),
                new Constant(shape, labels),
                (int) Arrays.stream(labels).filter(label -> label != ignored).count());
        for (Constant one : uploaded.all()) {
          var _ = one.beside(model.shared().weight()); // a copy within a graph is refused
        }
        return uploaded;
      }
    }

    private static Constant constant(SafetensorsFile file, String name) {
      return new Constant(file.entry(name).shape(), file.ints(name));
    }

    private List<Constant> all() {
      return List.of(ids, mask, decoderIds, labels);
    }

    @Override
    public void close() {
      all().forEach(Constant::close);
    }
  }
}
