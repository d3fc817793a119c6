package dev.quintet.models.adapt.method;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;

/// The settings of an adapter out of a file, asked for by name: what nobody asked for can be told, and what asks for
/// something that there is not is refused by its name.
public final class AdapterFields {
  private final JsonObject json;
  private final TreeSet<String> asked = new TreeSet<>();

  /// Settings to be read.
  public AdapterFields(JsonObject json) {
    this.json = json;
  }

  /// Where they come from, for messages.
  public String source() {
    return json.source();
  }

  /// A whole number, or the value that peft takes where there is none.
  public int whole(String key, int otherwise) {
    return get(key, JsonObject::integer).orElse(otherwise);
  }

  /// A whole number from 1 on, or the value that peft takes where there is none.
  ///
  /// @throws AdapterException if it is below 1
  public int count(String key, int otherwise) {
    int value = whole(key, otherwise);
    if (value < 1) {
      throw wrong(key, "at least 1", value);
    }
    return value;
  }

  /// A number, or the value that peft takes where there is none.
  public double number(String key, double otherwise) {
    return get(key, JsonObject::number).orElse(otherwise);
  }

  /// A truth value, or the one that peft takes where there is none.
  public boolean flag(String key, boolean otherwise) {
    return get(key, JsonObject::bool).orElse(otherwise);
  }

  /// A word, or the one that peft takes where there is none.
  public String word(String key, String otherwise) {
    return get(key, JsonObject::string).orElse(otherwise);
  }

  /// A value of any type.
  public Optional<Object> value(String key) {
    return get(key, JsonObject::value);
  }

  /// Words: a list of them, or one alone.
  public List<String> words(String key) {
    Optional<Object> value = value(key);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get() instanceof String one) {
      return List.of(one);
    }
    var words = new ArrayList<String>();
    for (Object item : value.get() instanceof List<?> list ? list : List.of(0)) {
      if (!(item instanceof String word)) {
        throw wrong(key, "a list of words", value.get());
      }
      words.add(word);
    }
    return words;
  }

  /// Whole numbers: a list of them, or one alone.
  public List<Integer> wholes(String key) {
    return get(key, JsonObject::integers).stream()
        .flatMap(values -> Arrays.stream(values).boxed())
        .toList();
  }

  /// Modules that are meant, by words or an expression.
  public Optional<Targets> targets(String key) {
    Optional<Object> value = value(key);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        value.get() instanceof String expression
            ? Targets.matching(expression)
            : Targets.of(words(key)));
  }

  /// Numbers by the patterns of modules that they are for, in the file's order.
  public Map<String, Double> pattern(String key) {
    var found = new LinkedHashMap<String, Double>();
    get(key, JsonObject::object)
        .ifPresent(object -> {
          for (String name : object.keysAsWritten()) {
            found.put(name, object.required(name, JsonObject::number));
          }
        });
    return found;
  }

  /// Refuses an option that there is not here, where it is set.
  ///
  /// @param unset the values, beside none and what is empty or false, that ask for nothing
  /// @throws AdapterException that names it
  public void refuse(String key, String reason, Object... unset) {
    Object value = value(key).orElse(false);
    boolean empty =
        value.equals(false)
            || value instanceof List<?> list && list.isEmpty()
            || value instanceof JsonObject object && object.keys().isEmpty()
            || List.of(unset).contains(value);
    if (!empty) {
      throw new AdapterException(
          source() + ": " + key + " = " + JsonText.line(value) + " is not supported: " + reason);
    }
  }

  /// Passes over settings that mean nothing here.
  public void ignore(String... keys) {
    asked.addAll(List.of(keys));
  }

  /// The settings that nobody has asked for.
  public List<String> unknown() {
    return json.keys().stream().filter(key -> !asked.contains(key)).toList();
  }

  /// The exception for a value that does not fit.
  public AdapterException wrong(String key, String expected, Object found) {
    return new AdapterException(
        source() + ": " + key + " must be " + expected + ", not " + JsonText.line(found));
  }

  private <T> Optional<T> get(String key, BiFunction<JsonObject, String, Optional<T>> as) {
    asked.add(key);
    try {
      return as.apply(json, key);
    } catch (IllegalArgumentException e) {
      throw new AdapterException(String.valueOf(e.getMessage()), e);
    }
  }
}
