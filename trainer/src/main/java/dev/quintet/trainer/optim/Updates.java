package dev.quintet.trainer.optim;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.RunState;
import dev.quintet.core.backend.RunState.Outcome;
import dev.quintet.core.backend.Span;
import dev.quintet.core.backend.Spans;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// The second half of a training step: losses are added up, gradients clipped by their global norm (Pascanu et al., arXiv
/// 1211.5063), and what trains and has a gradient is updated. The device is asked for no answer: [#apply] says what came of
/// the step once it is known.
///
/// A step whose loss or norm is not finite changes nothing. Each parameter has a count of its own updates.
public final class Updates implements AutoCloseable {
  private final Map<String, Parameter> parameters;
  private final Optimizer optimizer;
  private final ToDoubleFunction<String> decay;
  private final ToDoubleFunction<String> factor;
  private final float clip;
  private final OptionalDouble clipValue;
  private final Optional<Ema> average;
  private final boolean fused;
  private final Backend backend;
  private final Memory memory;
  private final RunState state;
  private final SortedMap<String, Integer> counts = new TreeMap<>();
  private final List<Applied> open = new ArrayList<>();
  private List<Row> rows = List.of();
  private Spans spans = Spans.NONE;
  private boolean begun;
  private boolean leftOut;

  /// What a row of the table was made from.
  private record Row(String name, long parameter, long gradient) {}

  /// Updates by one rule; nothing has been updated so far.
  ///
  /// @param parameters by name, of one device
  /// @param optimizer stays the caller's to close
  /// @param clip the global norm that gradients are clipped to; infinite for none
  public Updates(
      Map<String, Parameter> parameters, Optimizer optimizer, UpdateRule rule, double clip) {
    this(
        parameters,
        optimizer,
        rule::decay,
        rule::rate,
        rule.clipValue().isPresent() ? Double.POSITIVE_INFINITY : clip,
        rule.clipValue(),
        rule.average(),
        rule.fused());
  }

  /// Updates with the weight decay and the factor of the learning rate that these give each name.
  ///
  /// @param parameters by name, of one device
  /// @param optimizer stays the caller's to close
  /// @param clip the global norm that gradients are clipped to; infinite for none
  public Updates(
      Map<String, Parameter> parameters,
      Optimizer optimizer,
      ToDoubleFunction<String> decay,
      ToDoubleFunction<String> factor,
      double clip) {
    this(
        parameters,
        optimizer,
        decay,
        factor,
        clip,
        OptionalDouble.empty(),
        Optional.empty(),
        false);
  }

  private Updates(
      Map<String, Parameter> parameters,
      Optimizer optimizer,
      ToDoubleFunction<String> decay,
      ToDoubleFunction<String> factor,
      double clip,
      OptionalDouble clipValue,
      Optional<Ema.Options> average,
      boolean fused) {
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.decay = decay;
    this.factor = factor;
    this.clip = (float) clip;
    this.clipValue = clipValue;
    this.average = average.map(options -> new Ema(options, parameters));
    this.fused = fused;
    this.backend = parameters.values().iterator().next().backend();
    this.memory = backend.memory();
    this.state = new RunState(memory.allocate(RunState.BYTES));
    memory.zero(state.address(), RunState.BYTES);
  }

  /// The average of the weights, if the rule wants one. It follows every update by itself.
  public Optional<Ema> average() {
    return average;
  }

  /// The device of the parameters.
  public Device device() {
    return backend.device();
  }

  /// The block from which a step's kernels read what changes from step to step.
  public RunState state() {
    return state;
  }

  /// How often each parameter has been updated, of those that were to be; waits for what is under way.
  public SortedMap<String, Integer> counts() {
    open.forEach(Applied::outcome);
    return new TreeMap<>(counts);
  }

  /// Goes on from a checkpoint.
  ///
  /// @param updates how often each parameter has been updated
  /// @param skipped steps in a row that were skipped
  public void restore(Map<String, Integer> updates, int skipped) {
    counts.putAll(updates);
    state.write(memory, new Outcome(0, 0, 0, 0, skipped, 0));
  }

  /// Begins a step anew whose losses were added in part.
  public void begin() {
    begun = false;
    leftOut = false;
  }

  /// Adds a batch's loss to that of the step.
  ///
  /// @param loss a scalar
  public void add(Tensor loss) {
    backend.optimizer().addLoss(loss.address(), begun, state);
    begun = true;
  }

  /// Clips and updates at this rate, where no batch has brought one.
  public Applied apply(double rate) {
    state.write(memory, new RunState.Inputs(0, 0, 0, rate, 1));
    return apply();
  }

  /// Clips and updates at the rate that the state holds.
  public Applied apply() {
    update();
    return applied();
  }

