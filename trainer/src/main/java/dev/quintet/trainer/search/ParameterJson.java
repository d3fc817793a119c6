package dev.quintet.trainer.search;

import dev.quintet.core.io.JsonText;
import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import java.util.List;

/// Reads a parameter from a space's file.
final class ParameterJson {
  static final String WHEN = "when";
  private static final List<String> KINDS =
      List.of("uniform", "log_uniform", "integer", "log_integer", "choice", "quantized");

  private ParameterJson() {}

  /// @param json an object with one kind and its numbers, and perhaps `when`
  static Parameter read(String name, JsonObject json) {
    List<String> kinds = json.keys().stream().filter(key -> !key.equals(WHEN)).toList();
    if (kinds.size() != 1 || !KINDS.contains(kinds.getFirst())) {
      List<String> near =
          kinds.stream().flatMap(kind -> NearNames.close(kind, KINDS).stream()).toList();
      throw new IllegalArgumentException(
          "%s: the parameter \"%s\" is an object with one of %s and perhaps \"when\", not %s%s"
              .formatted(
                  json.source(),
                  name,
                  String.join(", ", KINDS),
                  kinds,
                  near.isEmpty() ? "" : "; did you mean \"" + near.getFirst() + "\"?"));
    }
    String kind = kinds.getFirst();
    List<?> values = json.list(kind).orElseThrow();
    try {
      return of(kind, values);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "%s: the parameter \"%s\": %s".formatted(json.source(), name, e.getMessage()), e);
    }
  }

  private static Parameter of(String kind, List<?> values) {
    return switch (kind) {
      case "choice" -> choice(values);
      case "uniform" ->
          new Parameter.Uniform(number(kind, values, 2, 0), number(kind, values, 2, 1));
      case "log_uniform" ->
          new Parameter.LogUniform(number(kind, values, 2, 0), number(kind, values, 2, 1));
      case "integer" -> new Parameter.Integers(whole(kind, values, 0), whole(kind, values, 1));
      case "log_integer" ->
          new Parameter.LogIntegers(whole(kind, values, 0), whole(kind, values, 1));
      default ->
          new Parameter.Quantized(
              number(kind, values, 3, 0), number(kind, values, 3, 1), number(kind, values, 3, 2));
    };
  }

  private static Parameter choice(List<?> values) {
    if (values.contains(JsonText.Null.NULL)) {
      throw new IllegalArgumentException(
          "\"choice\" takes values that the key can have, not null, which leaves it out; name its default");
    }
    return new Parameter.Choice(List.copyOf(values));
  }

  private static double number(String kind, List<?> values, int count, int index) {
    if (values.size() != count || !(values.get(index) instanceof Number number)) {
      throw new IllegalArgumentException(
          "\"%s\" takes %d numbers, got %s".formatted(kind, count, values));
    }
    return number.doubleValue();
  }

  private static long whole(String kind, List<?> values, int index) {
    double number = number(kind, values, 2, index);
    if (number != Math.rint(number) || Math.abs(number) > 0x1p53) {
      throw new IllegalArgumentException(
          "\"%s\" takes 2 whole numbers, got %s".formatted(kind, values));
    }
    return (long) number;
  }
}
