package dev.quintet.trainer.optim;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What an optimizer remembers of each parameter: tensors that begin as 0, float32 or, where that is asked for, bfloat16; and a
/// master of a bfloat16 parameter, float32, which begins as the parameter.
final class Moments implements AutoCloseable {
  private static final String MASTER = "master";

  private final SortedMap<String, Map<String, Parameter>> states = new TreeMap<>();
  private final DType type;

  /// Moments in float32.
  Moments() {
    this(DType.F32);
  }

  /// @param type of the moments
  Moments(DType type) {
    this.type = type;
  }

  /// Those of one parameter, made at its first update.
  ///
  /// @param shapes of the moments by their names
  Of of(String name, Parameter parameter, Map<String, Shape> shapes) {
    return new Of(parameter, states.computeIfAbsent(name, n -> made(parameter, shapes)));
  }

  /// Makes those of one parameter anew, to be filled from a checkpoint.
  void restore(String name, Parameter parameter, Map<String, Shape> shapes) {
    Map<String, Parameter> old = states.put(name, made(parameter, shapes));
    if (old != null) {
      old.values().forEach(Parameter::close);
    }
  }

  private Map<String, Parameter> made(Parameter parameter, Map<String, Shape> shapes) {
    var made = new LinkedHashMap<String, Parameter>();
    shapes.forEach((name, shape) -> {
      Parameter moment = Parameter.empty(shape, type, parameter.device());
      parameter.backend().memory().zero(moment.address(), moment.storage().bytes());
      made.put(name, moment);
    });
    if (parameter.type() != DType.F32) {
      Parameter master = Parameter.empty(parameter.shape(), parameter.device());
      master.set(parameter);
      made.put(MASTER, master);
    }
    made.values().forEach(one -> one.train(false));
    return made;
  }

  /// All of them: the parameter's name, a dot, and the moment's own.
  Map<String, Parameter> all() {
    var all = new LinkedHashMap<String, Parameter>();
    states.forEach((name, mine) -> mine.forEach((own, one) -> all.put(name + "." + own, one)));
    return all;
  }

  @Override
  public void close() {
    states.values().forEach(mine -> mine.values().forEach(Parameter::close));
    states.clear();
  }

  /// What is remembered of one parameter.
  ///
  /// @param parameter it
  /// @param own its moments by name, and its master
  record Of(Parameter parameter, Map<String, Parameter> own) {

    /// A moment that there is.
    Parameter get(String name) {
      return Optional.ofNullable(own.get(name)).orElseThrow();
    }

    /// Where a moment lies; 0 if there is none of this name.
    long address(String name) {
      return Optional.ofNullable(own.get(name)).map(Parameter::address).orElse(0L);
    }

    boolean has(String name) {
      return own.containsKey(name);
    }

    /// The parameter in float32: itself, or its master.
    Parameter value() {
      return Optional.ofNullable(own.get(MASTER)).orElse(parameter);
    }

    /// Rounds the parameter from its master, if it has one.
    void round() {
      if (has(MASTER)) {
        parameter.set(value());
      }
    }
  }
}
