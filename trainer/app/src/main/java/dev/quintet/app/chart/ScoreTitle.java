package dev.quintet.app.chart;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Names of scores as a reader would write them: `macro_f1` is "Macro F1", `rouge1` is "ROUGE-1".
public final class ScoreTitle {
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("f1", "F1"),
          Map.entry("rouge1", "ROUGE-1"),
          Map.entry("rouge2", "ROUGE-2"),
          Map.entry("rougeL", "ROUGE-L"),
          Map.entry("rougeLsum", "ROUGE-Lsum"),
          Map.entry("bleu", "BLEU"),
          Map.entry("chrf", "chrF"),
          Map.entry("chrf2", "chrF2"),
          Map.entry("chrf2++", "chrF2++"),
          Map.entry("ter", "TER"),
          Map.entry("exact", "exact matches"),
          Map.entry("matthews", "Matthews' correlation"),
          Map.entry("kappa", "Cohen's kappa"),
          Map.entry("jaccard", "Jaccard index"),
          Map.entry("hamming", "Hamming"));

  private ScoreTitle() {}

  /// The title of a score.
  ///
  /// @param name its own, such as `macro_f1`; folders before it become words before a colon
  public static String of(String name) {
    int slash = name.lastIndexOf('/');
    String words =
        Arrays.stream(name.substring(slash + 1).split("_"))
            .filter(word -> !word.isEmpty())
            .map(word -> WORDS.getOrDefault(word, word))
            .collect(Collectors.joining(" "));
    String title = words.isEmpty() ? name : words;
    boolean named = WORDS.containsKey(name.substring(slash + 1)) && !title.startsWith("exact");
    String begun =
        named ? title : title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
    return slash < 1 ? begun : of(name.substring(0, slash)) + ": " + begun;
  }
}
