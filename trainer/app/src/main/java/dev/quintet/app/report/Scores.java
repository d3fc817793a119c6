package dev.quintet.app.report;

import dev.quintet.trainer.evaluate.Prediction;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Measured;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.translation.TranslationMetric;
import dev.quintet.trainer.statistics.Bootstrap;
import dev.quintet.trainer.statistics.Holm;
import dev.quintet.trainer.statistics.Interval;
import dev.quintet.trainer.statistics.PairedBootstrap;
import dev.quintet.trainer.statistics.Resamples;
import dev.quintet.trainer.statistics.SamplingUnits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// A model's scores on some rows with their intervals, and beside those of others on the same rows.
///
/// @param part which rows they are, in words
/// @param rows how many
/// @param lines each score
/// @param signatures of the metrics that have one, by name
/// @param notes what a reader has to know
record Scores(
    String part,
    int rows,
    List<Line> lines,
    SequencedMap<String, String> signatures,
    List<String> notes) {
  static final int RESAMPLES = 1000;
  static final long SEED = 12345;
  static final double LEVEL = 0.95;
  private static final int FEW = 30;

  /// A score.
  ///
  /// @param name its own, after the metric's where two metrics have such a score
  /// @param leads whether it is the first of its metric
  /// @param higherIsBetter whether more is better
  /// @param value of all rows
  /// @param interval by resampling rows
  /// @param rivals others' scores
  record Line(
      String name,
      boolean leads,
      boolean higherIsBetter,
      double value,
      Interval interval,
      List<Rival> rivals) {}

  /// Another system's score.
  ///
  /// @param system its name
  /// @param value its score
  /// @param p of the paired bootstrap, on both sides
  /// @param adjusted the same after Holm's correction for all systems of the line
  record Rival(String system, double value, double p, double adjusted) {}

  /// Scores predictions.
  ///
  /// @param metrics by name
  /// @param others answers of other systems to the same rows
  static Scores of(
      String part,
      SequencedMap<String, Metric> metrics,
      List<Prediction> predictions,
      SequencedMap<String, List<String>> others) {
    List<Answered> own = predictions.stream().map(Prediction::answered).toList();
    Resamples resamples = Resamples.seeded(own.size(), RESAMPLES, SEED);
    var lines = new ArrayList<Line>();
    var signatures = new LinkedHashMap<String, String>();
    var notes = new ArrayList<String>();
    List<String> names =
        metrics.values().stream().flatMap(metric -> metric.names().stream()).toList();
    List<String> repeated =
        names.stream().filter(name -> Collections.frequency(names, name) > 1).toList();
    if (own.size() < FEW) {
      notes.add(
          "Only %d rows: intervals from fewer than %d are too narrow to be trusted."
              .formatted(own.size(), FEW));
    }
    for (Map.Entry<String, Metric> entry : metrics.entrySet()) {
      Metric metric = entry.getValue();
      Measured measured = metric.measure(own);
      measured.notes().forEach(note -> notes.add(entry.getKey() + ": " + note));
      String signature =
          metric instanceof TranslationMetric translation
              ? translation.signature(own).withBootstrap(RESAMPLES, SEED).toString()
              : metric.signature();
      if (!signature.isEmpty()) {
        signatures.put(entry.getKey(), signature);
      }
      SamplingUnits units = SamplingUnits.rows(measured);
      List<Bootstrap> scores = Bootstrap.of(units, resamples);
      var pairs = new LinkedHashMap<String, List<PairedBootstrap>>();
      others.forEach((name, answers) ->
          pairs.put(
              name,
              PairedBootstrap.of(
                  metric,
                  SamplingUnits.rows(metric.measure(beside(own, answers))),
                  units,
                  resamples)));
      for (int i = 0; i < scores.size(); i++) {
        String name = metric.names().get(i);
        Bootstrap score = scores.get(i);
        if (score.undefined() > 0) {
          notes.add(
              "%s: %d of %d resamples have no such score and are left out."
                  .formatted(name, score.undefined(), RESAMPLES));
        }
        lines.add(
            new Line(
                repeated.contains(name) ? entry.getKey() + "/" + name : name,
                i == 0,
                metric.higherIsBetter(name),
                score.value(),
                score.percentile(LEVEL),
                rivals(pairs, i)));
      }
    }
    return new Scores(part, own.size(), lines, signatures, notes);
  }

  /// The same with a score before all others, which then leads its metric.
  ///
  /// @param select its name; nothing changes where there is none of it
  Scores leadBy(String select) {
    var rest = new ArrayList<Line>(lines);
    Optional<Line> chosen =
        lines.stream()
            .filter(line -> line.name.equals(select) || line.name.endsWith("/" + select))
            .findFirst();
    chosen.ifPresent(line -> {
      rest.remove(line);
      rest.addFirst(
          new Line(line.name, true, line.higherIsBetter, line.value, line.interval, line.rivals));
    });
    return new Scores(part, rows, rest, signatures, notes);
  }

  private static List<Answered> beside(List<Answered> own, List<String> answers) {
    return IntStream.range(0, own.size())
        .mapToObj(row -> new Answered(answers.get(row), own.get(row).answers()))
        .toList();
  }

  private static List<Rival> rivals(Map<String, List<PairedBootstrap>> pairs, int score) {
    List<PairedBootstrap> each = pairs.values().stream().map(list -> list.get(score)).toList();
    double[] adjusted = Holm.adjusted(each.stream().mapToDouble(PairedBootstrap::p).toArray());
    List<String> names = List.copyOf(pairs.keySet());
    return IntStream.range(0, names.size())
        .mapToObj(i -> new Rival(names.get(i), each.get(i).first(), each.get(i).p(), adjusted[i]))
        .toList();
  }

  /// The same numbers as JSON.
  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("part", part);
    json.put("rows", rows);
    json.put("resamples", RESAMPLES);
    json.put("seed", SEED);
    json.put("level", LEVEL);
    json.put("scores", lines.stream().map(Scores::json).toList());
    json.put("signatures", signatures);
    json.put("notes", notes);
    return json;
  }

  private static Map<String, Object> json(Line line) {
    var json = new LinkedHashMap<String, Object>();
    json.put("name", line.name);
    json.put("higher_is_better", line.higherIsBetter);
    json.put("score", line.value);
    json.put("low", line.interval.low());
    json.put("high", line.interval.high());
    var rivals = new ArrayList<Map<String, Object>>();
    for (Rival rival : line.rivals) {
      var one = new LinkedHashMap<String, Object>();
      one.put("system", rival.system);
      one.put("score", rival.value);
      one.put("difference", line.value - rival.value);
      one.put("p", rival.p);
      one.put("p_holm", rival.adjusted);
      rivals.add(one);
    }
    json.put("compared_with", rivals);
    return json;
  }
}
