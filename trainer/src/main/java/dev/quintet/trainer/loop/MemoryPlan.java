package dev.quintet.trainer.loop;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.shape.DType;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.optim.Optimizer;
import dev.quintet.trainer.optim.Updates;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The memory that training steps take on their device at the peak, in bytes, found by a step that was walked without being
/// computed.
///
/// @param weights all parameters, averages of them among these
/// @param gradients those that are there at the peak
/// @param moments what the optimizer remembers
/// @param activations all else that a step holds at the peak
/// @param allGradients those of all that trains; more than `gradients` where their memory is there for activations before
/// @param rows of the largest forward
/// @param source its source tokens a row
/// @param target its target tokens a row
public record MemoryPlan(
    long weights,
    long gradients,
    long moments,
    long activations,
    long allGradients,
    int rows,
    int source,
    int target) {

  /// All of it.
  public long total() {
    return weights + gradients + moments + activations;
  }

  /// Walks two steps: the first one makes what later ones find.
  ///
  /// @param learner put elsewhere meanwhile: nobody else may use it
  /// @param batches those of the largest step
  static MemoryPlan of(Learner learner, TrainingPlan plan, List<Batch> batches) {
    List<Parameter> all =
        Stream.of(learner.parameters(), learner.module().parameters(), learner.state())
            .flatMap(named -> named.values().stream())
            .distinct()
            .toList();
    var found = new ArrayList<MemoryPlan>();
    Dry dry = Dry.open();
    boolean passing = Steps.passes(all.getFirst().device());
    try {
      Parameter.elsewhere(
          all, dry.device(), () -> found.add(walked(learner, plan, batches, all, dry, passing)));
    } finally {
      dry.forget();
    }
    return found.getFirst();
  }

  private static MemoryPlan walked(
      Learner learner,
      TrainingPlan plan,
      List<Batch> batches,
      List<Parameter> all,
      Dry dry,
      boolean passing) {
    long weights = dry.backend().memory().bytesInUse();
    long[] gradients = {0};
    try (Optimizer optimizer = optimizer(plan);
        var updates = new Updates(learner.parameters(), optimizer, plan.update(), plan.clip());
        var steps = new Steps(learner, updates, plan.rowsPerStep(), false, passing)) {
      steps.walk(batches, plan.seed());
      weights +=
          updates.average().stream()
              .flatMap(average -> average.state().values().stream())
              .mapToLong(one -> one.storage().bytes())
              .sum();
      dry.reset();
      dry.onPeak(() -> gradients[0] = all.stream().mapToLong(Parameter::gradientBytes).sum());
      steps.walk(batches, plan.seed());
      dry.onPeak(() -> {});
      long allGradients =
          all.stream()
              .filter(Parameter::trains)
              .mapToLong(parameter -> DType.F32.bytes(parameter.elements()))
              .sum();
      long moments = optimizer.bytes();
      long peak = dry.counts().peak();
      Batch largest = batches.getFirst();
      return new MemoryPlan(
          weights,
          gradients[0],
          moments,
          Math.max(0, peak - weights - gradients[0] - moments),
          allGradients,
          largest.rows(),
          largest.sourceLength(),
          largest.targetLength());
    }
  }

  /// The optimizer, if it is one of ours: another's is not to see what is no step.
  private static Optimizer optimizer(TrainingPlan plan) {
    Optimizer.Options options = plan.optimizer();
    return options.getClass().getPackage().equals(Optimizer.class.getPackage())
        ? options.create()
        : (_, _, _, _) -> {};
  }
}
