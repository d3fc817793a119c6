package dev.quintet.core.nn;

import java.util.Comparator;
import java.util.List;

/// The names nearest to one that does not exist, for messages.
public final class NearNames {
  private static final int SHOWN = 5;

  private NearNames() {}

  /// Up to five of the candidates: by edit distance (Levenshtein 1966), those with the same ending first among equals.
  public static List<String> of(String name, List<String> candidates) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return candidates.stream()
        .sorted(
            Comparator.comparingInt((String candidate) -> distance(name, candidate))
                .thenComparing(candidate -> !candidate.endsWith(ending)))
        .limit(SHOWN)
        .toList();
  }

  /// The nearest of the candidates, if so near that it is probably meant: at most a third of its letters differ.
  public static List<String> close(String name, List<String> candidates) {
    return of(name, candidates).stream()
        .limit(1)
        .filter(near -> 3 * distance(name, near) <= Math.max(3, name.length()))
        .toList();
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
