package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.folds.Folds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;

/// Judges `folds.json`: sizes and properties, whatever rows they are.
final class FoldsJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "folds", "source", "stratified", "grouped", "plain");
    int cases = 0;
    for (JsonObject one : Recorded.objects(file, "stratified")) {
      stratified("stratified " + cases++, one);
    }
    for (JsonObject one : Recorded.objects(file, "grouped")) {
      grouped("grouped " + cases++, one);
    }
    for (JsonObject one : Recorded.objects(file, "plain")) {
      plain("plain " + cases++, one);
    }
    return cases;
  }

  private static void stratified(String where, JsonObject one) {
    Recorded.form(
        one,
        where,
        "labels",
        "k",
        "each_class_least_most",
        "fold_sizes_least_most",
        "sklearn_counts");
    List<String> labels = Recorded.strings(one, "labels");
    int k = one.required("k", JsonObject::integer);
    double[] sizes = Recorded.numbers(one, "fold_sizes_least_most");
    JsonObject classes = one.required("each_class_least_most", JsonObject::object);
    peers(where, one, classes, labels);
    for (long seed = 0; seed < 3; seed++) {
      Folds folds = Folds.stratified(labels, k, seed);
      partition(where, folds, labels.size(), k);
      for (int fold = 0; fold < k; fold++) {
        int[] test = folds.test(fold);
        between(where + " size", sizes, test.length);
        for (String name : classes.keys()) {
          long count = Arrays.stream(test).filter(row -> labels.get(row).equals(name)).count();
          between(where + " class " + name, Recorded.numbers(classes, name), count);
        }
      }
    }
  }

  /// What scikit-learn dealt keeps the same bounds, and all rows are in it.
  private static void peers(String where, JsonObject one, JsonObject classes, List<String> labels) {
    List<JsonObject> counts = Recorded.objects(one, "sklearn_counts");
    for (String name : classes.keys()) {
      double sum = 0;
      for (JsonObject fold : counts) {
        double count = fold.number(name).orElse(0.0);
        between(where + " scikit-learn's class " + name, Recorded.numbers(classes, name), count);
        sum += count;
      }
      long all = labels.stream().filter(name::equals).count();
      Recorded.same(where + " scikit-learn's rows of " + name, (double) all, sum);
    }
  }

  private static void grouped(String where, JsonObject one) {
    Recorded.form(one, where, "groups", "k", "sorted_sizes_largest_group_first_into_lightest_fold");
    List<String> groups = Recorded.strings(one, "groups");
    int k = one.required("k", JsonObject::integer);
    Folds folds = Folds.grouped(groups, k, 0);
    partition(where, folds, groups.size(), k);
    var foldOf = new HashMap<String, Integer>();
    for (int fold = 0; fold < k; fold++) {
      for (int row : folds.test(fold)) {
        Recorded.same(where + " whole", foldOf.getOrDefault(groups.get(row), fold), fold);
        foldOf.put(groups.get(row), fold);
      }
    }
    sizes(where, folds, one, "sorted_sizes_largest_group_first_into_lightest_fold");
  }

  private static void plain(String where, JsonObject one) {
    Recorded.form(one, where, "n", "k", "sizes");
    int rows = one.required("n", JsonObject::integer);
    int k = one.required("k", JsonObject::integer);
    Folds folds = Folds.plain(rows, k, 7);
    partition(where, folds, rows, k);
    sizes(where, folds, one, "sizes");
  }

  private static void sizes(String where, Folds folds, JsonObject one, String key) {
    int[] sorted =
        IntStream.range(0, folds.count()).map(fold -> folds.test(fold).length).sorted().toArray();
    int[] recorded = one.required(key, JsonObject::integers);
    Recorded.same(where + " sizes", Arrays.toString(recorded), Arrays.toString(sorted));
  }

  /// Each row is held out once, and learned from in all other folds.
  private static void partition(String where, Folds folds, int rows, int k) {
    Recorded.same(where + " folds", k, folds.count());
    int[] times = new int[rows];
    for (int fold = 0; fold < k; fold++) {
      for (int row : folds.test(fold)) {
        times[row]++;
      }
      int[] all =
          IntStream.concat(Arrays.stream(folds.test(fold)), Arrays.stream(folds.train(fold)))
              .sorted()
              .toArray();
      Recorded.same(
          where + " rows",
          Arrays.toString(IntStream.range(0, rows).toArray()),
          Arrays.toString(all));
    }
    Recorded.same(where + " each once", true, Arrays.stream(times).allMatch(time -> time == 1));
  }

  private static void between(String where, double[] leastMost, double got) {
    if (got < leastMost[0] || got > leastMost[1]) {
      throw new AssertionError(where + ": recorded " + Arrays.toString(leastMost) + ", got " + got);
    }
  }
}
