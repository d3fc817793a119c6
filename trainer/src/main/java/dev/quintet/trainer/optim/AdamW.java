package dev.quintet.trainer.optim;

import dev.quintet.core.backend.OptimizerKernels;
import dev.quintet.core.tensor.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// AdamW (Loshchilov and Hutter, arXiv 1711.05101): two moments and a count of updates for each parameter.
public final class AdamW implements Optimizer {
  private final Options options;
  private final SortedMap<String, Moments> moments = new TreeMap<>();

  /// An optimizer without state.
  public AdamW(Options options) {
    this.options = options;
  }

  @Override
  public void update(
      String name, Parameter parameter, double rate, double decay, long gradientScale) {
    Moments state = moments.computeIfAbsent(name, n -> Moments.of(parameter));
    state.updates++;
    var update =
        new OptimizerKernels.AdamW(
            (float) rate,
            (float) options.beta1,
            (float) options.beta2,
            (float) options.epsilon,
            (float) decay,
            state.updates);
    parameter
        .backend()
        .optimizer()
        .adamW(
            update,
            gradientScale,
            parameter.address(),
            parameter.gradient().address(),
            state.first.address(),
            state.second.address(),
            parameter.elements());
    parameter.storage().changed();
  }

  @Override
  public Map<String, Integer> updates() {
    var counts = new LinkedHashMap<String, Integer>();
    moments.forEach((name, m) -> counts.put(name, m.updates));
    return counts;
  }

  /// The moments by name: `NAME.first` and `NAME.second`.
  @Override
  public Map<String, Parameter> state() {
    var state = new LinkedHashMap<String, Parameter>();
    moments.forEach((name, m) -> {
      state.put(name + ".first", m.first);
      state.put(name + ".second", m.second);
    });
    return state;
  }

  @Override
  public void restore(String name, Parameter parameter, int updates) {
    Moments state = Moments.of(parameter);
    state.updates = updates;
    Moments old = moments.put(name, state);
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    moments.values().forEach(Moments::close);
    moments.clear();
  }

  /// Adam's constants.
  ///
  /// @param beta1 decay of the first moment
  /// @param beta2 decay of the second moment
  /// @param epsilon added to the root of the second moment
  public record Options(double beta1, double beta2, double epsilon) implements Optimizer.Options {
    /// 0.9, 0.999 and 1e-8, as in PyTorch.
    public static final Options DEFAULT = new Options(0.9, 0.999, 1e-8);

    @Override
    public Optimizer create() {
      return new AdamW(this);
    }
  }

  private static final class Moments {
    private final Parameter first;
    private final Parameter second;
    private int updates;

    private Moments(Parameter first, Parameter second) {
      this.first = first;
      this.second = second;
    }

    static Moments of(Parameter parameter) {
      return new Moments(zeros(parameter), zeros(parameter));
    }

    private static Parameter zeros(Parameter like) {
      Parameter zeros = Parameter.full(like.shape(), 0, like.device());
      zeros.train(false);
      return zeros;
    }

    void close() {
      first.close();
      second.close();
    }
  }
}