  /// Calls the kernels of [#apply], and no more: what may be taken down and repeated, if [#repeats] says so.
  public void update() {
    begun = false;
    tabulate();
    backend.optimizer().sumOfSquares(spans, state);
    backend.optimizer().clip(clip, state);
    clipValue.ifPresent(this::clampGradients);
    if (optimizer instanceof TableOptimizer all) {
      all.update(backend.optimizer(), state, spans);
    }
  }

  /// Whether parameters are updated by [#updateOnTheWayBack], and not by [#update].
  public boolean fused() {
    return fused;
  }

  /// Carries a loss back, which [#add] has been told of, and updates each parameter on the way, as soon as its gradient is
  /// whole; that is freed then. Nothing is clipped by the norm, which is known at the end alone. The device is waited for at
  /// each parameter.
  ///
  /// @param loss a scalar; where nothing that trains is in it, nothing is updated
  /// @throws IllegalStateException if the rule is not [UpdateRule#fused]
  /// @throws ArithmeticException that names the loss or the gradient that is not finite: what was updated before it stays so
  public void updateOnTheWayBack(Tensor loss) {
    if (!fused) {
      throw new IllegalStateException(
          "updates on the way back are for a rule that says so: UpdateRule.withFused(true)");
    }
    begun = false;
    var _ = counts(); // of all steps before
    Outcome before = state.outcome(memory);
    if (!Double.isFinite(before.loss())) {
      throw new ArithmeticException("the loss is " + before.loss());
    }
    average.ifPresent(Ema::begin); // at the weights before the first update
    double rate = state.inputs(memory).rate();
    var names = new IdentityHashMap<Parameter, String>();
    parameters.forEach((name, parameter) -> {
      if (parameter.trains()) {
        names.put(parameter, name);
      }
    });
    var updated = new ArrayList<Row>();
    double[] sum = {0};
    if (loss.requiresGradient()) {
      loss.backward(
          names.keySet(),
          parameter -> {
            String name = Optional.ofNullable(names.get(parameter)).orElseThrow();
            sum[0] += updateNow(name, parameter, before, rate);
            updated.add(new Row(name, 0, 0));
          });
    }
    float norm = (float) Math.sqrt(sum[0]);
    state.write(memory, new Outcome(sum[0], before.loss(), norm, 1, 0, before.updates() + 1));
    spans.release(memory);
    spans = Spans.NONE;
    rows = updated;
  }

  /// Updates a parameter whose gradient is whole; its sum of squares.
  private double updateNow(String name, Parameter parameter, Outcome before, double rate) {
    var row = new Row(name, parameter.address(), parameter.gradient().address());
    Spans one = Spans.of(memory, List.of(span(row, before.updates())));
    try {
      backend.optimizer().sumOfSquares(one, state);
      double sum = state.outcome(memory).sum();
      if (!Float.isFinite((float) Math.sqrt(sum))) {
        throw new ArithmeticException(
            "the gradient of "
                + name
                + " is not finite, and what comes before it on the way back is updated already");
      }
      clipValue.ifPresent(most -> clampGradient(row, most));
      state.write(memory, new Outcome(sum, before.loss(), 0, 1, 0, before.updates() + 1));
      if (optimizer instanceof TableOptimizer all) {
        all.update(backend.optimizer(), state, one);
        parameter.storage().changed();
      } else {
        // counted from 1, as after a step whose outcome has arrived
        counts.merge(name, 1, Integer::sum);
        updateOne(name, rate, 1);
        counts.merge(name, -1, Integer::sum);
      }
      return sum;
    } finally {
      one.release(memory);
    }
  }

  /// Asked between clipping and the update.
  public interface Check {
    /// Whether the update is to be left out.
    ///
    /// @param outcome loss and norm, both finite
    /// @param updated what would be updated, by name; its gradients are clipped, and may be changed in place
    boolean skips(Outcome outcome, Map<String, Parameter> updated);
  }

  /// Like [#update], with somebody who reads the clipped gradients before: waits for the device.
  public void update(Check check) {
    begun = false;
    tabulate();
    backend.optimizer().sumOfSquares(spans, state);
    backend.optimizer().clip(clip, state);
    clipValue.ifPresent(this::clampGradients);
    Outcome found = state.outcome(memory);
    if (found.skipped() == 0) {
      var updated = new TreeMap<String, Parameter>();
      rows.forEach(row -> updated.put(row.name, parameter(row.name)));
      if (found.scale() != 1) {
        updated.values().forEach(parameter -> scaleGradient(parameter, found.scale()));
      }
      leftOut = check.skips(found, updated);
      int updates = found.updates() - (leftOut ? 1 : 0);
      state.write(memory, new Outcome(found.sum(), found.loss(), found.norm(), 1, 0, updates));
    }
    if (!leftOut && optimizer instanceof TableOptimizer all) {
      all.update(backend.optimizer(), state, spans);
    }
  }

