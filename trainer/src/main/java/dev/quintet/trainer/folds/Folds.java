package dev.quintet.trainer.folds;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Rows dealt into k parts, each of which is held out once while the others are learned from.
///
/// The same labels, groups, k and seed give the same folds. Another seed deals again: repeat r of a repeated cross
/// validation takes the seed r.
public final class Folds {
  private static final long ROWS = Site.of("folds");
  private static final long TIES = Site.of("folds.ties");

  private final int[] foldOf;
  private final int count;
  private final List<String> warnings;

  private Folds(int[] foldOf, int count, List<String> warnings) {
    this.foldOf = foldOf;
    this.count = count;
    this.warnings = List.copyOf(warnings);
  }

  /// Rows in any order; sizes differ by at most 1.
  ///
  /// @param rows how many there are
  /// @param k from 2 to the number of rows
  public static Folds plain(int rows, int k, long seed) {
    check(k, rows, "rows");
    int[] order = Permutation.of(seed, ROWS, rows);
    int[] foldOf = new int[rows];
    for (int i = 0; i < rows; i++) {
      foldOf[order[i]] = i % k;
    }
    return new Folds(foldOf, k, List.of());
  }

  /// Rows of each class dealt evenly: in each class and in all, folds differ by at most 1.
  ///
  /// @param labels the class of each row
  /// @param k from 2 to the number of rows; a class with fewer rows than this is missing from some folds, which
  ///     [#warnings] says
  public static Folds stratified(List<String> labels, int k, long seed) {
    check(k, labels.size(), "rows");
    int[] foldOf = new int[labels.size()];
    int dealt = 0;
    Map<String, List<Integer>> classes = rowsOf(labels);
    for (var one : classes.entrySet()) {
      List<Integer> rows = one.getValue();
      Permutation.shuffle(rows, Philox.of(seed, ROWS ^ Site.of(one.getKey())));
      for (int row : rows) {
        foldOf[row] = dealt++ % k;
      }
    }
    return new Folds(foldOf, k, rare(classes, k));
  }

  /// Groups that are never cut: the largest first, each to the fold that has fewest rows.
  ///
  /// @param groups the group of each row
  /// @param k from 2 to the number of groups
  /// @param seed orders groups of one size; 0 takes them by name
  public static Folds grouped(List<String> groups, int k, long seed) {
    Map<String, List<Integer>> members = rowsOf(groups);
    check(k, members.size(), "groups");
    int[] foldOf = new int[groups.size()];
    int[] sizes = new int[k];
    for (List<Integer> rows : largestFirst(members, seed)) {
      int lightest = 0;
      for (int fold = 1; fold < k; fold++) {
        if (sizes[fold] < sizes[lightest]) {
          lightest = fold;
        }
      }
      sizes[lightest] += rows.size();
      rows.forEach(put(foldOf, lightest));
    }
    return new Folds(foldOf, k, List.of());
  }

  /// Groups that are never cut, each to the fold where the classes' shares stay most even.
  ///
  /// @param labels the class of each row
  /// @param groups the group of each row
  /// @param k from 2 to the number of groups
  /// @param seed orders groups of one size; 0 takes them by name
  public static Folds stratifiedGroups(List<String> labels, List<String> groups, int k, long seed) {
    if (labels.size() != groups.size()) {
      throw new IllegalArgumentException(
          "folds: each row has a class and a group, but there are %d and %d"
              .formatted(labels.size(), groups.size()));
    }
    Map<String, List<Integer>> members = rowsOf(groups);
    check(k, members.size(), "groups");
    Map<String, List<Integer>> classes = rowsOf(labels);
    var shares = new ClassShares(labels, List.copyOf(classes.keySet()), k);
    int[] foldOf = new int[labels.size()];
    for (List<Integer> rows : largestFirst(members, seed)) {
      int fold = shares.place(rows);
      rows.forEach(put(foldOf, fold));
    }
    return new Folds(foldOf, k, rare(classes, k));
  }

