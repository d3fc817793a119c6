package dev.quintet.models.generate;

import java.util.Arrays;

/// What is generated from.
///
/// @param inputIds `[B, S]`
/// @param attentionMask `[B, S]`, 0 where an id is padding
/// @param prompts the decoder's first ids, `[B, P]`
record PromptBatch(int[][] inputIds, int[][] attentionMask, int[][] prompts) {

  /// Checks sizes and adds the start id where the user's prompts lack it, as transformers does: where all of them do.
  static PromptBatch of(
      int[][] inputIds, int[][] attentionMask, GenerationConfig config, Hooks hooks) {
    if (!rectangular(inputIds)
        || !rectangular(attentionMask)
        || inputIds.length != attentionMask.length
        || (inputIds.length > 0 && inputIds[0].length != attentionMask[0].length)) {
      throw new IllegalArgumentException(
          "generate: input ids and attention mask must be [B, S] of one size, with S at least 1");
    }
    int[][] prompts = new int[inputIds.length][];
    Arrays.fill(prompts, new int[] {config.startId()});
    return new PromptBatch(
        inputIds,
        attentionMask,
        hooks.prompts().map(given -> started(given, prompts)).orElse(prompts));
  }

  int size() {
    return inputIds.length;
  }

  private static int[][] started(int[][] given, int[][] starts) {
    if (!rectangular(given) || given.length != starts.length) {
      throw new IllegalArgumentException(
          "generate: the decoder's prompts must be [B, P] with B = "
              + starts.length
              + " and P at least 1");
    }
    for (int[] ids : given) {
      if (ids[0] == starts[0][0]) {
        return given;
      }
    }
    return Arrays.stream(given)
        .map(ids -> {
          int[] longer = new int[ids.length + 1];
          longer[0] = starts[0][0];
          System.arraycopy(ids, 0, longer, 1, ids.length);
          return longer;
        })
        .toArray(int[][]::new);
  }

  private static boolean rectangular(int[][] rows) {
    return Arrays.stream(rows).allMatch(row -> row.length > 0 && row.length == rows[0].length);
  }
}
