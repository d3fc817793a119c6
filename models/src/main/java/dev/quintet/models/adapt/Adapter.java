package dev.quintet.models.adapt;

import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.method.AdapterParts;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One adapter of a model: made by [Adapters], gone with the model or by [Adapters#remove].
public final class Adapter {
  private final String name;
  private final AdapterParts parts;
  private final Map<String, Parameter> parameters;
  private final List<String> notes;

  Adapter(String name, AdapterParts parts, Map<String, Parameter> parameters, List<String> notes) {
    this.name = name;
    this.parts = parts;
    this.parameters = Collections.unmodifiableMap(parameters);
    this.notes = List.copyOf(notes);
  }

  /// The name by which the model's adapters are told apart.
  public String name() {
    return name;
  }

  /// The method and its settings, which training may have changed.
  public AdapterMethod method() {
    return parts.method();
  }

  /// The parameters by their names in files, which training does not change.
  public Map<String, Parameter> parameters() {
    return parameters;
  }

  /// The number of elements of all parameters.
  public long parameterCount() {
    return parameters.values().stream().mapToLong(Parameter::elements).sum();
  }

  /// Freezes the adapter, or lets it train; a new one trains, a loaded one does not.
  public void train(boolean on) {
    parameters.values().forEach(parameter -> parameter.train(on));
  }

  /// What is to be added to the loss while the adapter trains: a scalar in the current scope, where the method has one.
  public Optional<Tensor> penalty() {
    return parts.penalty();
  }

  /// Has to be called after each step of an optimizer, while the gradients are still there.
  ///
  /// @param step the step that was just made, from 1
  public void afterStep(long step) {
    parts.afterStep(step);
  }

  /// What training needs to go on beside the parameters, by names of its own.
  public Map<String, Parameter> state() {
    return parts.state();
  }

  /// What was passed over when the adapter was read, a sentence each.
  public List<String> notes() {
    return notes;
  }

  Device device() {
    return parameters.values().iterator().next().device();
  }

  AdapterParts parts() {
    return parts;
  }

  void close() {
    parameters.values().forEach(Parameter::close);
    parts.close();
  }

  /// Name, method and size in a line.
  @Override
  public String toString() {
    return "Adapter[" + name + ", " + method().name() + ", " + parameterCount() + " parameters]";
  }
}
