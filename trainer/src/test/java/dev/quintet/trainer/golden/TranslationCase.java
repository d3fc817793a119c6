package dev.quintet.trainer.golden;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.translation.TranslationMetric;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// A recorded case of a metric of translations: one answer, or a corpus with streams of references.
record TranslationCase(String where, JsonObject recorded, boolean corpus, List<Answered> rows) {

  /// Reads a case, and fails where its form is another.
  ///
  /// @param always keys beside those that every case has
  static TranslationCase of(String where, JsonObject recorded, String... always) {
    boolean corpus =
        switch (recorded.required("level", JsonObject::string)) {
          case "sentence" -> false;
          case "corpus" -> true;
          case String other -> throw new AssertionError(where + ": unknown level " + other);
        };
    var keys = new TreeSet<>(Set.of("level", "options", "score"));
    keys.addAll(List.of(always));
    keys.addAll(
        corpus ? List.of("hypotheses", "streams", "printed") : List.of("hypothesis", "references"));
    List.of("signature", "short_signature").stream().filter(recorded::has).forEach(keys::add);
    Recorded.form(recorded, where, keys.toArray(String[]::new));
    return new TranslationCase(
        where,
        recorded,
        corpus,
        corpus
            ? corpus(recorded)
            : List.of(
                new Answered(
                    recorded.required("hypothesis", JsonObject::string),
                    references(recorded.required("references", JsonObject::list)))));
  }

  private static List<Answered> corpus(JsonObject recorded) {
    var rows = new ArrayList<Answered>();
    List<String> hypotheses = Recorded.strings(recorded, "hypotheses");
    List<?> streams = recorded.required("streams", JsonObject::list);
    for (int i = 0; i < hypotheses.size(); i++) {
      int row = i;
      rows.add(new Answered(hypotheses.get(i), references(column(streams, row))));
    }
    return rows;
  }

  private static List<Object> column(List<?> streams, int row) {
    var column = new ArrayList<Object>();
    streams.forEach(stream -> column.add(((List<?>) stream).get(row)));
    return column;
  }

  /// Those that are there.
  private static List<String> references(List<?> all) {
    return all.stream().filter(item -> item != JsonText.Null.NULL).map(String.class::cast).toList();
  }

  /// The options, which have to be among these.
  JsonObject options(String... known) {
    JsonObject options = recorded.required("options", JsonObject::object);
    if (!Set.of(known).containsAll(options.keys())) {
      throw new AssertionError(where + ": unknown options among " + options.keys());
    }
    return options;
  }

  /// Compares score, signature and printed lines.
  ///
  /// @return the statistics, added up
  double[] check(TranslationMetric metric) {
    Measured measured = metric.measure(rows);
    double[] sums = new double[metric.statistics()];
    for (double[] row : measured.statistics()) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += row[i];
      }
    }
    Recorded.near(where + " score", Recorded.number(recorded, "score"), measured.scores()[0]);
    recorded
        .string("signature")
        .ifPresent(signature ->
            Recorded.same(
                where + " signature", signature, ours(metric.signature(rows).toString())));
    recorded
        .string("short_signature")
        .ifPresent(signature ->
            Recorded.same(
                where + " short signature", signature, ours(metric.signature(rows).brief())));
    if (corpus) {
      List<String> printed = Recorded.strings(recorded, "printed");
      Recorded.same(where + " lines", 3, printed.size());
      int[] decimals = {1, 2, 4};
      for (int i = 0; i < decimals.length; i++) {
        Recorded.same(where + " line", printed.get(i), metric.line(sums, decimals[i]));
      }
    }
    return sums;
  }

  /// A signature up to the version, which is ours.
  private static String ours(String signature) {
    return signature.replaceFirst("quintet-[^|]+$", "2.6.0");
  }
}
