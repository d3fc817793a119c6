package dev.quintet.trainer.golden;

import dev.quintet.models.json.JsonObject;

/// Judges one file of recorded results. The judge of `bleu_tokens.json` is the class `BleuTokensJudge`.
interface GoldenJudge {

  /// Computes every case of the file and compares; [Recorded] has the comparisons.
  ///
  /// @return how many cases were compared
  /// @throws AssertionError that names the case, or a form that the judge does not know
  int check(JsonObject file);
}