  private void scaleGradient(Parameter parameter, float scale) {
    try (var _ = Scope.openWithoutGradients(parameter.device())) {
      Tensor gradient = parameter.gradient();
      Tensor scaled = gradient.multiply(scale);
      memory.copy(scaled.address(), gradient.address(), gradient.type().bytes(gradient.elements()));
    }
  }

  /// Clamps every element of the gradients, whose norm is known by now.
  private void clampGradients(double most) {
    rows.forEach(row -> clampGradient(row, most));
  }

  private void clampGradient(Row row, double most) {
    try (var _ = Scope.openWithoutGradients(backend.device())) {
      Tensor gradient = parameter(row.name).gradient();
      Tensor clamped = gradient.clamp((float) -most, (float) most);
      memory.copy(clamped.address(), row.gradient, gradient.type().bytes(gradient.elements()));
    }
  }

  /// Counts what [#update], or a repetition of it, has called for.
  public Applied applied() {
    var applied = new Applied(leftOut ? List.of() : rows.stream().map(Row::name).toList());
    leftOut = false;
    if (!fused) {
      updateTheRest(applied);
    }
    if (average.isPresent() && !applied.names.isEmpty() && applied.outcome().skipped() == 0) {
      average.get().update();
    }
    open.removeIf(one -> one.outcome.isPresent());
    open.add(applied);
    return applied;
  }

  /// What kernels have not done: parameters are known to be others, or updated by an optimizer that is asked for each.
  private void updateTheRest(Applied applied) {
    if (optimizer instanceof TableOptimizer) {
      applied.names.forEach(name -> parameter(name).storage().changed());
    } else if (applied.outcome().skipped() == 0) {
      double rate = state.inputs(memory).rate();
      applied.names.forEach(name -> updateOne(name, rate, applied.outcome().scale()));
    }
  }

  /// Whether an update is a command for the device alone, so that it may be repeated without Java.
  public boolean repeats() {
    return !fused && optimizer instanceof TableOptimizer;
  }

  /// The table of what the last update changed; another one where that was something else.
  public Spans table() {
    return spans;
  }

  private void updateOne(String name, double rate, float scale) {
    Parameter parameter = parameter(name);
    try (var _ = Scope.openWithoutGradients(parameter.device())) {
      Tensor gradient = parameter.gradient().multiply(scale);
      var step =
          new Optimizer.Step(
              rate * factor.applyAsDouble(name),
              decay.applyAsDouble(name),
              counts.getOrDefault(name, 1));
      optimizer.update(name, parameter, gradient, step);
    }
  }

  /// Makes the table anew where other parameters train, or have a gradient, than before.
  private void tabulate() {
    var now = new ArrayList<Row>();
    parameters.forEach((name, parameter) -> {
      if (parameter.trains() && parameter.hasGradient()) {
        now.add(new Row(name, parameter.address(), parameter.gradient().address()));
      }
    });
    if (now.equals(rows)) {
      return;
    }
    counts();
    int updates = state.outcome(memory).updates();
    spans.release(memory);
    rows = now;
    average.ifPresent(Ema::begin); // at the weights before the first update
    spans = Spans.of(memory, rows.stream().map(row -> span(row, updates)).toList());
  }

  private Span span(Row row, int updates) {
    String name = row.name;
    Parameter parameter = parameter(name);
    int offset = counts.computeIfAbsent(name, n -> 0) - updates;
    if (optimizer instanceof TableOptimizer all) {
      return all.span(
          name,
          parameter,
          parameter.gradient(),
          decay.applyAsDouble(name),
          factor.applyAsDouble(name),
          offset);
    }
    var at = new Span.Places(row.parameter, 0, row.gradient, 0, 0, 0);
    return new Span(parameter.type(), Matrices.whole(parameter.elements()), at, 0, 1, offset);
  }

  private Parameter parameter(String name) {
    return Optional.ofNullable(parameters.get(name)).orElseThrow();
  }

  @Override
  public void close() {
    average.ifPresent(Ema::close);
    spans.release(memory);
    memory.release(state.address(), RunState.BYTES);
  }

  /// A step's updates, which have been asked for.
  public final class Applied {
    private final List<String> names;
    private final Memory.Later later = state.outcomeLater(memory);
    private Optional<Outcome> outcome = Optional.empty();

    private Applied(List<String> names) {
      this.names = names;
    }

    /// Whether it is known what came of them, so that [#outcome] does not wait.
    public boolean done() {
      return outcome.isPresent() || later.done();
    }

    /// What came of them; waits for it.
    public Outcome outcome() {
      if (outcome.isEmpty()) {
        Outcome arrived = Outcome.of(later.get());
        if (arrived.skipped() == 0) {
          names.forEach(name -> counts.merge(name, 1, Integer::sum));
        }
        outcome = Optional.of(arrived);
      }
      return outcome.get();
    }
  }
}
