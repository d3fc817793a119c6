package dev.quintet.tokenizers.unigram;

import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.train.Corpus;
import dev.quintet.tokenizers.train.Piece;
import dev.quintet.tokenizers.train.PieceRules;
import dev.quintet.tokenizers.train.SentencePieceOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds the pieces of a unigram model by expectation maximisation and pruning, as sentencepiece
/// 0.2.2 does, float for float.
///
/// The option `num_threads` fixes how sums are cut: word i is added to sum i modulo that number,
/// and the sums are then added in order. It does not say how many threads run.
public final class UnigramTrainer {

  /// Pieces that are expected less often are dropped after each step.
  private static final float LEAST_EXPECTED = 0.5f;

  /// Missing characters get the lowest score and a little more, one after the other.
  private static final float SCORE_STEP = 0.0001f;

  private static final float UNKNOWN_PENALTY = 10;

  private final SentencePieceOptions options;
  private final int sums;
  private final byte[][] words;
  private final float[] counts;

  /// The seeds' trie, and which current piece each seed is, if any.
  private final ByteTrie trie;

  private final int[] current;

  /// The current pieces: which seed each is, and its score.
  private int[] seeds;

  private float[] scores;
  private final List<SeedPieces.Seed> all;
  private final Lattice lattice = new Lattice();

