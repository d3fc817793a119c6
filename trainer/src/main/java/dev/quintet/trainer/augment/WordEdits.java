package dev.quintet.trainer.augment;

import dev.quintet.core.random.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Easy data augmentation (Wei and Zou 2019, arXiv 1901.11196): words change places, go, are replaced by synonyms, or
/// synonyms come in. What is changed of n words is max(1, floor(alpha n)) of them.
///
/// Words are what stands between white space; in the copy a space stands between them. The copies of a row take turns.
public final class WordEdits implements Augmenter {
  /// The share of words that change if nothing is said.
  public static final double ALPHA = 0.1;

  private final List<Kind> kinds;
  private final double alpha;
  private final Optional<Synonyms> synonyms;

  /// How a text is changed.
  public enum Kind {
    /// n times two words change places.
    SWAP,
    /// Each word goes with probability alpha; one stays.
    DELETE,
    /// n words are replaced by a synonym.
    SYNONYM,
    /// n times a synonym of one of its words comes in somewhere.
    INSERT;

    /// Its name, in lower case.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// These edits.
  ///
  /// @param kinds at least one
  /// @param alpha above 0 and at most 1
  /// @param synonyms needed for two of the kinds
  /// @throws IllegalArgumentException if one of them is not so
  public WordEdits(List<Kind> kinds, double alpha, Optional<Synonyms> synonyms) {
    this.kinds = List.copyOf(kinds);
    this.alpha = alpha;
    this.synonyms = synonyms;
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException(
          "expected at least one kind of edit, of " + Arrays.toString(Kind.values()));
    }
    if (!(alpha > 0 && alpha <= 1)) {
      throw new IllegalArgumentException(
          "expected an alpha above 0 and at most 1, the share of words that change, got " + alpha);
    }
    if (synonyms.isEmpty() && (kinds.contains(Kind.SYNONYM) || kinds.contains(Kind.INSERT))) {
      throw new IllegalArgumentException("the edits synonym and insert need synonyms; name a file");
    }
  }

  /// All edits that need no synonyms, or all where there are some.
  public static WordEdits of(Optional<Synonyms> synonyms) {
    return new WordEdits(
        synonyms.isPresent() ? List.of(Kind.values()) : List.of(Kind.SWAP, Kind.DELETE),
        ALPHA,
        synonyms);
  }

  /// The paper's numbers: 16 copies of up to 500 rows, 8 of up to 2,000, else 4.
  @Override
  public int copies(long rows) {
    return rows <= 500 ? 16 : rows <= 2000 ? 8 : 4;
  }

  @Override
  public Outcome change(String text, Draw draw) {
    Kind kind = kinds.get(draw.kind(kinds.size()));
    List<String> words =
        text.isBlank() ? List.of() : new ArrayList<>(List.of(text.strip().split("\\s+")));
    Philox random = draw.random("edit." + kind.word() + "." + text);
    int n = Math.max(1, (int) Math.floor(alpha * words.size()));
    return switch (kind) {
      case SWAP ->
          words.size() < 2 ? none(kind, "fewer than two words") : swapped(words, n, random);
      case DELETE -> words.size() < 2 ? none(kind, "fewer than two words") : deleted(words, random);
      case SYNONYM -> replaced(words, n, random);
      case INSERT -> inserted(words, n, random);
    };
  }

  private static Outcome none(Kind kind, String reason) {
    return new Outcome.Cancelled(kind.word(), reason);
  }

  private static Outcome made(Kind kind, List<String> words) {
    return new Outcome.Made(kind.word(), String.join(" ", words));
  }

  private static Outcome swapped(List<String> words, int n, Philox random) {
    for (int i = 0; i < n; i++) {
      int a = random.nextInt(words.size());
      int b = random.nextInt(words.size() - 1);
      Collections.swap(words, a, b < a ? b : b + 1);
    }
    return made(Kind.SWAP, words);
  }

  private Outcome deleted(List<String> words, Philox random) {
    List<String> kept = words.stream().filter(_ -> random.nextDouble() >= alpha).toList();
    return made(
        Kind.DELETE, kept.isEmpty() ? List.of(words.get(random.nextInt(words.size()))) : kept);
  }

  /// The places of words that have synonyms.
  private List<Integer> places(List<String> words) {
    var places = new ArrayList<Integer>();
    for (int i = 0; i < words.size(); i++) {
      if (!others(words.get(i)).isEmpty()) {
        places.add(i);
      }
    }
    return places;
  }

  private List<String> others(String word) {
    return synonyms.map(all -> all.of(word)).orElse(List.of());
  }

  private static String one(List<String> others, Philox random) {
    return others.get(random.nextInt(others.size()));
  }

  private Outcome replaced(List<String> words, int n, Philox random) {
    List<Integer> places = places(words);
    if (places.isEmpty()) {
      return none(Kind.SYNONYM, "no word has a synonym");
    }
    for (int i = 0; i < n && !places.isEmpty(); i++) {
      int place = places.remove(random.nextInt(places.size()));
      String word = words.get(place);
      words.set(place, Synonyms.replaced(word, one(others(word), random)));
    }
    return made(Kind.SYNONYM, words);
  }

  private Outcome inserted(List<String> words, int n, Philox random) {
    List<List<String>> others = places(words).stream().map(i -> others(words.get(i))).toList();
    if (others.isEmpty()) {
      return none(Kind.INSERT, "no word has a synonym");
    }
    for (int i = 0; i < n; i++) {
      String other = one(others.get(random.nextInt(others.size())), random);
      words.add(random.nextInt(words.size() + 1), other);
    }
    return made(Kind.INSERT, words);
  }
}
