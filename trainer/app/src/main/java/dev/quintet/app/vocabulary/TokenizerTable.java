package dev.quintet.app.vocabulary;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What came of learning with different tokenizers, a line for each.
///
/// @param rows one for each tokenizer
/// @param steps of each training
public record TokenizerTable(List<Row> rows, long steps) {

  /// One tokenizer, and the model that learned with it.
  ///
  /// @param name what it was trained on
  /// @param ids of its vocabulary
  /// @param prose tokens per byte of sentences
  /// @param code tokens per byte of fenced code
  /// @param describe sentences from code
  /// @param declare signatures from sentences
  public record Row(String name, int ids, double prose, double code, Task describe, Task declare) {

    double loss() {
      return (describe.loss + declare.loss) / 2;
    }

    double f1() {
      return (describe.f1 + declare.f1) / 2;
    }
  }

  /// How well a model does a task.
  ///
  /// @param loss nats per byte of right answers
  /// @param f1 of its answers' words
  public record Task(double loss, double f1) {}

  /// Copies the rows.
  public TokenizerTable {
    rows = List.copyOf(rows);
  }

  /// The table, and in words which tokenizer comes out best.
  public String text() {
    var text = new StringBuilder();
    text.append(
            format(
                "%,d steps each. Loss in nats per byte of right answers, F1 of answers' words.%n%n"
                    + "%-12s %6s %12s %12s %15s %15s %9s %13s %13s %7s%n",
                steps,
                "trained on",
                "ids",
                "tokens/byte",
                "tokens/byte",
                "loss, sentence",
                "loss, signature",
                "loss,",
                "F1, sentence",
                "F1, signature",
                "F1,"))
        .append(
            format(
                "%-12s %6s %12s %12s %15s %15s %9s %13s %13s %7s%n",
                "",
                "",
                "of prose",
                "of code",
                "from code",
                "from sentence",
                "mean",
                "from code",
                "from sentence",
                "mean"));
    for (Row row : rows) {
      text.append(
          format(
              "%-12s %,6d %12.3f %12.3f %15.3f %15.3f %9.3f %13.1f %13.1f %7.1f%n",
              row.name,
              row.ids,
              row.prose,
              row.code,
              row.describe.loss,
              row.declare.loss,
              row.loss(),
              100 * row.describe.f1,
              100 * row.declare.f1,
              100 * row.f1()));
    }
    return text.append('\n')
        .append(
            format(
                "Fewest tokens: of prose %s, of code %s. Lowest loss: %s. Best F1: %s. One seed, so small"
                    + " differences say little.%n",
                least(Row::prose), least(Row::code), least(Row::loss), least(row -> -row.f1())))
        .toString();
  }

  private String least(ToDoubleFunction<Row> of) {
    return rows.stream().min(Comparator.comparingDouble(of)).map(Row::name).orElse("none");
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