  private UnigramTrainer(
      List<SeedPieces.Seed> all, List<Corpus.Counted> words, SentencePieceOptions options) {
    this.options = options;
    this.sums = options.number("num_threads");
    this.all = all;
    this.words = new byte[words.size()][];
    this.counts = new float[words.size()];
    for (int w = 0; w < this.words.length; w++) {
      int[] text = words.get(w).text();
      this.words[w] = new String(text, 0, text.length).getBytes(StandardCharsets.UTF_8);
      counts[w] = words.get(w).count();
    }
    List<byte[]> keys = new ArrayList<>(all.size());
    int[] numbers = new int[all.size()];
    this.seeds = new int[all.size()];
    this.scores = new float[all.size()];
    for (int i = 0; i < all.size(); i++) {
      keys.add(all.get(i).text().getBytes(StandardCharsets.UTF_8));
      numbers[i] = i;
      seeds[i] = i;
      scores[i] = all.get(i).score();
    }
    this.trie = ByteTrie.of(keys, numbers);
    this.current = numbers.clone();
    float sum = 0;
    for (float score : scores) {
      sum += score;
    }
    float logSum = (float) Math.log(sum);
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (Math.log(scores[i]) - logSum);
    }
  }

  /// Finds pieces.
  ///
  /// @param corpus the sentences
  /// @param words the words of the sentences, or the sentences where they are not cut
  /// @param options the options
  /// @param rules which strings may be pieces
  /// @param wanted how many pieces
  /// @return the pieces, the most probable first
  public static List<Piece> train(
      Corpus corpus,
      List<Corpus.Counted> words,
      SentencePieceOptions options,
      PieceRules rules,
      int wanted) {
    List<SeedPieces.Seed> seeds = SeedPieces.of(corpus.sentences(), options, rules);
    UnigramTrainer trainer = new UnigramTrainer(seeds, words, options);
    trainer.run();
    return trainer.chosen(corpus.requiredChars(), wanted);
  }

  private void run() {
    int desired = (int) (options.number("vocab_size") * 1.1);
    int before = Integer.MAX_VALUE;
    while (true) {
      for (int i = 0; i < options.number("num_sub_iterations"); i++) {
        maximise(expected());
      }
      if (seeds.length <= desired) {
        return;
      }
      if (seeds.length == before) {
        // The reference would go on for ever: what cannot be removed is more than what is wanted.
        throw new IllegalArgumentException(
            "SentencePiece training: expected to come down to "
                + desired
                + " pieces, stayed at "
                + before
                + "; a larger vocab_size or a smaller character_coverage helps");
      }
      before = seeds.length;
      prune(desired);
    }
  }

  private float lowest() {
    float lowest = Float.MAX_VALUE;
    for (float score : scores) {
      lowest = Math.min(lowest, score);
    }
    return lowest;
  }

  private float[] expected() {
    float unknown = lowest() - UNKNOWN_PENALTY;
    float[] total = new float[seeds.length];
    float[] part = total;
    for (int n = 0; n < sums; n++) {
      for (int w = n; w < words.length; w += sums) {
        lattice.set(words[w], trie, current, scores, unknown);
        lattice.addExpected(counts[w], part);
      }
      if (n > 0) {
        for (int i = 0; i < total.length; i++) {
          total[i] += part[i];
        }
      }
      part = new float[seeds.length];
    }
    return total;
  }

  private void maximise(float[] expected) {
    float sum = 0;
    int kept = 0;
    int[] keptSeeds = new int[expected.length];
    float[] keptScores = new float[expected.length];
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] >= LEAST_EXPECTED) {
        keptSeeds[kept] = seeds[i];
        keptScores[kept++] = expected[i];
        sum += expected[i];
      }
    }
    float logSum = (float) digamma(sum);
    for (int i = 0; i < kept; i++) {
      keptScores[i] = (float) (digamma(keptScores[i]) - logSum);
    }
    keep(Arrays.copyOf(keptSeeds, kept), Arrays.copyOf(keptScores, kept));
  }

  private void keep(int[] keptSeeds, float[] keptScores) {
    seeds = keptSeeds;
    scores = keptScores;
    Arrays.fill(current, Lattice.NONE);
    for (int i = 0; i < seeds.length; i++) {
      current[seeds[i]] = i;
    }
  }

  /// The derivative of the logarithm of the gamma function, by its asymptotic series.
  private static double digamma(double argument) {
    double x = argument;
    double result = 0;
    for (; x < 7; x++) {
      result -= 1 / x;
    }
    x -= 1.0 / 2.0;
    double inverse = 1.0 / x;
    double square = inverse * inverse;
    double fourth = square * square;
    return result
        + (Math.log(x)
            + (1.0 / 24.0) * square
            - (7.0 / 960.0) * fourth
            + (31.0 / 8064.0) * fourth * square
            - (127.0 / 30720.0) * fourth * fourth);
  }

  /// Drops the pieces whose loss costs least: each is weighed against its own second best
  /// segmentation.
  private void prune(int desired) {
    float unknown = lowest() - UNKNOWN_PENALTY;
    int size = seeds.length;
    boolean[] removable = new boolean[size];
    int[][] alternatives = new int[size][];
    for (int i = 0; i < size; i++) {
      byte[] text = all.get(seeds[i]).text().getBytes(StandardCharsets.UTF_8);
      lattice.set(text, trie, current, scores, unknown);
      int[][] best = lattice.twoBest();
      alternatives[i] = new int[0];
      if (best.length > 1 && best[0].length >= 2) {
        removable[i] = true;
      } else if (best.length > 1) {
        alternatives[i] = Arrays.stream(best[1]).map(lattice::id).toArray();
      }
    }
    float[] frequencies = frequencies(unknown);
    float sum = 0;
    for (float frequency : frequencies) {
      sum += frequency;
    }
    float logSum = (float) Math.log(sum);
    List<Integer> kept = new ArrayList<>();
    List<Integer> candidates = new ArrayList<>();
    float[] losses = new float[size];
    for (int i = 0; i < size; i++) {
      if (frequencies[i] == 0 || removable[i]) {
        continue;
      }
      if (alternatives[i].length == 0) {
        kept.add(i);
        continue;
      }
      losses[i] = loss(frequencies, i, alternatives[i], sum, logSum);
      candidates.add(i);
    }
    candidates.sort(Comparator.comparing((Integer i) -> -losses[i]).thenComparing(i -> i));
    int target = Math.max(desired, (int) (options.fraction("shrinking_factor") * size));
    for (int i = 0; i < candidates.size() && kept.size() != target; i++) {
      kept.add(candidates.get(i));
    }
    int[] keptSeeds = kept.stream().mapToInt(i -> seeds[i]).toArray();
    float[] keptScores = new float[keptSeeds.length];
    for (int i = 0; i < keptScores.length; i++) {
      keptScores[i] = scores[kept.get(i)];
    }
    keep(keptSeeds, keptScores);
  }

  private static float loss(
      float[] frequencies, int i, int[] alternatives, float sum, float logSum) {
    float frequency = frequencies[i];
    float share = frequency / sum;
    float with = (float) (Math.log(frequency) - logSum);
    float logSumWithout = (float) Math.log(sum + frequency * (alternatives.length - 1));
    float without = 0;
    for (int other : alternatives) {
      without = (float) (without + (Math.log(frequencies[other] + frequency) - logSumWithout));
    }
    return share * (with - without);
  }

  /// How often each piece stands in the best segmentations of the words.
  private float[] frequencies(float unknown) {
    float[] total = new float[seeds.length];
    for (int n = 0; n < sums; n++) {
      float[] part = new float[seeds.length];
      for (int w = n; w < words.length; w += sums) {
        lattice.set(words[w], trie, current, scores, unknown);
        int node = lattice.best();
        for (; node != Lattice.NONE; node = lattice.previous(node)) {
          part[lattice.id(node)] += counts[w];
        }
      }
      for (int i = 0; i < total.length; i++) {
        total[i] += part[i];
      }
    }
    return total;
  }

  private List<Piece> chosen(Map<Integer, Long> requiredChars, int wanted) {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < seeds.length; i++) {
      pieces.add(new Piece(all.get(seeds[i]).text(), scores[i]));
    }
    pieces.sort(UnigramTrainer::compare);
    Map<String, Float> byText = new HashMap<>();
    pieces.forEach(piece -> byText.put(piece.text(), piece.score()));
    Map<String, Piece> chosen = new HashMap<>();
    float lowest = lowest();
    float penalty = 0;
    for (int c : requiredChars.keySet()) {
      String text = Character.toString(c);
      Float score = byText.get(text);
      if (score == null) {
        score = lowest + penalty;
        penalty += SCORE_STEP;
      }
      chosen.put(text, new Piece(text, score));
    }
    for (Piece piece : pieces) {
      if (!chosen.containsKey(piece.text())) {
        if (chosen.size() == wanted) {
          break;
        }
        chosen.put(piece.text(), piece);
      }
    }
    List<Piece> sorted = new ArrayList<>(chosen.values());
    sorted.sort(UnigramTrainer::compare);
    return sorted;
  }

  private static int compare(Piece a, Piece b) {
    return a.score() != b.score()
        ? Float.compare(b.score(), a.score())
        : SeedPieces.compareText(a.text(), b.text());
  }
}
