package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.ByClass;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.rows.RowFormat;
import dev.quintet.trainer.score.Metrics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `score`: how good predictions are, with intervals.
@Command(
    name = "score",
    description = {
      "Scores predictions against right answers, and says how far each score can be trusted.",
      "FILE has a row a prediction: JSON lines, or JSON, CSV, TSV and text by its name's end, .gz among them. The right answer is"
          + " a text, or a list of several of which the best counts (for tags, their union).",
      "Prints each score, its 95 %% interval by bootstrap, and with --baseline another system's score, the difference and its p:"
          + " by paired bootstrap, by approximate randomization, and by McNemar's test where a row is right or wrong; with"
          + " Holm's correction where there are several differences."
    },
    footer = {
      "",
      "Metrics and their options, set by --set METRIC.OPTION=VALUE:",
      "  accuracy, exact   the share of predictions equal to an answer",
      "  classification    labels, zero_division (0, 1, nan): macro, micro and weighted F1, Matthews, kappa",
      "  tags              at (1,3,5): sets of tags between commas",
      "  squad             version (1.1, 2.0, triviaqa): F1 and exact matches, in percent",
      "  rouge             types, stemmer (true, false), lsum_split (newline, sentence)",
      "  bleu              tokenize (13a, intl, char, none), smooth_method (exp, floor, add-k, none), smooth_value,",
      "                    lowercase, effective_order, max_ngram_order",
      "  chrf, chrf++      char_order, word_order, beta, lowercase, whitespace, eps_smoothing",
      "  ter               normalized, no_punct, asian_support, case_sensitive",
      "  names             words of names as multisets",
      "",
      "  quintet score --metric rouge,bleu --set rouge.stemmer=true predictions.jsonl",
      "  quintet score --metric squad --answer answers.text --baseline old.jsonl new.jsonl"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class ScoreCommand implements Callable<Integer> {
  private static final int MOST_RESAMPLES = 1_000_000;
  private static final int TRIALS = 10_000;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The predictions.")
  private Path file = Path.of("");

  @Option(
      names = "--metric",
      required = true,
      split = ",",
      paramLabel = "NAME",
      description = "Metrics, parted by commas; see below.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "METRIC.OPTION=VALUE",
      description =
          "An option of a metric; may be given several times. A value is JSON, or else a text.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--prediction",
      paramLabel = "FIELD",
      description =
          "The predictions' field, or a path such as `output.text`. Default: prediction, or text.")
  private Optional<String> prediction = Optional.empty();

  @Option(
      names = "--answer",
      paramLabel = "FIELD",
      description =
          "The right answers' field. Default: the first that there is of answer, answers, target, targets, reference,"
              + " references, text.")
  private Optional<String> answer = Optional.empty();

  @Option(
      names = "--references",
      paramLabel = "FILE",
      description =
          "A file of the right answers, row for row. Default: they stand beside the predictions.")
  private Optional<Path> references = Optional.empty();

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description =
          "Another system's predictions of the same rows, to compare with; may be given several times.")
  private List<Path> baselines = new ArrayList<>();

  @Option(
      names = "--test",
      split = ",",
      paramLabel = "bootstrap|randomization|mcnemar",
      description = "How differences to a baseline are tested. Default: all three.")
  private List<PairedTests.Kind> tests = new ArrayList<>();

  @Option(
      names = "--trials",
      paramLabel = "N",
      description =
          "How often answers are swapped by chance in approximate randomization. Default: 10000.")
  private Optional<Integer> trials = Optional.empty();

  @Option(
      names = "--per-class",
      description = "Also the scores of each label or tag, and which labels are taken for which.")
  private boolean perClass;

  @Option(
      names = "--group",
      paramLabel = "FIELD",
      description =
          "Rows that have the same here are drawn together, such as questions about one text.")
  private Optional<String> group = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "jsonl|json|csv|tsv|text",
      description = "What the files are. Default: by their names' ends.")
  private Optional<RowFormat.Kind> kind = Optional.empty();

  @Option(
      names = "--interval",
      defaultValue = "percentile",
      paramLabel = "percentile|bca",
      description = "How intervals are made. Default: ${DEFAULT-VALUE}.")
  private Kind interval = Kind.PERCENTILE;

  @Option(
      names = "--resamples",
      defaultValue = "1000",
      paramLabel = "B",
      description =
          "How often rows are drawn anew. Default: ${DEFAULT-VALUE}; for decisions take 10000.")
  private int resamples;

  @Option(
      names = "--seed",
      defaultValue = "12345",
      paramLabel = "N",
      description = "What they are drawn by. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--json", description = "JSON instead of lines.")
  private boolean json;

  /// How intervals are made.
  enum Kind {
    /// By quantiles of the resampled scores.
    PERCENTILE,
    /// By quantiles moved by bias and skewness.
    BCA
  }

  /// Made by picocli.
  ScoreCommand() {}

  @Override
  public Integer call() {
    if (resamples < 1 || resamples > MOST_RESAMPLES) {
      throw new ParameterException(
          spec.commandLine(),
          "--resamples is from 1 to %,d, not %,d".formatted(MOST_RESAMPLES, resamples));
    }
    int swaps = trials.orElse(TRIALS);
    if (swaps < 1 || swaps > MOST_RESAMPLES) {
      throw new ParameterException(
          spec.commandLine(),
          "--trials is from 1 to %,d, not %,d".formatted(MOST_RESAMPLES, swaps));
    }
    if (baselines.isEmpty() && (!tests.isEmpty() || trials.isPresent())) {
      throw new ParameterException(
          spec.commandLine(),
          "--test and --trials compare with another system: name its predictions with --baseline");
    }
    SequencedMap<String, Metric> metrics = metrics();
    if (perClass) {
      requireClasses(metrics.values());
    }
    if (tests.contains(PairedTests.Kind.MCNEMAR)) {
      requireRightOrWrong(metrics.values());
    }
    var fields = new ScoredFile.Fields(prediction, answer, group, kind);
    ScoredFile scored = fields.read(file, references);
    var others = new LinkedHashMap<String, ScoredFile>();
    for (Path path : baselines) {
      ScoredFile other = fields.read(path, references);
      requireSameRows(scored, path, other);
      others.put(path.toString(), other);
    }
    var draws = new ScoreSheet.Draws(resamples, seed, interval == Kind.BCA);
    ScoreSheet sheet =
        ScoreSheet.of(
            metrics,
            scored,
            others.isEmpty()
                ? Optional.empty()
                : Optional.of(new ScoreSheet.Others(others, pairedTests())),
            draws,
            perClass);
    PrintWriter err = spec.commandLine().getErr();
    sheet.warnings().forEach(err::println);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? sheet.json() : sheet.text());
    out.flush();
    return 0;
  }

  private PairedTests pairedTests() {
    return new PairedTests(
        tests.isEmpty() ? EnumSet.allOf(PairedTests.Kind.class) : EnumSet.copyOf(tests),
        trials.orElse(TRIALS),
        resamples,
        seed,
        group.isPresent());
  }

  /// Refuses `--per-class` where no metric has classes.
  static void requireClasses(Collection<Metric> metrics) {
    if (metrics.stream().noneMatch(ByClass.class::isInstance)) {
      throw new IllegalArgumentException(
          "--per-class: no metric that is asked for has classes; add classification or tags to --metric");
    }
  }

  private void requireRightOrWrong(Collection<Metric> metrics) {
    if (group.isPresent()) {
      throw new IllegalArgumentException(
          "--test mcnemar takes rows to be independent, so it does not go with --group");
    }
    if (metrics.stream()
        .noneMatch(metric -> metric.names().stream().anyMatch(metric::isRightOrWrong))) {
      throw new IllegalArgumentException(
          "--test mcnemar: by no score of --metric a row is right or wrong, as by accuracy or exact");
    }
  }

  private void requireSameRows(ScoredFile one, Path baseline, ScoredFile other) {
    if (one.rows().size() != other.rows().size()) {
      throw new IllegalArgumentException(
          "%s has %,d rows, and --baseline %s has %,d: two systems are compared on the same rows"
              .formatted(file, one.rows().size(), baseline, other.rows().size()));
    }
    for (int row = 0; row < one.rows().size(); row++) {
      if (!one.rows().get(row).answers().equals(other.rows().get(row).answers())) {
        throw new IllegalArgumentException(
            "row %,d of %s and of --baseline %s have different right answers: two systems are compared on the same rows in"
                    .formatted(row + 1, file, baseline)
                + " the same order");
      }
    }
  }

  private SequencedMap<String, Metric> metrics() {
    SequencedSet<String> asked = new LinkedHashSet<>(names.stream().map(String::strip).toList());
    Map<String, Map<String, Object>> options = new TreeMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      int dot = equals < 0 ? -1 : setting.substring(0, equals).indexOf('.');
      if (dot < 1 || dot + 1 == equals) {
        throw new IllegalArgumentException(
            "--set takes METRIC.OPTION=VALUE, such as --set rouge.stemmer=true, not \"%s\""
                .formatted(setting));
      }
      String metric = setting.substring(0, dot);
      if (!asked.contains(metric)) {
        throw new IllegalArgumentException(
            "--set %s: --metric does not ask for \"%s\", but for %s"
                .formatted(setting, metric, String.join(", ", asked)));
      }
      options
          .computeIfAbsent(metric, _ -> new TreeMap<>())
          .put(setting.substring(dot + 1, equals), value(setting.substring(equals + 1)));
    }
    var metrics = new LinkedHashMap<String, Metric>();
    for (String name : asked) {
      metrics.put(
          name, Metrics.named(name, JsonObject.of("--set", options.getOrDefault(name, Map.of()))));
    }
    return metrics;
  }

  /// The value as JSON, or the text itself where it is none.
  private static Object value(String text) {
    try {
      return JsonObject.parse("--set", "{\"value\": " + text + "}").value("value").orElse(text);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
