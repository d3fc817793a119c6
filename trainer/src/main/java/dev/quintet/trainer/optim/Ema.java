package dev.quintet.trainer.optim;

import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// An exponential moving average of the weights that train: after each update e = d e + (1 - d) p, beginning at p.
///
/// The loop calls [#begin] before each step and [#update] after one that was not skipped. To evaluate or save the averages it
/// opens [#swappedIn] and closes it again: the weights then have every bit that they had. A checkpoint holds [#state] and
/// [#updates], and [#restore] makes room for the former. Close it to free the averages.
public final class Ema implements AutoCloseable {
  private final Options options;
  private final Map<String, Parameter> parameters;
  private final SortedMap<String, Parameter> averages = new TreeMap<>();
  private long updates;
  private boolean swapped;

  /// An average of nothing so far.
  ///
  /// @param parameters by name, of one device; those that train when [#begin] is called are averaged
  public Ema(Options options, Map<String, Parameter> parameters) {
    this.options = options;
    this.parameters = parameters;
  }

  /// Begins the averages of what trains and has none yet, at the weights as they are.
  public void begin() {
    parameters.forEach((name, parameter) -> {
      if (parameter.trains() && !averages.containsKey(name)) {
        averages.put(name, made(parameter));
      }
    });
  }

  private static Parameter made(Parameter parameter) {
    Parameter average = Parameter.empty(parameter.shape(), parameter.device());
    average.set(parameter);
    average.train(false);
    return average;
  }

  /// Takes in the weights after an update.
  public void update() {
    refuseSwapped();
    updates++;
    float keep = (float) decay();
    float join = (float) (1 - decay());
    averages.forEach((name, average) -> {
      Parameter parameter = parameters.get(name);
      if (parameter == null || !parameter.trains()) {
        return;
      }
      try (var _ = Scope.openWithoutGradients(parameter.device())) {
        Tensor now = parameter.cast(average.type());
        average.set(average.multiply(keep).add(now.multiply(join)));
      }
    });
  }

  private double decay() {
    return options.warmup
        ? Math.min(options.decay, (1.0 + updates) / (10.0 + updates))
        : options.decay;
  }

  /// How many updates have been taken in.
  public long updates() {
    return updates;
  }

  /// The averages, float32, by the names of the parameters.
  public Map<String, Parameter> state() {
    return Collections.unmodifiableMap(averages);
  }

  /// Makes averages of these parameters, to be filled from a checkpoint through [#state].
  ///
  /// @param count what [#updates] was
  /// @param names of the averages that the checkpoint holds
  /// @throws IllegalArgumentException if there is no parameter of one of the names
  public void restore(long count, Iterable<String> names) {
    close();
    updates = count;
    for (String name : names) {
      Parameter parameter = parameters.get(name);
      if (parameter == null) {
        throw new IllegalArgumentException(
            "there is an average of " + name + ", a parameter that this model does not have");
      }
      averages.put(name, made(parameter));
    }
  }

  /// Puts the averages in the weights' place, until what it returns is closed. Training meanwhile is an error.
  public Swapped swappedIn() {
    refuseSwapped();
    var live = new LinkedHashMap<String, Parameter>();
    averages.forEach((name, average) -> {
      Parameter parameter = parameters.get(name);
      if (parameter != null) {
        Parameter copy = Parameter.copyOf(parameter);
        copy.train(false);
        live.put(name, copy);
        parameter.set(average);
      }
    });
    swapped = true;
    return () -> {
      live.forEach((name, copy) -> {
        Parameter parameter = parameters.get(name);
        if (parameter != null) {
          parameter.set(copy);
        }
        copy.close();
      });
      live.clear();
      swapped = false;
    };
  }

  private void refuseSwapped() {
    if (swapped) {
      throw new IllegalStateException("the averages stand in the weights' place: close that first");
    }
  }

  @Override
  public void close() {
    averages.values().forEach(Parameter::close);
    averages.clear();
  }

  /// The averages in the weights' place; closing puts the weights back, bit for bit.
  public interface Swapped extends AutoCloseable {
    @Override
    void close();
  }

  /// How weights are averaged.
  ///
  /// @param decay d, above 0 and below 1
  /// @param warmup whether d is at most (1 + t) / (10 + t) at update t, from 1, so that the start is soon forgotten
  public record Options(double decay, boolean warmup) {
    /// A decay of 0.999.
    public static final Options DEFAULT = new Options(0.999, false);

    /// Checks the decay.
    ///
    /// @throws IllegalArgumentException if it is not above 0 and below 1
    public Options {
      if (!(decay > 0 && decay < 1)) {
        throw new IllegalArgumentException(
            "an average of weights decays by a number above 0 and below 1, not " + decay);
      }
    }
  }
}
