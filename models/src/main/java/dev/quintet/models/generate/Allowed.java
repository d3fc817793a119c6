package dev.quintet.models.generate;

import java.util.Arrays;

/// Forbids all but what a rule allows. Where other processors have forbidden all of that in every beam of an input, the
/// rule wins.
record Allowed(AllowedTokens rule) implements GroupProcessor {

  @Override
  public void processGroup(Sequence[] rows, float[][] scores, int from, int to) {
    int[][] allowed = new int[to - from][];
    boolean possible = false;
    for (int row = from; row < to; row++) {
      int[] ids = rule.allowed(rows[row].input(), rows[row]);
      if (ids.length == 0) {
        throw new IllegalArgumentException(
            "the rule of allowed tokens gave none for input "
                + rows[row].input()
                + " behind "
                + Arrays.toString(rows[row].ids())
                + ": allow the end at least");
      }
      allowed[row - from] = ids;
      for (int id : ids) {
        int token = Prohibition.checked(id, "the rule of allowed tokens", scores[row]);
        possible |= scores[row][token] != Float.NEGATIVE_INFINITY;
      }
    }
    for (int row = from; row < to; row++) {
      keep(allowed[row - from].clone(), scores[row], !possible);
    }
  }

  private static void keep(int[] ids, float[] scores, boolean overrule) {
    Arrays.sort(ids);
    for (int id = 0, next = 0; id < scores.length; id++) {
      while (next < ids.length && ids[next] < id) {
        next++;
      }
      if (next == ids.length || ids[next] != id) {
        scores[id] = Float.NEGATIVE_INFINITY;
      } else if (overrule) {
        scores[id] = 0;
      }
    }
  }
}
