package dev.quintet.app.vocabulary;

import dev.quintet.models.adapt.vocabulary.RowInit;
import dev.quintet.models.adapt.vocabulary.RowPlan;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What came of a model's change of tokenizers, a line for each way to begin.
///
/// @param rows the model as it was, the model that trained on, and the ways to change
/// @param before ids of the old tokenizer
/// @param after ids of the new one
/// @param steps of each training
/// @param frozen of these the first, in which the body is frozen
/// @param speeds of generation
public record SwitchTable(
    List<Row> rows, int before, int after, long steps, long frozen, Speeds speeds) {

  /// Characters of names per second.
  ///
  /// @param before of the model as it was
  /// @param after of the one that has changed by FVT, at the end
  public record Speeds(double before, double after) {}

  /// One model.
  ///
  /// @param name what it is
  /// @param plan of its rows, if it has changed
  /// @param tokensPerByte of texts and names that it has not seen
  /// @param first nats per byte of names, before a step
  /// @param thawed the same when the body thaws
  /// @param last the same at the end
  /// @param f1 of the names that it finds
  public record Row(
      String name,
      Optional<RowPlan> plan,
      double tokensPerByte,
      double first,
      double thawed,
      double last,
      double f1) {}

  /// Copies the rows.
  public SwitchTable {
    rows = List.copyOf(rows);
  }

  /// The table, and in words whether what the paper says holds here.
  public String text() {
    int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
    var text = new StringBuilder();
    text.append(
        format(
            "From %,d ids to %,d. Loss in nats per byte of names; the body is frozen for the first %,d of %,d steps.%n%n",
            before, after, frozen, steps));
    text.append(
        format(
            "%-" + width + "s %7s %8s %7s %11s %10s %10s %10s %6s%n",
            "rows begin as",
            "copied",
            "of parts",
            "new",
            "tokens/byte",
            "at once",
            "step " + frozen,
            "step " + steps,
            "F1"));
    for (Row row : rows) {
      text.append(
          format(
              "%-" + width + "s %7s %8s %7s %11.3f %10.3f %10.3f %10.3f %6.1f%n",
              row.name(),
              row.plan().map(plan -> format("%,d", plan.copied())).orElse("-"),
              row.plan().map(plan -> format("%,d", plan.averaged())).orElse("-"),
              row.plan().map(plan -> format("%,d", plan.fresh())).orElse("-"),
              row.tokensPerByte(),
              row.first(),
              row.thawed(),
              row.last(),
              100 * row.f1()));
    }
    return text.append('\n').append(words()).toString();
  }

  private String words() {
    Row old = rows.getFirst();
    Row fvt = of(RowInit.FVT.toString());
    Row random = of(RowInit.RANDOM.toString());
    Row all = of("all rows " + RowInit.RANDOM);
    return format(
        "FVT is %s random rows at once (%.3f against %.3f; %.3f where no row is copied)"
            + " and %s them after %,d steps (%.3f against %.3f; %.3f).%n"
            + "After them the new tokenizer with FVT is %.3f nats per byte %s the model as it was;"
            + " it needs %.2f times as many tokens and generates %,.0f characters per second instead of %,.0f.%n",
        ahead(fvt.first(), random.first()),
        fvt.first(),
        random.first(),
        all.first(),
        ahead(fvt.last(), random.last()),
        steps,
        fvt.last(),
        random.last(),
        all.last(),
        Math.abs(fvt.last() - old.last()),
        fvt.last() <= old.last() ? "below" : "above",
        fvt.tokensPerByte() / old.tokensPerByte(),
        speeds.after(),
        speeds.before());
  }

  private static String ahead(double ours, double theirs) {
    return ours < theirs ? "ahead of" : "not ahead of";
  }

  private Row of(String name) {
    return rows.stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
