package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Reads recorded results and compares with them, as the README beside the files asks.
final class Recorded {
  private static final double NEAR = 2e-9;
  private static final double LEAST = 1e-3;

  private Recorded() {}

  /// The objects of a list.
  static List<JsonObject> objects(JsonObject in, String key) {
    var objects = new ArrayList<JsonObject>();
    for (Object item : in.required(key, JsonObject::list)) {
      objects.add((JsonObject) item);
    }
    return objects;
  }

  /// The numbers of a list; those that JSON lacks are strings.
  static double[] numbers(JsonObject in, String key) {
    return numbers(in.required(key, JsonObject::list));
  }

  /// The numbers of a list.
  static double[] numbers(List<?> list) {
    return list.stream().mapToDouble(Recorded::number).toArray();
  }

  /// A number under a key.
  static double number(JsonObject in, String key) {
    return number(in.value(key).orElseThrow(() -> new AssertionError("no " + key + " in " + in)));
  }

  /// A number as it is recorded: `"nan"`, `"inf"` and `"-inf"` are strings.
  static double number(Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case String text when text.equals("nan") -> Double.NaN;
      case String text when text.equals("inf") -> Double.POSITIVE_INFINITY;
      case String text when text.equals("-inf") -> Double.NEGATIVE_INFINITY;
      case Object other -> throw new AssertionError("not a recorded number: " + other);
    };
  }

  /// The strings of a list.
  static List<String> strings(JsonObject in, String key) {
    return in.required(key, JsonObject::list).stream().map(String.class::cast).toList();
  }

  /// Fails where an object has keys that its judge does not read, or lacks one.
  static void form(JsonObject object, String where, String... keys) {
    var known = new TreeSet<>(Set.of(keys));
    if (!object.keys().equals(known)) {
      throw new AssertionError(
          where + ": expected the keys " + known + ", found " + new TreeSet<>(object.keys()));
    }
  }

  /// Fails unless the number is within 2e-9 of the recorded one, relative or to a thousandth.
  static void near(String where, double recorded, double got) {
    within(where, recorded, got, NEAR * Math.max(Math.abs(recorded), LEAST));
  }

  /// Fails unless the number is as near as said.
  static void within(String where, double recorded, double got, double tolerance) {
    boolean same = Double.compare(recorded, got) == 0 || Math.abs(recorded - got) <= tolerance;
    if (!same) {
      throw new AssertionError(where + ": recorded " + recorded + ", got " + got);
    }
  }

  /// Fails unless they are equal.
  static void same(String where, Object recorded, Object got) {
    if (!recorded.equals(got)) {
      throw new AssertionError(where + ": recorded " + recorded + ", got " + got);
    }
  }
}
