package dev.quintet.trainer.search;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// The settings that a search varies, by name, and what each may be.
///
/// ```json
/// {"learning_rate": {"log_uniform": [1e-5, 1e-2]}, "optimizer": {"choice": ["adamw", "sgd"]},
///  "momentum": {"uniform": [0, 0.99], "when": {"optimizer": "sgd"}}}
/// ```
/// A parameter with `when` exists only where the others that it names have the values given, or one of them.
public final class Space {
  private final SequencedMap<String, Parameter> parameters;
  private final Map<String, Map<String, List<Object>>> conditions;

  private Space(
      SequencedMap<String, Parameter> parameters,
      Map<String, Map<String, List<Object>>> conditions) {
    this.parameters = parameters;
    this.conditions = conditions;
  }

  /// Reads a space; its order is that of the text.
  ///
  /// @throws IllegalArgumentException that names the parameter that is wrong
  public static Space of(JsonObject json) {
    var parameters = new LinkedHashMap<String, Parameter>();
    var conditions = new LinkedHashMap<String, Map<String, List<Object>>>();
    for (String name : json.keysAsWritten()) {
      JsonObject one = json.object(name).orElseThrow();
      parameters.put(name, ParameterJson.read(name, one));
      one.object(ParameterJson.WHEN).ifPresent(when -> conditions.put(name, values(when)));
    }
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException(
          json.source()
              + ": a space has at least one parameter, such as"
              + " {\"learning_rate\": {\"log_uniform\": [1e-5, 1e-2]}}");
    }
    var space = new Space(parameters, conditions);
    conditions.keySet().forEach(name -> space.checkCondition(json.source(), name));
    return space;
  }

  private static Map<String, List<Object>> values(JsonObject when) {
    var values = new LinkedHashMap<String, List<Object>>();
    for (String parent : when.keysAsWritten()) {
      Object value = when.value(parent).orElseThrow();
      values.put(parent, value instanceof List<?> list ? List.copyOf(list) : List.of(value));
    }
    return values;
  }

  private void checkCondition(String source, String name) {
    String where = "%s: the parameter \"%s\": \"when\" ".formatted(source, name);
    condition(name)
        .forEach((parent, values) -> {
          Parameter of = parameters.get(parent);
          if (of == null) {
            List<String> near = NearNames.close(parent, names());
            throw new IllegalArgumentException(
                where
                    + "names \""
                    + parent
                    + "\", which is no parameter of the space"
                    + (near.isEmpty() ? "" : "; did you mean \"" + near.getFirst() + "\"?"));
          }
          for (Object value : values) {
            try {
              of.unit(value);
            } catch (IllegalArgumentException e) {
              throw new IllegalArgumentException(where + "can never hold: " + e.getMessage(), e);
            }
          }
        });
    var above = new ArrayList<>(condition(name).keySet());
    for (int i = 0; i < above.size(); i++) {
      if (above.get(i).equals(name)) {
        throw new IllegalArgumentException(where + "depends on itself, by way of others");
      }
      for (String next : condition(above.get(i)).keySet()) {
        if (!above.contains(next)) {
          above.add(next);
        }
      }
    }
  }

  private Map<String, List<Object>> condition(String name) {
    return conditions.getOrDefault(name, Map.of());
  }

  /// The names in order.
  public List<String> names() {
    return List.copyOf(parameters.keySet());
  }

  /// How many parameters there are.
  public int dimensions() {
    return parameters.size();
  }

  /// A parameter.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public Parameter parameter(String name) {
    Parameter found = parameters.get(name);
    if (found == null) {
      throw new IllegalArgumentException("the space has no parameter \"" + name + "\"");
    }
    return found;
  }

  /// The values at a place of the unit cube: of all parameters that exist there.
  ///
  /// @param units one a parameter, from 0 to 1
  public SequencedMap<String, Object> at(double[] units) {
    var all = new LinkedHashMap<String, Object>();
    int i = 0;
    for (var one : parameters.entrySet()) {
      all.put(one.getKey(), one.getValue().at(units[i++]));
    }
    return existing(all);
  }

  private SequencedMap<String, Object> existing(SequencedMap<String, Object> all) {
    var values = new LinkedHashMap<String, Object>();
    all.forEach((name, value) -> {
      if (exists(name, all)) {
        values.put(name, value);
      }
    });
    return values;
  }

  private boolean exists(String name, Map<String, Object> all) {
    return condition(name).entrySet().stream()
        .allMatch(one ->
            all.containsKey(one.getKey())
                && holds(one.getValue(), Objects.requireNonNull(all.get(one.getKey())))
                && exists(one.getKey(), all));
  }

  private static boolean holds(List<Object> wanted, Object value) {
    return wanted.stream()
        .anyMatch(one ->
            one instanceof Number a && value instanceof Number b
                ? a.doubleValue() == b.doubleValue()
                : JsonText.of(one).equals(JsonText.of(value)));
  }

  /// The place of values in the unit cube; a parameter that does not exist there is in the middle.
  ///
  /// @throws IllegalArgumentException that names the parameter whose value is not of this space
  public double[] units(Map<String, Object> values) {
    for (String name : values.keySet()) {
      parameter(name);
    }
    double[] units = new double[parameters.size()];
    int i = 0;
    for (var one : parameters.entrySet()) {
      Object value = values.get(one.getKey());
      try {
        units[i++] = value == null ? 0.5 : one.getValue().unit(value);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "the parameter \"" + one.getKey() + "\": " + e.getMessage(), e);
      }
    }
    return units;
  }

  /// How many different sets of values there are if each parameter always existed; nothing where there is no end of them.
  public OptionalLong size() {
    long size = 1;
    for (Parameter parameter : parameters.values()) {
      OptionalLong count = parameter.count();
      if (count.isEmpty() || size > Long.MAX_VALUE / Math.max(1, count.getAsLong())) {
        return OptionalLong.empty();
      }
      size *= count.getAsLong();
    }
    return OptionalLong.of(size);
  }

  /// All sets of values, the last parameter changing fastest; those that differ only in what does not exist are one.
  ///
  /// @throws IllegalArgumentException that names a parameter with no end of values, or if there are over a million sets
  public List<SequencedMap<String, Object>> grid() {
    parameters.forEach((name, parameter) -> {
      if (parameter.count().isEmpty()) {
        throw new IllegalArgumentException(
            "a grid needs parameters with a list of values, and \"%s\" has a value at every place: take \"choice\" or \"quantized\""
                .formatted(name));
      }
    });
    long size = size().orElse(Long.MAX_VALUE);
    if (size > 1_000_000) {
      throw new IllegalArgumentException(
          "a grid of %,d sets of values is more than 1,000,000: take fewer values".formatted(size));
    }
    List<SequencedMap<String, Object>> sets = List.of(new LinkedHashMap<>());
    for (var one : parameters.entrySet()) {
      var longer = new ArrayList<SequencedMap<String, Object>>();
      for (SequencedMap<String, Object> set : sets) {
        for (Object value : one.getValue().all()) {
          var next = new LinkedHashMap<>(set);
          next.put(one.getKey(), value);
          longer.add(next);
        }
      }
      sets = longer;
    }
    var different = new LinkedHashMap<String, SequencedMap<String, Object>>();
    for (SequencedMap<String, Object> set : sets) {
      SequencedMap<String, Object> existing = existing(set);
      different.putIfAbsent(JsonText.of(existing), existing);
    }
    return List.copyOf(different.values());
  }

  /// The space as its file has it.
  public SequencedMap<String, Object> form() {
    var form = new LinkedHashMap<String, Object>();
    parameters.forEach((name, parameter) -> {
      var one = new LinkedHashMap<String, Object>(parameter.form());
      if (conditions.containsKey(name)) {
        one.put(ParameterJson.WHEN, condition(name));
      }
      form.put(name, one);
    });
    return form;
  }

  /// What another space has otherwise: a sentence that names the parameter; nothing where both are the same.
  public Optional<String> difference(Space other) {
    var ours = form();
    var theirs = other.form();
    for (String name : ours.keySet()) {
      if (!theirs.containsKey(name)) {
        return Optional.of("the parameter \"" + name + "\" is new");
      }
    }
    for (String name : theirs.keySet()) {
      if (!ours.containsKey(name)) {
        return Optional.of("the parameter \"" + name + "\" is gone");
      }
    }
    for (String name : ours.keySet()) {
      String here = text(ours, name);
      String there = text(theirs, name);
      if (!here.equals(there)) {
        return Optional.of(
            "the parameter \"%s\" is now %s and was %s".formatted(name, here, there));
      }
    }
    return names().equals(other.names())
        ? Optional.empty()
        : Optional.of("the parameter \"" + firstMoved(other) + "\" stands at another place");
  }

  private String firstMoved(Space other) {
    List<String> there = other.names();
    return names().stream()
        .filter(name -> names().indexOf(name) != there.indexOf(name))
        .findFirst()
        .orElseThrow();
  }

  private static String text(Map<String, Object> form, String name) {
    return JsonText.line(Objects.requireNonNull(form.get(name)));
  }
}
