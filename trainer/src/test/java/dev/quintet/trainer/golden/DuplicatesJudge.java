package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.prepare.NearDuplicates;
import java.util.ArrayList;
import java.util.List;

/// Which texts go because an earlier one is nearly the same, and how near some are.
final class DuplicatesJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(
        file,
        "duplicates",
        "rule",
        "nearest_to_threshold",
        "texts",
        "jaccard",
        "kept",
        "removed_for");
    List<String> texts = Recorded.strings(file, "texts");
    var near = new NearDuplicates();
    var kept = new ArrayList<Integer>();
    var removed = new ArrayList<List<Integer>>();
    for (int i = 0; i < texts.size(); i++) {
      var found = near.addUnlessFound(texts.get(i));
      if (found.isEmpty()) {
        kept.add(i);
      } else {
        removed.add(List.of(i, kept.get(found.getAsInt())));
      }
    }
    Recorded.same("kept", whole(file.required("kept", JsonObject::list)), kept);
    List<List<Integer>> recorded =
        file.required("removed_for", JsonObject::list).stream()
            .map(pair -> whole((List<?>) pair))
            .toList();
    Recorded.same("removed_for", recorded, removed);
    int count = texts.size();
    for (Object item : file.required("jaccard", JsonObject::list)) {
      double[] triple = Recorded.numbers((List<?>) item);
      String a = texts.get((int) triple[0]);
      String b = texts.get((int) triple[1]);
      Recorded.near("jaccard of " + item, triple[2], NearDuplicates.similarity(a, b));
      count++;
    }
    return count;
  }

  private static List<Integer> whole(List<?> list) {
    return list.stream().map(item -> ((Number) item).intValue()).toList();
  }
}
