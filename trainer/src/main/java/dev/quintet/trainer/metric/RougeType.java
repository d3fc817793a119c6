package dev.quintet.trainer.metric;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What one kind of ROUGE counts: `rouge1` to `rouge9`, `rougeL`, `rougeLsum`.
sealed interface RougeType {

  /// The kind of a name.
  ///
  /// @throws IllegalArgumentException if it is none
  static RougeType of(String name) {
    if (name.matches("rouge[1-9]")) {
      return new Grams(name.charAt(5) - '0');
    }
    return switch (name) {
      case "rougeL" -> new Whole();
      case "rougeLsum" -> new Summary();
      default ->
          throw new IllegalArgumentException(
              "ROUGE: expected types among rouge1 to rouge9, rougeL and rougeLsum, got \""
                  + name
                  + "\"");
    };
  }

  /// A text, whole and in sentences.
  record Text(int[] tokens, List<int[]> sentences) {}

  /// The scores of a guess.
  PrecisionRecallF1 score(Text target, Text guess);

  /// Of clipped counts: F1 from precision and recall, as rouge_score has it.
  private static PrecisionRecallF1 of(long hits, long guessed, long actual) {
    return PrecisionRecallF1.of(hits, guessed, actual);
  }

  /// Runs of tokens.
  record Grams(int order) implements RougeType {
    @Override
    public PrecisionRecallF1 score(Text target, Text guess) {
      Map<Long, Integer> numbers = new HashMap<>();
      long[] wanted = grams(target.tokens, numbers);
      long[] guessed = grams(guess.tokens, numbers);
      Arrays.sort(wanted);
      Arrays.sort(guessed);
      int hits = 0;
      int i = 0;
      int j = 0;
      while (i < wanted.length && j < guessed.length) {
        if (wanted[i] == guessed[j]) {
          hits++;
          i++;
          j++;
        } else if (wanted[i] < guessed[j]) {
          i++;
        } else {
          j++;
        }
      }
      return RougeType.of(hits, guessed.length, wanted.length);
    }

    /// Numbers that are equal where the runs are.
    private long[] grams(int[] tokens, Map<Long, Integer> numbers) {
      long[] grams = new long[Math.max(0, tokens.length - order + 1)];
      for (int start = 0; start < grams.length; start++) {
        long gram = tokens[start];
        for (int k = 1; k < order; k++) {
          if (k > 1) {
            // Shorter runs get numbers, of their length each, so that two of them fit into one.
            gram = numbers.computeIfAbsent(gram, _ -> numbers.size());
          }
          gram = gram << 32 | tokens[start + k];
        }
        grams[start] = gram;
      }
      return grams;
    }
  }

  /// The longest common subsequence of the whole texts, line breaks ignored.
  record Whole() implements RougeType {
    @Override
    public PrecisionRecallF1 score(Text target, Text guess) {
      int hits = CommonSubsequence.length(target.tokens, guess.tokens);
      return RougeType.of(hits, guess.tokens.length, target.tokens.length);
    }
  }

  /// For each sentence of the target, what its subsequences with all sentences of the guess take together.
  record Summary() implements RougeType {
    @Override
    public PrecisionRecallF1 score(Text target, Text guess) {
      Map<Integer, Integer> wanted = counts(target);
      Map<Integer, Integer> guessed = counts(guess);
      int hits = 0;
      for (int[] sentence : target.sentences) {
        var places = new BitSet();
        for (int[] other : guess.sentences) {
          CommonSubsequence.mark(sentence, other, places);
        }
        for (int place = places.nextSetBit(0); place >= 0; place = places.nextSetBit(place + 1)) {
          int token = sentence[place];
          if (wanted.getOrDefault(token, 0) > 0 && guessed.getOrDefault(token, 0) > 0) {
            hits++;
            wanted.merge(token, -1, Integer::sum);
            guessed.merge(token, -1, Integer::sum);
          }
        }
      }
      return RougeType.of(hits, size(guess), size(target));
    }

    private static Map<Integer, Integer> counts(Text text) {
      Map<Integer, Integer> counts = new HashMap<>();
      for (int[] sentence : text.sentences) {
        for (int token : sentence) {
          counts.merge(token, 1, Integer::sum);
        }
      }
      return counts;
    }

    private static int size(Text text) {
      return text.sentences.stream().mapToInt(sentence -> sentence.length).sum();
    }
  }
}
