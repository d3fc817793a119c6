package dev.quintet.models.generate;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/// Adds to the score of a sequence's last id where those before it have just been generated.
final class SequenceBias implements LogitsProcessor {
  private final List<GenerationConfig.Bias> biases;
  // Biases of one token are summed up before they are added to its score, as in transformers.
  private final float[] sums;

  SequenceBias(List<GenerationConfig.Bias> biases) {
    this.biases = biases;
    this.sums = new float[biases.size()];
  }

  /// Forbids sequences, but no end alone.
  static SequenceBias forbidding(int[][] words, int[] eosIds) {
    var biases = new LinkedHashMap<List<Integer>, GenerationConfig.Bias>();
    for (int[] word : words) {
      boolean end = word.length == 1 && Arrays.stream(eosIds).anyMatch(id -> id == word[0]);
      if (word.length > 0 && !end) {
        biases.put(
            Arrays.stream(word).boxed().toList(),
            new GenerationConfig.Bias(word, Float.NEGATIVE_INFINITY));
      }
    }
    return new SequenceBias(List.copyOf(biases.values()));
  }

  @Override
  public void process(Sequence sequence, float[] scores) {
    Arrays.fill(sums, 0);
    for (int i = 0; i < sums.length; i++) {
      int[] ids = biases.get(i).ids();
      checkIds(ids, scores);
      if (sequence.startsAt(sequence.length() - (ids.length - 1), ids, ids.length - 1)) {
        sums[first(ids[ids.length - 1])] += biases.get(i).value();
      }
    }
    for (int i = 0; i < sums.length; i++) {
      int[] ids = biases.get(i).ids();
      scores[ids[ids.length - 1]] += sums[i];
    }
  }

  /// The first bias of a last id: where the sum of all of them is kept.
  private int first(int last) {
    int i = 0;
    while (biases.get(i).ids()[biases.get(i).ids().length - 1] != last) {
      i++;
    }
    return i;
  }

  private static void checkIds(int[] ids, float[] scores) {
    for (int id : ids) {
      var _ = Prohibition.checked(id, "sequence_bias or bad_words_ids", scores);
    }
  }
}
