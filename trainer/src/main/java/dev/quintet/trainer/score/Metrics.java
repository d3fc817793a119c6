package dev.quintet.trainer.score;

import dev.quintet.core.nn.NearNames;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Classification;
import dev.quintet.trainer.metric.ExactMatch;
import dev.quintet.trainer.metric.Metric;
import dev.quintet.trainer.metric.NameMetric;
import dev.quintet.trainer.metric.Rouge;
import dev.quintet.trainer.metric.Squad;
import dev.quintet.trainer.metric.TagScores;
import dev.quintet.trainer.metric.ZeroDivision;
import dev.quintet.trainer.metric.translation.Bleu;
import dev.quintet.trainer.metric.translation.BleuTokenizer;
import dev.quintet.trainer.metric.translation.Chrf;
import dev.quintet.trainer.metric.translation.Smoothing;
import dev.quintet.trainer.metric.translation.Ter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Metrics by name, with options as a JSON object gives them; options that are left out have their defaults.
///
/// | name | options |
/// |---|---|
/// | `accuracy`, `exact`, `names` | |
/// | `classification` | `labels` to average over, `zero_division` (0, 1, `nan`) |
/// | `tags` | `at`: how many of the first tags to score (1, 3, 5) |
/// | `squad` | `version` (`1.1`, `2.0`, `triviaqa`) |
/// | `rouge` | `types`, `stemmer`, `lsum_split` (`newline`, `sentence`) |
/// | `bleu` | `tokenize` (`13a`, `intl`, `char`, `none`), `smooth_method` (`exp`, `floor`, `add-k`, `none`), `smooth_value`, `lowercase`, `effective_order`, `max_ngram_order` |
/// | `chrf`, `chrf++` | `char_order`, `word_order`, `beta`, `lowercase`, `whitespace`, `eps_smoothing` |
/// | `ter` | `normalized`, `no_punct`, `asian_support`, `case_sensitive` |
public final class Metrics {
  private static final Map<String, Function<MetricOptions, Metric>> MAKERS = makers();

  private Metrics() {}

  /// All names.
  public static List<String> names() {
    return List.copyOf(MAKERS.keySet());
  }

  /// A metric with its default options.
  ///
  /// @throws IllegalArgumentException if there is none of this name
  public static Metric named(String name) {
    return named(name, JsonObject.of(Map.of()));
  }

  /// A metric.
  ///
  /// @throws IllegalArgumentException if there is none of this name, or an option is unknown or has a value that it cannot have
  public static Metric named(String name, JsonObject options) {
    Function<MetricOptions, Metric> maker =
        Optional.ofNullable(MAKERS.get(name)).orElseThrow(() -> unknown(name));
    var read = new MetricOptions(name, options);
    Metric metric = maker.apply(read);
    read.end();
    return metric;
  }

  /// The metrics of a list in settings: each a name, or an object with a `name` and options.
  ///
  /// @throws IllegalArgumentException if one is neither, or [#named] refuses it
  public static List<Metric> of(List<?> list) {
    var metrics = new ArrayList<Metric>();
    for (Object item : list) {
      switch (item) {
        case String name -> metrics.add(named(name));
        case JsonObject object -> {
          var options = new LinkedHashMap<String, Object>(object.values());
          options.remove("name");
          metrics.add(
              named(
                  object.required("name", JsonObject::string),
                  JsonObject.of(object.source(), options)));
        }
        case Object other ->
            throw new IllegalArgumentException(
                "a metric is a name, or an object such as {\"name\": \"rouge\", \"stemmer\": true}, not "
                    + other);
      }
    }
    return metrics;
  }

  private static IllegalArgumentException unknown(String name) {
    List<String> near = NearNames.close(name, names());
    return new IllegalArgumentException(
        "there is no metric \"%s\"%s; there are %s"
            .formatted(
                name,
                near.isEmpty() ? "" : ", did you mean " + String.join(" or ", near) + "?",
                String.join(", ", names())));
  }

