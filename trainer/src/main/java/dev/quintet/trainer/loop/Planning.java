package dev.quintet.trainer.loop;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.optim.LayerRates;
import dev.quintet.trainer.optim.UpdateRule;
import dev.quintet.trainer.schedule.Freezing;
import dev.quintet.trainer.schedule.LearningRate;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Makes a [Trainer]'s numbers into the plan of a run.
final class Planning {
  static final int POOL_BATCHES = 50;

  private final Trainer asked;
  private final Trainee trainee;

  Planning(Trainer asked) {
    this.asked = asked;
    this.trainee = asked.trainee;
  }

  /// By what the best model is chosen.
  ///
  /// @throws IllegalArgumentException if nothing measures that
  Choice choice() {
    if (asked.select.equals(Choice.OF_LOSS)) {
      return new Choice(asked.select, false, asked.patience, asked.minDelta);
    }
    Metric metric =
        asked.metrics.stream()
            .filter(one -> one.names().contains(asked.select))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the best model is to be chosen by \""
                        + asked.select
                        + "\", which is not measured; there are loss"
                        + asked.metrics.stream()
                            .flatMap(one -> one.names().stream())
                            .map(name -> ", " + name)
                            .collect(Collectors.joining())));
    return new Choice(
        asked.select, metric.higherIsBetter(asked.select), asked.patience, asked.minDelta);
  }

  /// How many steps the run is to have.
  long steps(int examples) {
    if (examples == 0) {
      throw new IllegalArgumentException("there are no examples to train on");
    }
    return asked.steps.orElse(Math.max(1, (long) Math.ceil(asked.epochs * perEpoch(examples))));
  }

  private long perEpoch(int examples) {
    long rows = Math.max(1, (long) asked.batchSize * asked.accumulation);
    return (examples + rows - 1) / rows;
  }

  /// The plan as a whole.
  ///
  /// @param evaluated how often the run has been evaluated so far, if it was begun before
  TrainingPlan plan(int examples, Choice choice, Optional<Long> evaluated) {
    LearningRate each =
        asked.optimizer.ownRate()
            ? LearningRate.constant(1)
            : asked.rate.orElseGet(
                () -> new LearningRate(asked.schedule, asked.learningRate, asked.warmup, 0));
    double decay = asked.weightDecay.orElse(asked.optimizer.defaultDecay());
    TrainingPlan small =
        TrainingPlan.of(1, asked.batchSize, each, asked.seed)
            .withAccumulation(asked.batchSize, asked.accumulation);
    long perEpoch = perEpoch(examples);
    long all = steps(examples);
    long tokens = small.rowsPerStep() * ((long) asked.maxSource + asked.maxTarget);
    long minute = TrainingPlan.minuteOfSteps(trainee.model().parameterCount(), tokens);
    long tenth = Math.min(perEpoch, Math.max(1, (all + 9) / 10));
    return TrainingPlan.of(all, asked.batchSize, each, asked.seed)
        .withAccumulation(asked.batchSize, asked.accumulation)
        .withPoolBatches(POOL_BATCHES)
        .withUpdate(rule(decay), asked.optimizer, asked.clip)
        .withFreezing(new Freezing(asked.freeze, asked.unfreeze))
        .withPad(trainee.model().config().padId())
        .withSaveLimit(asked.saveLimit)
        .withChoice(choice)
        .withAutoBatch(asked.autoBatch)
        .withEvery(
            asked.saveEvery.map(every -> every.inSteps(perEpoch)).orElse(minute),
            asked
                .evaluateEvery
                .map(every -> every.inSteps(perEpoch))
                .orElse(evaluated.orElse(tenth)));
  }

  private UpdateRule rule(double decay) {
    Map<String, Parameter> all = trainee.model().parameters();
    Map<String, Double> factors = LayerRates.matching(trainee.model(), asked.rates);
    if (asked.layerDecay.isPresent()) {
      factors =
          LayerRates.product(
              factors, LayerRates.decayed(all.keySet(), asked.layerDecay.getAsDouble()));
    }
    asked.adapter.ifPresent(_ -> requireTrained(all));
    // by the model's names until here, and from here on by those of what trains
    var named = new TreeMap<String, Double>();
    var trained = new IdentityHashMap<Parameter, String>();
    trainee.parameters().forEach((name, parameter) -> trained.put(parameter, name));
    factors.forEach((name, factor) ->
        Optional.ofNullable(all.get(name))
            .map(trained::get)
            .ifPresent(own -> named.put(own, factor)));
    return new UpdateRule(
        decay, named, asked.clipValue, asked.average, asked.notFinite, asked.fused);
  }

  /// Refuses a rate for what an adapter leaves as it is.
  private void requireTrained(Map<String, Parameter> all) {
    for (String pattern : asked.rates.keySet()) {
      var one = new LinkedHashMap<>(Map.of(pattern, 1.0));
      if (LayerRates.matching(trainee.model(), one).keySet().stream()
          .noneMatch(
              name -> Optional.ofNullable(all.get(name)).filter(Parameter::trains).isPresent())) {
        throw new IllegalArgumentException(
            "the rate of \"%s\" is for what stays frozen beside the adapter; what trains is called as %s"
                .formatted(
                    pattern,
                    all.entrySet().stream()
                        .filter(entry -> entry.getValue().trains())
                        .limit(2)
                        .map(Map.Entry::getKey)
                        .toList()));
      }
    }
  }
}
