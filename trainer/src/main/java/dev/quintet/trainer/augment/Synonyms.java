package dev.quintet.trainer.augment;

import dev.quintet.trainer.data.TextLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Words that may stand for others. Case does not count, nor do marks around a word; words that carry no meaning of their own
/// have none.
public final class Synonyms {
  private static final Set<String> STOP_WORDS =
      Set.of(
          ("a about above after again against all am an and any are as at be because been before being below between both but by"
                  + " can could did do does doing down during each few for from further had has have having he her here hers"
                  + " herself him himself his how i if in into is it its itself just me more most my myself no nor not now of"
                  + " off on once only or other our ours ourselves out over own same she should so some such than that the"
                  + " their theirs them themselves then there these they this those through to too under until up very was we"
                  + " were what when where which while who whom why will with would you your yours yourself yourselves")
              .split(" "));

  private final Map<String, List<String>> words;

  private Synonyms(Map<String, List<String>> words) {
    this.words = words;
  }

  /// Synonyms of these words.
  public static Synonyms of(Map<String, List<String>> words) {
    var lower = new LinkedHashMap<String, List<String>>();
    words.forEach((word, others) -> lower.put(word.toLowerCase(Locale.ROOT), List.copyOf(others)));
    return new Synonyms(lower);
  }

  /// Reads a file with a word, a tab, and its synonyms joined by commas, a line each; blank lines are passed over.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException that names the line which is something else
  /// @throws java.io.UncheckedIOException if it cannot be read
  public static Synonyms read(Path file) {
    var words = new LinkedHashMap<String, List<String>>();
    try (TextLines lines = TextLines.open(file)) {
      for (var line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().isBlank()) {
          continue;
        }
        String[] parts = line.get().split("\t", -1);
        var others = new LinkedHashSet<String>();
        for (String other : parts.length == 2 ? parts[1].split(",") : new String[0]) {
          if (!other.isBlank()) {
            others.add(other.strip());
          }
        }
        if (others.isEmpty() || parts[0].isBlank()) {
          throw lines.broken(
              "is \"%s\"; expected a word, a tab and its synonyms, joined by commas"
                  .formatted(line.get()));
        }
        words
            .computeIfAbsent(parts[0].strip().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
            .addAll(others);
      }
    }
    return new Synonyms(words);
  }

  /// What may stand for a word.
  List<String> of(String word) {
    String core = core(word).toLowerCase(Locale.ROOT);
    return STOP_WORDS.contains(core)
        ? List.of()
        : words.getOrDefault(core, List.of()).stream()
            .filter(other -> !other.equalsIgnoreCase(core))
            .toList();
  }

  /// A word with another in its place: marks around it stay, and so does a capital at its start.
  static String replaced(String word, String other) {
    String core = core(word);
    int at = word.indexOf(core);
    boolean capital = Character.isUpperCase(core.codePointAt(0));
    int first = Character.charCount(other.codePointAt(0));
    return word.substring(0, at)
        + (capital ? other.substring(0, first).toUpperCase(Locale.ROOT) : other.substring(0, first))
        + other.substring(first)
        + word.substring(at + core.length());
  }

  private static String core(String word) {
    return word.replaceAll("^[^\\p{L}\\p{N}]+|[^\\p{L}\\p{N}]+$", "");
  }
}
