package dev.quintet.trainer.search;

import dev.quintet.core.io.JsonText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// What one setting may be, as a map from the unit interval: each share of the interval is as likely as it is long.
public sealed interface Parameter {

  /// The value at a place of the interval.
  ///
  /// @param u from 0 to 1
  /// @return a `Double`, a `Long`, or one of a choice's values
  Object at(double u);

  /// The middle of the places that give a value.
  ///
  /// @throws IllegalArgumentException if no place does
  double unit(Object value);

  /// How many values there are; nothing where there is one at every place.
  OptionalLong count();

  /// All values in order.
  ///
  /// @throws IllegalArgumentException if there is one at every place
  default List<Object> all() {
    long count =
        count()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    JsonText.line(form())
                        + " has a value at every place, so no grid: take \"choice\" or \"quantized\""));
    var values = new ArrayList<Object>();
    LongStream.range(0, count).forEach(i -> values.add(at((i + 0.5) / count)));
    return values;
  }

  /// The parameter as a space's file has it.
  Map<String, List<?>> form();

  private static double clamp(double u) {
    return Math.clamp(u, 0.0, 1.0);
  }

  private static double number(Object value, Parameter of) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw other(value, of);
  }

  private static IllegalArgumentException other(Object value, Parameter of) {
    return new IllegalArgumentException(
        JsonText.line(value) + " is no value of " + JsonText.line(of.form()));
  }

  private static void ordered(String kind, double low, double high) {
    if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          "\"%s\" takes a low end and a higher one, got %s and %s".formatted(kind, low, high));
    }
  }

  private static void positive(String kind, double low) {
    if (!(low > 0)) {
      throw new IllegalArgumentException("\"%s\" takes ends above 0, got %s".formatted(kind, low));
    }
  }

  /// Any number between two, each as likely as the other.
  ///
  /// @param low the least
  /// @param high the most
  record Uniform(double low, double high) implements Parameter {
    /// Checks the ends.
    public Uniform {
      ordered("uniform", low, high);
    }

    @Override
    public Object at(double u) {
      return low + clamp(u) * (high - low);
    }

    @Override
    public double unit(Object value) {
      double u = (number(value, this) - low) / (high - low);
      return within(u, value, this);
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.empty();
    }

    @Override
    public Map<String, List<?>> form() {
      return Map.of("uniform", List.of(low, high));
    }
  }

  private static double within(double u, Object value, Parameter of) {
    if (u < -1e-9 || u > 1 + 1e-9 || Double.isNaN(u)) {
      throw other(value, of);
    }
    return clamp(u);
  }

  /// Any number between two, each factor as likely as the other.
  ///
  /// @param low the least, above 0
  /// @param high the most
  record LogUniform(double low, double high) implements Parameter {
    /// Checks the ends.
    public LogUniform {
      positive("log_uniform", low);
      ordered("log_uniform", low, high);
    }

    @Override
    public Object at(double u) {
      return Math.clamp(low * StrictMath.pow(high / low, clamp(u)), low, high);
    }

    @Override
    public double unit(Object value) {
      double u = StrictMath.log(number(value, this) / low) / StrictMath.log(high / low);
      return within(u, value, this);
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.empty();
    }

    @Override
    public Map<String, List<?>> form() {
      return Map.of("log_uniform", List.of(low, high));
    }
  }

  /// Whole numbers from one to another, each as likely as the other.
  ///
  /// @param low the first
  /// @param high the last
  record Integers(long low, long high) implements Parameter {
    /// Checks the ends.
    public Integers {
      ordered("integer", low, high);
      Math.addExact(Math.subtractExact(high, low), 1);
    }

    @Override
    public Object at(double u) {
      return Math.min(high, (long) Math.floor(low + clamp(u) * (high - low + 1)));
    }

    @Override
    public double unit(Object value) {
      double number = number(value, this);
      if (number != Math.rint(number) || number < low || number > high) {
        throw other(value, this);
      }
      return (number - low + 0.5) / (high - low + 1);
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.of(high - low + 1);
    }

    @Override
    public Map<String, List<?>> form() {
      return Map.of("integer", List.of(low, high));
    }
  }

  /// Whole numbers from one to another, each factor as likely as the other.
  ///
  /// @param low the first, at least 1
  /// @param high the last
  record LogIntegers(long low, long high) implements Parameter {
    /// Checks the ends.
    public LogIntegers {
      positive("log_integer", low);
      ordered("log_integer", low, high);
    }

    @Override
    public Object at(double u) {
      double number = (low - 0.5) * StrictMath.pow((high + 0.5) / (low - 0.5), clamp(u));
      return Math.clamp(Math.round(number), low, high);
    }

    @Override
    public double unit(Object value) {
      double number = number(value, this);
      if (number != Math.rint(number) || number < low || number > high) {
        throw other(value, this);
      }
      return StrictMath.log(number / (low - 0.5)) / StrictMath.log((high + 0.5) / (low - 0.5));
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.of(high - low + 1);
    }

    @Override
    public List<Object> all() {
      return LongStream.rangeClosed(low, high).<Object>mapToObj(Long::valueOf).toList();
    }

    @Override
    public Map<String, List<?>> form() {
      return Map.of("log_integer", List.of(low, high));
    }
  }

  /// One of some values that have no order.
  ///
  /// @param values of JSON's types, at least one, each once
  record Choice(List<Object> values) implements Parameter {
    /// Copies the values.
    public Choice {
      values = List.copyOf(values);
      if (values.isEmpty()
          || values.stream().map(JsonText::of).distinct().count() < values.size()) {
        throw new IllegalArgumentException("\"choice\" takes values, each of them once");
      }
    }

    @Override
    public Object at(double u) {
      return values.get(Math.min(values.size() - 1, (int) (clamp(u) * values.size())));
    }

    @Override
    public double unit(Object value) {
      return (index(value) + 0.5) / values.size();
    }

    /// The place of a value among the values.
    int index(Object value) {
      List<String> texts = values.stream().map(JsonText::of).toList();
      int index = texts.indexOf(JsonText.of(value));
      if (index < 0) {
        throw other(value, this);
      }
      return index;
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.of(values.size());
    }

    @Override
    public Map<String, List<?>> form() {
      return Map.of("choice", values);
    }
  }

  /// Numbers at equal distances.
  ///
  /// @param low the first
  /// @param high the last, where it is a whole number of steps away
  /// @param step the distance
  record Quantized(double low, double high, double step) implements Parameter {
    /// Checks ends and step.
    public Quantized {
      ordered("quantized", low, high);
      if (!(step > 0) || step > high - low) {
        throw new IllegalArgumentException(
            "\"quantized\" takes a low end, a higher one and a step that fits between, got a step of %s"
                .formatted(step));
      }
    }

    private long steps() {
      return (long) Math.floor((high - low) / step + 1e-9) + 1;
    }

    @Override
    public Object at(double u) {
      long index = Math.min(steps() - 1, (long) Math.floor(clamp(u) * steps()));
      // As decimals: three steps of 0.1 are 0.3, not 0.30000000000000004.
      BigDecimal value =
          BigDecimal.valueOf(low).add(BigDecimal.valueOf(step).multiply(BigDecimal.valueOf(index)));
      boolean whole = low == Math.rint(low) && step == Math.rint(step);
      if (whole && Math.abs(value.doubleValue()) < 0x1p53) {
        return value.longValue();
      }
      return value.doubleValue();
    }

    @Override
    public double unit(Object value) {
      double index = (number(value, this) - low) / step;
      if (Math.abs(index - Math.rint(index)) > 1e-6 || index < -0.5 || index > steps() - 0.5) {
        throw other(value, this);
      }
      return (Math.rint(index) + 0.5) / steps();
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.of(steps());
    }

    @Override
    public Map<String, List<?>> form() {
      return Map.of("quantized", List.of(low, high, step));
    }
  }
}