  /// Groups joined where rows have a key in common, such as a text that occurs in two of them.
  ///
  /// @param groups the group of each row
  /// @param keys what must not be torn apart, one a row
  /// @return the group of each row, named by the first row in it
  public static List<String> joined(List<String> groups, List<String> keys) {
    int[] first = IntStream.range(0, groups.size()).toArray();
    var seen = new HashMap<String, Integer>();
    for (int row = 0; row < first.length; row++) {
      for (String name : List.of("group " + groups.get(row), "key " + keys.get(row))) {
        Integer before = seen.putIfAbsent(name, row);
        if (before != null) {
          join(first, before, row);
        }
      }
    }
    return IntStream.range(0, first.length)
        .mapToObj(row -> "%09d".formatted(root(first, row)))
        .toList();
  }

  private static void join(int[] first, int one, int other) {
    int a = root(first, one);
    int b = root(first, other);
    first[Math.max(a, b)] = Math.min(a, b);
  }

  private static int root(int[] first, int row) {
    int at = row;
    while (first[at] != at) {
      first[at] = first[first[at]];
      at = first[at];
    }
    return at;
  }

  /// How many folds there are.
  public int count() {
    return count;
  }

  /// How many rows there are.
  public int rows() {
    return foldOf.length;
  }

  /// The rows that a fold holds out, in ascending order.
  public int[] test(int fold) {
    return IntStream.range(0, foldOf.length).filter(row -> foldOf[row] == fold).toArray();
  }

  /// The rows that a fold learns from, in ascending order.
  public int[] train(int fold) {
    return IntStream.range(0, foldOf.length).filter(row -> foldOf[row] != fold).toArray();
  }

  /// What the folds could not do evenly, a sentence each.
  public List<String> warnings() {
    return warnings;
  }

  /// Whether they hold out the same rows, whatever their numbers.
  public boolean sameParts(Folds other) {
    return Arrays.equals(parts(), other.parts());
  }

  /// Folds numbered in the order of their first rows.
  private int[] parts() {
    var numbers = new HashMap<Integer, Integer>();
    return Arrays.stream(foldOf)
        .map(fold -> {
          numbers.putIfAbsent(fold, numbers.size());
          return numbers.getOrDefault(fold, 0);
        })
        .toArray();
  }

  private static Consumer<Integer> put(int[] foldOf, int fold) {
    return row -> foldOf[row] = fold;
  }

  /// The rows of each name, in order of names by code point.
  private static Map<String, List<Integer>> rowsOf(List<String> names) {
    var rows =
        new TreeMap<String, List<Integer>>(
            Comparator.comparing(Folds::codePoints, Arrays::compare));
    for (int row = 0; row < names.size(); row++) {
      rows.computeIfAbsent(names.get(row), _ -> new ArrayList<>()).add(row);
    }
    return rows;
  }

  private static int[] codePoints(String name) {
    return name.codePoints().toArray();
  }

  private static List<List<Integer>> largestFirst(Map<String, List<Integer>> members, long seed) {
    List<List<Integer>> groups = new ArrayList<>(members.values());
    if (seed != 0) {
      Permutation.shuffle(groups, Philox.of(seed, TIES));
    }
    groups.sort(Comparator.comparingInt(rows -> -rows.size()));
    return groups;
  }

  private static List<String> rare(Map<String, List<Integer>> classes, int k) {
    var few = new LinkedHashMap<String, Integer>();
    classes.forEach((name, rows) -> {
      if (rows.size() < k) {
        few.put(name, rows.size());
      }
    });
    return few.isEmpty()
        ? List.of()
        : List.of(
            "%,d of %,d classes have fewer rows than the %d folds, and are missing from some: %s"
                .formatted(
                    few.size(),
                    classes.size(),
                    k,
                    String.join(
                            ", ",
                            few.entrySet().stream()
                                .limit(5)
                                .map(one -> "\"" + one.getKey() + "\" (" + one.getValue() + ")")
                                .toList())
                        + (few.size() > 5 ? ", ..." : "")));
  }

  private static void check(int k, int most, String of) {
    if (k < 2 || k > most) {
      throw new IllegalArgumentException(
          "folds: k is from 2 to the number of %s, which is %,d, but %,d was asked for"
              .formatted(of, most, k));
    }
  }
}
