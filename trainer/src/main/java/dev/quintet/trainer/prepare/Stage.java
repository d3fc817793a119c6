package dev.quintet.trainer.prepare;

import dev.quintet.core.io.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one stage of a preparation did: how many rows came and stayed, and how many of which kind it met, with examples.
public final class Stage implements JsonText.Fields {
  private static final int EXAMPLES = 3;
  private static final int LONGEST = 160;

  private final String name;
  private final Map<String, Reason> reasons = new LinkedHashMap<>();
  private long in;
  private long out;

  Stage(String name) {
    this.name = name;
  }

  private static final class Reason {
    private final List<String> examples = new ArrayList<>();
    private long rows;
  }

  /// Its name.
  public String name() {
    return name;
  }

  /// Rows that came.
  public long in() {
    return in;
  }

  /// Rows that stayed.
  public long out() {
    return out;
  }

  /// How many rows of each kind it met, by what they are.
  public Map<String, Long> reasons() {
    var counts = new LinkedHashMap<String, Long>();
    reasons.forEach((reason, met) -> counts.put(reason, met.rows));
    return counts;
  }

  /// Examples of a kind: at most three, each with its id.
  public List<String> examples(String reason) {
    Reason met = reasons.get(reason);
    return met == null ? List.of() : List.copyOf(met.examples);
  }

  void came() {
    in++;
  }

  void stayed() {
    out++;
  }

  /// Counts a row.
  void met(String reason, String id, String text) {
    Reason met = reasons.computeIfAbsent(reason, _ -> new Reason());
    met.rows++;
    if (met.examples.size() < EXAMPLES) {
      String line = text.replaceAll("\\s+", " ").strip();
      int end =
          line.length() <= LONGEST
              ? line.length()
              : line.offsetByCodePoints(
                  0, Math.min(LONGEST, line.codePointCount(0, line.length())));
      met.examples.add(id + ": " + line.substring(0, end) + (end < line.length() ? "..." : ""));
    }
  }

  /// Counts rows of which nothing else is known.
  void met(String reason, long rows, List<String> examples) {
    Reason met = reasons.computeIfAbsent(reason, _ -> new Reason());
    met.rows += rows;
    examples.stream().limit(EXAMPLES).forEach(met.examples::add);
  }

  @Override
  public Map<String, ?> values() {
    var values = new LinkedHashMap<String, Object>();
    values.put("stage", name);
    values.put("rows_in", in);
    values.put("rows_out", out);
    var kinds = new LinkedHashMap<String, Object>();
    reasons.forEach((reason, met) -> {
      var kind = new LinkedHashMap<String, Object>();
      kind.put("rows", met.rows);
      kind.put("examples", List.copyOf(met.examples));
      kinds.put(reason, kind);
    });
    values.put("reasons", kinds);
    return values;
  }
}
