package dev.quintet.trainer.metric;

import java.util.BitSet;

/// The longest common subsequence of two lists of tokens.
final class CommonSubsequence {
  private CommonSubsequence() {}

  /// Its length.
  static int length(int[] one, int[] other) {
    int[] row = new int[other.length + 1];
    for (int token : one) {
      int diagonal = 0;
      for (int j = 1; j <= other.length; j++) {
        int above = row[j];
        row[j] = token == other[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    return row[other.length];
  }

  /// Marks the places of `target` that it takes; of several, the one that rouge_score goes back to from the ends.
  static void mark(int[] target, int[] guess, BitSet places) {
    int[][] table = new int[target.length + 1][guess.length + 1];
    for (int i = 1; i <= target.length; i++) {
      for (int j = 1; j <= guess.length; j++) {
        table[i][j] =
            target[i - 1] == guess[j - 1]
                ? table[i - 1][j - 1] + 1
                : Math.max(table[i - 1][j], table[i][j - 1]);
      }
    }
    int i = target.length;
    int j = guess.length;
    while (i > 0 && j > 0) {
      if (target[i - 1] == guess[j - 1]) {
        places.set(i - 1);
        i--;
        j--;
      } else if (table[i][j - 1] > table[i - 1][j]) {
        j--;
      } else {
        i--;
      }
    }
  }
}
