package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.FirstFit;
import dev.quintet.trainer.data.Mixture;
import java.util.Arrays;

/// Rates of tasks, and how many rows pairs are packed into.
final class MixturesJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "mixtures", "rule", "packing", "cases");
    int count = 0;
    for (JsonObject one : Recorded.objects(file, "cases")) {
      Recorded.form(one, "case " + count, "sizes", "limit", "temperature", "rates");
      long[] sizes =
          Arrays.stream(Recorded.numbers(one, "sizes")).mapToLong(x -> (long) x).toArray();
      double[] recorded = Recorded.numbers(one, "rates");
      double[] rates =
          Mixture.rates(sizes, Recorded.number(one, "limit"), Recorded.number(one, "temperature"));
      Recorded.same("rates of case " + count, recorded.length, rates.length);
      for (int i = 0; i < rates.length; i++) {
        Recorded.near("rate " + i + " of case " + count, recorded[i], rates[i]);
      }
      count++;
    }
    for (JsonObject one : Recorded.objects(file, "packing")) {
      Recorded.form(one, "packing", "most", "pairs", "first_fit_rows");
      double[] most = Recorded.numbers(one, "most");
      int[][] pairs = one.integerRows("pairs").orElseThrow();
      int rows =
          FirstFit.rows(
                  Arrays.stream(pairs).mapToInt(pair -> pair[0]).toArray(),
                  Arrays.stream(pairs).mapToInt(pair -> pair[1]).toArray(),
                  (int) most[0],
                  (int) most[1],
                  Integer.MAX_VALUE)
              .size();
      Recorded.same("rows", one.integer("first_fit_rows").orElseThrow(), rows);
      count++;
    }
    return count;
  }
}