  private static Map<String, Function<MetricOptions, Metric>> makers() {
    var makers = new LinkedHashMap<String, Function<MetricOptions, Metric>>();
    makers.put("accuracy", _ -> new ExactMatch("accuracy"));
    makers.put("exact", _ -> new ExactMatch("exact"));
    makers.put("names", _ -> new NameMetric());
    makers.put("classification", Metrics::classification);
    makers.put("tags", Metrics::tags);
    makers.put("squad", Metrics::squad);
    makers.put("rouge", Metrics::rouge);
    makers.put("bleu", Metrics::bleu);
    makers.put("chrf", options -> chrf(options, Chrf.DEFAULT));
    makers.put("chrf++", options -> chrf(options, Chrf.PLUS_PLUS));
    makers.put("ter", Metrics::ter);
    return makers;
  }

  private static Metric classification(MetricOptions options) {
    return new Classification(
        options.texts("labels", List.of()),
        options.choice(
            "zero_division",
            ZeroDivision.ZERO,
            Map.of("0", ZeroDivision.ZERO, "1", ZeroDivision.ONE, "nan", ZeroDivision.NAN)));
  }

  private static Metric tags(MetricOptions options) {
    return new TagScores(
        options.texts("at", List.of("1", "3", "5")).stream().map(Metrics::whole).toList());
  }

  private static Integer whole(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the option \"at\" of tags takes whole numbers such as 1, 3 and 5, not " + text, e);
    }
  }

  private static Metric squad(MetricOptions options) {
    return new Squad(
        options.choice(
            "version",
            Squad.Version.V1_1,
            Map.of(
                "1.1", Squad.Version.V1_1,
                "2.0", Squad.Version.V2,
                "2", Squad.Version.V2,
                "triviaqa", Squad.Version.TRIVIA_QA)));
  }

  private static Metric rouge(MetricOptions options) {
    return new Rouge(
        options.texts("types", Rouge.TYPES),
        options.flag("stemmer", false),
        options.choice(
            "lsum_split",
            Rouge.Split.NEWLINE,
            Map.of("newline", Rouge.Split.NEWLINE, "sentence", Rouge.Split.SENTENCE)));
  }

  private static Metric bleu(MetricOptions options) {
    Bleu plain = Bleu.DEFAULT;
    var tokenizers = new LinkedHashMap<String, BleuTokenizer>();
    for (BleuTokenizer tokenizer : BleuTokenizer.values()) {
      tokenizers.put(tokenizer.label(), tokenizer);
    }
    return new Bleu(
        options.choice("tokenize", plain.tokenizer(), tokenizers),
        smoothing(options),
        options.flag("lowercase", plain.lowercase()),
        options.flag("effective_order", plain.effectiveOrder()),
        options.whole("max_ngram_order", plain.order()));
  }

  private static Smoothing smoothing(MetricOptions options) {
    Smoothing plain =
        options.choice(
            "smooth_method",
            Bleu.DEFAULT.smoothing(),
            Map.of(
                "exp", new Smoothing.Exponential(),
                "floor", new Smoothing.Floor(0.1),
                "add-k", new Smoothing.AddK(1),
                "none", new Smoothing.None()));
    return switch (plain) {
      case Smoothing.Floor floor ->
          new Smoothing.Floor(options.number("smooth_value", floor.count()));
      case Smoothing.AddK add -> new Smoothing.AddK(options.number("smooth_value", add.count()));
      case Smoothing.Exponential exponential -> exponential;
      case Smoothing.None none -> none;
    };
  }

  private static Metric chrf(MetricOptions options, Chrf plain) {
    return new Chrf(
        options.whole("char_order", plain.characters()),
        options.whole("word_order", plain.words()),
        options.whole("beta", plain.beta()),
        options.flag("lowercase", plain.lowercase()),
        options.flag("whitespace", plain.whitespace()),
        options.flag("eps_smoothing", plain.epsilon()));
  }

  private static Metric ter(MetricOptions options) {
    Ter plain = Ter.DEFAULT;
    return new Ter(
        options.flag("normalized", plain.normalized()),
        options.flag("no_punct", plain.withoutPunctuation()),
        options.flag("asian_support", plain.asian()),
        options.flag("case_sensitive", plain.caseSensitive()));
  }
}
