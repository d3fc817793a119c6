package dev.quintet.app.cli;

import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.JsonText;
import dev.quintet.trainer.search.Importance;
import dev.quintet.trainer.search.Landscape;
import dev.quintet.trainer.search.SearchResult;
import dev.quintet.trainer.search.Seen;
import dev.quintet.trainer.search.TrialResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// What a search leaves behind: a table, the best settings, pictures.
final class SearchReport {
  static final String TABLE = "table.json";
  static final String BEST = "best.json";
  static final List<String> PICTURES =
      List.of("trials.png", "parameters.png", "parallel.png", "contour.png");

  private final SearchSettings settings;
  private final SearchResult result;
  private final SequencedMap<String, Double> importance;

  SearchReport(SearchSettings settings, SearchResult result) {
    this.settings = settings;
    this.result = result;
    importance = importance(settings, result);
  }

  /// Of a grid that was run whole by its own means, else by a Gaussian process.
  private static SequencedMap<String, Double> importance(
      SearchSettings settings, SearchResult result) {
    List<String> names = settings.space().names();
    boolean grid =
        settings.json().string("sampler").equals(Optional.of("grid"))
            && settings.space().size().orElse(-1) == result.trials().size()
            && result.trials().stream()
                .allMatch(trial ->
                    trial.state() == TrialResult.State.FINISHED
                        && Double.isFinite(trial.value())
                        && trial.values().size() == names.size());
    if (!grid) {
      return Importance.of(settings.space(), result.seen());
    }
    double[] shares =
        Importance.ofGrid(
            names.stream()
                .mapToInt(name -> settings.space().parameter(name).all().size())
                .toArray(),
            result.trials().stream().mapToDouble(TrialResult::value).toArray());
    var named = new LinkedHashMap<String, Double>();
    names.forEach(name -> named.put(name, shares[named.size()]));
    return named;
  }

  /// Writes the best settings, with a folder of their own to train in. The test part stays behind: the winner alone was scored on
  /// it, and who trains these settings again would look at it a second time.
  void best(TrialResult best) {
    var values = new TreeMap<>(settings.settings(best.values()).values());
    values.put("out", settings.out().resolve("trained").toString());
    values.remove("test");
    AtomicFile.write(settings.out().resolve(BEST), JsonText.of(values) + "\n");
  }

  /// Writes the table.
  ///
  /// @param test the winner's scores on the test part, where it was opened
  void table(SequencedMap<String, Object> test) {
    var table = new LinkedHashMap<String, Object>();
    table.put("metric", settings.score().key());
    table.put("higher_is_better", result.higherIsBetter());
    result.best().ifPresent(best -> table.put("best", (long) best.trial()));
    table.put("trials", result.sorted().stream().map(SearchReport::row).toList());
    table.put("importance", importance);
    double rest = 1 - importance.values().stream().mapToDouble(x -> x).sum();
    table.put("interactions", Math.max(0, rest));
    if (!test.isEmpty()) {
      table.put("test", test);
    }
    AtomicFile.write(settings.out().resolve(TABLE), JsonText.of(table) + "\n");
  }

  private static SequencedMap<String, Object> row(TrialResult trial) {
    var row = new LinkedHashMap<String, Object>();
    row.put("trial", (long) trial.trial());
    row.put("state", trial.state().key());
    row.put("value", trial.value());
    trial.low().ifPresent(low -> row.put("low", low));
    trial.high().ifPresent(high -> row.put("high", high));
    row.put("steps", trial.step());
    row.put("values", trial.values());
    if (!trial.reason().isEmpty()) {
      row.put("reason", trial.reason());
    }
    return row;
  }

  /// The table as text.
  String text(int most) {
    var text =
        new StringBuilder(
            "%5s %-9s %10s %20s %8s  %s%n"
                .formatted(
                    "trial", "state", settings.score().name(), "interval", "steps", "values"));
    for (TrialResult trial : result.sorted().stream().limit(most).toList()) {
      String interval =
          trial.low().isPresent()
              ? String.format(
                  Locale.ROOT,
                  "%.4f to %.4f",
                  trial.low().getAsDouble(),
                  trial.high().orElse(Double.NaN))
              : "";
      text.append(
          String.format(
              Locale.ROOT,
              "%5d %-9s %10.4f %20s %8d  %s%n",
              trial.trial(),
              trial.state().key(),
              trial.value(),
              interval,
              trial.step(),
              values(trial)));
    }
    if (result.trials().size() > most) {
      text.append(
          "%,d more in %s%n"
              .formatted(result.trials().size() - most, settings.out().resolve(TABLE)));
    }
    text.append("share of the differences that a parameter makes by itself:");
    importance.forEach(
        (name, share) -> text.append(String.format(Locale.ROOT, " %s %.0f %%", name, 100 * share)));
    return text.append(System.lineSeparator()).toString();
  }

  /// A trial's values in one line.
  static String values(TrialResult trial) {
    var parts = new ArrayList<String>();
    trial.values().forEach((name, value) -> parts.add(name + "=" + SearchCharts.text(value)));
    return String.join(", ", parts);
  }

  /// Draws the pictures.
  ///
  /// @return why there are none; empty where there are
  Optional<String> pictures() {
    if (result.trials().stream().noneMatch(trial -> Double.isFinite(trial.value()))) {
      return Optional.of("no pictures: no trial has a value");
    }
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
    Path out = settings.out();
    try {
      var charts = new SearchCharts(result, settings.score().label());
      charts.history(out.resolve(PICTURES.get(0)));
      new ParameterPicture(settings.space(), result, settings.score().label())
          .write(out.resolve(PICTURES.get(1)));
      new ParallelPicture(settings.space(), result, settings.score().label())
          .write(out.resolve(PICTURES.get(2)));
      contour(out.resolve(PICTURES.get(3)));
      return Optional.empty();
    } catch (Exception | LinkageError e) {
      return Optional.of("no pictures: " + e);
    }
  }

  private void contour(Path png) throws IOException {
    List<String> first =
        importance.entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
            .limit(2)
            .map(Map.Entry::getKey)
            .toList();
    List<Seen> seen = result.seen();
    Optional<Landscape> landscape = Landscape.of(settings.space(), seen);
    if (first.size() < 2 || landscape.isEmpty() || result.best().isEmpty()) {
      return;
    }
    new ContourPicture(
            settings.space(), landscape.get(), result.higherIsBetter(), first.get(0), first.get(1))
        .write(result.best().get(), result.trials(), settings.score().label(), png);
  }
}
