package dev.quintet.app.cli;

import dev.quintet.app.report.Block;
import dev.quintet.app.report.Words;
import dev.quintet.trainer.statistics.Holm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// Scores beside those of other systems, with what tests say of each difference, and that again after Holm's correction for all
/// differences that are tested.
///
/// @param tests how they were tested
/// @param systems each system's differences, by its file
record SystemComparison(
    PairedTests tests, SequencedMap<String, List<PairedTests.Difference>> systems) {
  private static final int INDENT = 2;
  private static final double LEAST = 5e-5;

  private List<PairedTests.Difference> all() {
    return systems.values().stream().flatMap(List::stream).toList();
  }

  /// The tests that say something of at least one difference.
  private List<PairedTests.Kind> kinds() {
    return Arrays.stream(PairedTests.Kind.values())
        .filter(kind -> all().stream().anyMatch(one -> one.p(kind).isPresent()))
        .toList();
  }

  /// The corrected values of each test, in the order of [#all].
  private Map<PairedTests.Kind, double[]> adjusted() {
    List<PairedTests.Difference> all = all();
    Map<PairedTests.Kind, double[]> adjusted = new EnumMap<>(PairedTests.Kind.class);
    for (PairedTests.Kind kind : kinds()) {
      int[] tested =
          IntStream.range(0, all.size()).filter(i -> all.get(i).p(kind).isPresent()).toArray();
      double[] corrected =
          Holm.adjusted(
              IntStream.of(tested).mapToDouble(i -> all.get(i).p(kind).orElseThrow()).toArray());
      double[] places = new double[all.size()];
      Arrays.fill(places, Double.NaN);
      for (int i = 0; i < tested.length; i++) {
        places[tested[i]] = corrected[i];
      }
      adjusted.put(kind, places);
    }
    return adjusted;
  }

  /// A table for each system, then how it came about.
  String text() {
    if (systems.isEmpty()) {
      return "";
    }
    boolean several = all().size() > 1;
    Map<PairedTests.Kind, double[]> adjusted = adjusted();
    var out = new StringBuilder();
    int at = 0;
    for (Map.Entry<String, List<PairedTests.Difference>> system : systems.entrySet()) {
      var rows = new ArrayList<List<String>>();
      var head = new ArrayList<>(List.of("", "baseline", "difference"));
      kinds().forEach(kind -> head.add(kind.title() + (several ? " p (Holm)" : " p")));
      for (PairedTests.Difference one : system.getValue()) {
        var row = new ArrayList<>(List.of(one.name(), Words.score(one.baseline())));
        row.add(Words.difference(one.value() - one.baseline()));
        for (Map.Entry<PairedTests.Kind, double[]> test : adjusted.entrySet()) {
          double corrected = test.getValue()[at];
          row.add(
              one.p(test.getKey()).isEmpty()
                  ? "-"
                  : p(one.p(test.getKey()).getAsDouble())
                      + (several ? " (" + p(corrected) + ")" : ""));
        }
        rows.add(row);
        at++;
      }
      out.append("compared with ")
          .append(system.getKey())
          .append('\n')
          .append(new Block.Table(head, rows, 1).text().indent(INDENT));
    }
    return out.append(how(several)).append('\n').toString();
  }

  private String how(boolean several) {
    var parts = new ArrayList<String>();
    for (PairedTests.Kind kind : kinds()) {
      parts.add(
          switch (kind) {
            case BOOTSTRAP -> "paired bootstrap as in sacrebleu (B = " + tests.resamples() + ")";
            case RANDOMIZATION -> "approximate randomization (" + tests.trials() + " trials)";
            case MCNEMAR -> "McNemar's exact test of scores by which a row is right or wrong";
          });
    }
    return "p, on both sides: "
        + String.join(", ", parts)
        + "; seed = "
        + tests.seed()
        + (several ? "; (Holm): corrected for all differences with such a test" : "");
  }

  private static String p(double value) {
    return value < LEAST ? "<0.0001" : Words.p(value);
  }

  /// What each system comes to in a score, as JSON.
  SequencedMap<String, Map<String, Object>> json(String score) {
    Map<PairedTests.Kind, double[]> adjusted = adjusted();
    var json = new LinkedHashMap<String, Map<String, Object>>();
    int at = 0;
    for (Map.Entry<String, List<PairedTests.Difference>> system : systems.entrySet()) {
      for (PairedTests.Difference one : system.getValue()) {
        if (one.name().equals(score)) {
          json.put(system.getKey(), json(one, adjusted, at));
        }
        at++;
      }
    }
    return json;
  }

  private Map<String, Object> json(
      PairedTests.Difference one, Map<PairedTests.Kind, double[]> adjusted, int at) {
    var json = new LinkedHashMap<String, Object>();
    json.put("baseline", one.baseline());
    json.put("difference", one.value() - one.baseline());
    one.bootstrap()
        .ifPresent(test -> {
          json.put("p", test.p());
          json.put("p_holm", corrected(adjusted, PairedTests.Kind.BOOTSTRAP, at));
          json.put("share_not_better", test.notBetter());
        });
    one.randomization()
        .ifPresent(test -> {
          var more = new LinkedHashMap<String, Object>();
          more.put("p", test.p());
          more.put("p_holm", corrected(adjusted, PairedTests.Kind.RANDOMIZATION, at));
          more.put("trials", test.trials());
          json.put("randomization", more);
        });
    one.mcNemar()
        .ifPresent(test -> {
          var more = new LinkedHashMap<String, Object>();
          more.put("only_baseline_right", test.onlyFirst());
          more.put("only_this_right", test.onlySecond());
          more.put("p", test.exactP());
          more.put("p_holm", corrected(adjusted, PairedTests.Kind.MCNEMAR, at));
          json.put("mcnemar", more);
        });
    return json;
  }

  private static double corrected(
      Map<PairedTests.Kind, double[]> adjusted, PairedTests.Kind kind, int at) {
    return Optional.ofNullable(adjusted.get(kind)).orElseThrow()[at];
  }

  /// What a reader has to know of tests that were not made.
  Optional<String> warning() {
    boolean none = !kinds().contains(PairedTests.Kind.MCNEMAR);
    return tests.kinds().contains(PairedTests.Kind.MCNEMAR) && tests.grouped() && none
        ? Optional.of(
            "McNemar's test is left out: rows of one group are not independent, as it takes them to be")
        : Optional.empty();
  }
}
