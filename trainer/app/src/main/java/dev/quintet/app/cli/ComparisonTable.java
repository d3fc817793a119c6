package dev.quintet.app.cli;

import dev.quintet.tokenizers.compare.Loss;
import dev.quintet.tokenizers.compare.Measures;
import dev.quintet.tokenizers.compare.TokenizerComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A comparison of tokenizers as a table for people, or as JSON for scripts.
///
/// @param comparison the comparison, all texts added
record ComparisonTable(TokenizerComparison comparison) {

  private static final String ALL = "all";
  private static final List<String> HEAD =
      List.of("bytes/token", "tokens/char", "NSL", "unknown", "Renyi", "used", "lossy");

  /// A table for each type, and one for all, and where each tokenizer first loses something.
  String text() {
    var out = new StringBuilder();
    List<String> types = comparison.types();
    for (String type : types) {
      table(types.size() == 1 ? ALL + ": " + type : type, comparison.measures(type), out);
    }
    if (types.size() > 1) {
      table(ALL, comparison.measures(), out);
    }
    out.append("NSL: tokens by those of ").append(comparison.baseline());
    out.append("; Renyi: efficiency of power ").append(Measures.RENYI_POWER);
    out.append("; lossy: texts that do not decode to themselves\n");
    comparison
        .measures()
        .forEach((name, measures) ->
            measures.firstLoss().ifPresent(loss -> out.append(line(name, loss))));
    return out.toString();
  }

  private void table(String type, Map<String, Measures> measures, StringBuilder out) {
    Measures any = measures.get(comparison.baseline());
    if (any == null) {
      return;
    }
    int width = measures.keySet().stream().mapToInt(String::length).max().orElse(0);
    String title =
        type + " (" + count(any.texts(), "text") + ", " + count(any.bytes(), "byte") + ")";
    out.append(title).append('\n');
    out.append(" ".repeat(width + 2));
    HEAD.forEach(head -> out.append(format("%12s", head)));
    out.append('\n');
    measures.forEach((name, one) -> {
      out.append("  ").append(name).append(" ".repeat(width - name.length()));
      out.append(number("%12.3f", one.bytesPerToken()));
      out.append(number("%12.4f", one.tokensPerCharacter()));
      out.append(number("%12.3f", comparison.normalizedLength(measures, name)));
      out.append(number("%11.3f%%", 100 * one.unknownRate()));
      out.append(number("%12.4f", one.renyiEfficiency()));
      out.append(format("%12d", one.used()));
      out.append(format("%12d", one.lossyTexts()));
      out.append('\n');
    });
    out.append('\n');
  }

  private static String count(long count, String what) {
    return format("%,d %s%s", count, what, count == 1 ? "" : "s");
  }

  /// What has no tokens has no rates.
  private static String number(String form, double value) {
    return Double.isNaN(value) ? format("%12s", "-") : format(form, value);
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }

  private static String line(String name, Loss loss) {
    return format(
        "%s first loses %s after %s of %s, which becomes %s%n",
        name,
        JsonLine.of(loss.expected()),
        count(loss.character(), "character"),
        loss.source(),
        JsonLine.of(loss.got()));
  }

  /// One JSON object with an object for each type, and one for all.
  String json() {
    var types = new ArrayList<String>();
    for (String type : comparison.types()) {
      types.add(json(type, comparison.measures(type)));
    }
    return "{\n  \"baseline\": "
        + JsonLine.of(comparison.baseline())
        + ",\n  \"types\": [\n    "
        + String.join(",\n    ", types)
        + "\n  ],\n  \"all\": "
        + json(ALL, comparison.measures())
        + "\n}\n";
  }

  private String json(String type, Map<String, Measures> measures) {
    var all = new ArrayList<String>();
    measures.forEach((name, one) -> all.add(json(measures, name, one)));
    Measures any = measures.values().iterator().next();
    return format(
        "{\"type\": %s, \"texts\": %d, \"bytes\": %d, \"characters\": %d, \"tokenizers\": [%n      %s]}",
        JsonLine.of(type),
        any.texts(),
        any.bytes(),
        any.characters(),
        String.join(",\n      ", all));
  }

  private String json(Map<String, Measures> measures, String name, Measures one) {
    String loss =
        one.firstLoss()
            .map(first ->
                format(
                    "{\"source\": %s, \"character\": %d, \"expected\": %s, \"got\": %s}",
                    JsonLine.of(first.source()),
                    first.character(),
                    JsonLine.of(first.expected()),
                    JsonLine.of(first.got())))
            .orElse("null");
    return format(
        "{\"name\": %s, \"tokens\": %d, \"bytes_per_token\": %s, \"tokens_per_character\": %s,"
            + " \"nsl\": %s, \"unknowns\": %d, \"unknown_rate\": %s, \"used_ids\": %d,"
            + " \"renyi_efficiency\": %s, \"lossy_texts\": %d, \"first_loss\": %s}",
        JsonLine.of(name),
        one.tokens(),
        json(one.bytesPerToken()),
        json(one.tokensPerCharacter()),
        json(comparison.normalizedLength(measures, name)),
        one.unknowns(),
        json(one.unknownRate()),
        one.used(),
        json(one.renyiEfficiency()),
        one.lossyTexts(),
        loss);
  }

  private static String json(double value) {
    return Double.isNaN(value) || Double.isInfinite(value) ? "null" : Double.toString(value);
  }
}
