package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.prepare.Split;
import java.util.List;

/// Which part each key falls into.
final class SplitsJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "splits", "rule", "salt", "cases");
    String salt = file.required("salt", JsonObject::string);
    int count = 0;
    for (Object item : file.required("cases", JsonObject::list)) {
      List<?> one = (List<?>) item;
      Recorded.same("entries of " + one, 3, one.size());
      double place = Split.place(salt, (String) one.get(0));
      Recorded.near("place of " + one, Recorded.number(one.get(1)), place);
      Recorded.same("part of " + one, one.get(2), Split.Shares.DEFAULT.at(place).word());
      count++;
    }
    return count;
  }
}
