package dev.quintet.tokenizers.sentencepiece.unigram;

import dev.quintet.tokenizers.primitive.IntOrder;
import dev.quintet.tokenizers.sentencepiece.train.Piece;
import dev.quintet.tokenizers.sentencepiece.train.PieceRules;
import dev.quintet.tokenizers.sentencepiece.train.PreparedCorpus;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import dev.quintet.tokenizers.sentencepiece.train.TrainingRun;
import dev.quintet.tokenizers.sentencepiece.train.Words;
import dev.quintet.tokenizers.text.ByteTrie;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final TrainingRun run;
  private final int sums;
  private final int words;
  private final float[] counts;

  /// The texts of the seeds, one after the other.
  private final byte[] texts;

  private final int[] bounds;
  private final ByteTrie trie;

  /// The number that stands for unknown characters: one past the seeds.
  private final int unknown;

  /// The lattices of the words and of the seeds themselves.
  private final Segmentations ofWords;

  private final Segmentations ofSeeds;

  /// The seeds that are still pieces, in the order in which sums over them are made.
  private int[] pieces;

  /// By seed.
  private final float[] scores;

  private UnigramTrainer(
      List<SeedPieces.Seed> seeds, Words words, SentencePieceOptions options, TrainingRun run) {
    this.options = options;
    this.run = run;
    this.sums = options.number("num_threads");
    this.words = words.size();
    this.counts = new float[words.size()];
    for (int w = 0; w < counts.length; w++) {
      counts[w] = words.count(w);
    }
    this.unknown = seeds.size();
    this.bounds = new int[unknown + 1];
    this.scores = new float[unknown + 1];
    this.pieces = new int[unknown];
    List<byte[]> keys = new ArrayList<>(unknown);
    for (int i = 0; i < unknown; i++) {
      byte[] key = seeds.get(i).text().getBytes(StandardCharsets.UTF_8);
      keys.add(key);
      bounds[i + 1] = Math.addExact(bounds[i], key.length);
      scores[i] = seeds.get(i).score();
      pieces[i] = i;
    }
    this.texts = new byte[bounds[unknown]];
    for (int i = 0; i < unknown; i++) {
      System.arraycopy(keys.get(i), 0, texts, bounds[i], keys.get(i).length);
    }
    this.trie = ByteTrie.of(keys, pieces.clone());
    int[] wordBounds = new int[words.size() + 1];
    for (int w = 0; w < words.size(); w++) {
      wordBounds[w + 1] = words.end(w);
    }
    this.ofWords = new Segmentations(words.bytes(), wordBounds, words.size(), trie, unknown);
    this.ofSeeds = new Segmentations(texts, bounds, unknown, trie, unknown);
    float sum = 0;
    for (int i = 0; i < unknown; i++) {
      sum += scores[i];
    }
    float logSum = (float) Math.log(sum);
    for (int i = 0; i < unknown; i++) {
      scores[i] = (float) (Math.log(scores[i]) - logSum);
    }
  }

  /// Finds pieces.
  ///
  /// @param corpus the prepared text
  /// @param options the options
  /// @param rules which strings may be pieces
  /// @param wanted how many pieces
  /// @param run how the training is run
  /// @return the pieces, the most probable first
  public static List<Piece> train(
      PreparedCorpus corpus,
      SentencePieceOptions options,
      PieceRules rules,
      int wanted,
      TrainingRun run) {
    run.stage("looking for seeds");
    List<SeedPieces.Seed> seeds = SeedPieces.of(corpus, options, rules);
    UnigramTrainer trainer = new UnigramTrainer(seeds, corpus.words(), options, run);
    trainer.run();
    return trainer.chosen(corpus.requiredChars(), wanted);
  }

  private void run() {
    int desired = (int) (options.number("vocab_size") * 1.1);
    int before = Integer.MAX_VALUE;
    while (true) {
      for (int i = 0; i < options.number("num_sub_iterations"); i++) {
        run.stage("%,d pieces to %,d".formatted(pieces.length, desired));
        maximise(expected());
      }
      if (pieces.length <= desired) {
        return;
      }
      if (pieces.length == before) {
        // The reference would go on for ever: what cannot be removed is more than what is wanted.
        throw new IllegalArgumentException(
            "SentencePiece training: expected to come down to "
                + desired
                + " pieces, stayed at "
                + before
                + "; a larger vocab_size or a smaller character_coverage helps");
      }
      before = pieces.length;
      prune(desired);
    }
  }

  private float lowest() {
    float lowest = Float.MAX_VALUE;
    for (int seed : pieces) {
      lowest = Math.min(lowest, scores[seed]);
    }
    return lowest;
  }

  /// Adds to one of the sums what a word gives.
  private interface Gather {
    void add(Sums sums, int word, float[] sum);
  }

  private float[] gather(Gather gather) {
    scores[unknown] = lowest() - UNKNOWN_PENALTY;
    float[][] parts = new float[sums][];
    run.parallel(
        sums,
        n -> {
          float[] part = new float[unknown];
          Sums lattice = new Sums(ofWords, unknown, scores);
          for (int w = n; w < words; w += sums) {
            gather.add(lattice, w, part);
          }
          parts[n] = part;
        });
    float[] total = parts[0];
    for (int n = 1; n < sums; n++) {
      float[] part = parts[n];
      for (int seed : pieces) {
        total[seed] += part[seed];
      }
    }
    return total;
  }

  private float[] expected() {
    int first = pieces[0];
    return gather((sums, w, sum) -> sums.addExpected(w, counts[w], sum, first));
  }

  /// How often each piece stands in the best segmentations of the words.
  private float[] frequencies() {
    int first = pieces[0];
    return gather((sums, w, sum) -> sums.addBest(w, counts[w], sum, first));
  }

  private void maximise(float[] expected) {
    float sum = 0;
    int kept = 0;
    for (int seed : pieces) {
      if (expected[seed] >= LEAST_EXPECTED) {
        pieces[kept++] = seed;
        sum += expected[seed];
      }
    }
    if (kept == 0) {
      throw new IllegalArgumentException(
          "SentencePiece training: no piece is frequent enough; more text helps");
    }
    float logSum = (float) digamma(sum);
    for (int i = 0; i < kept; i++) {
      scores[pieces[i]] = (float) (digamma(expected[pieces[i]]) - logSum);
    }
    keep(Arrays.copyOf(pieces, kept));
  }

  private void keep(int[] kept) {
    boolean[] alive = new boolean[unknown];
    for (int seed : kept) {
      alive[seed] = true;
    }
    pieces = kept;
    ofWords.keep(alive);
    ofSeeds.keep(alive);
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
    float[] frequencies = frequencies();
    float sum = 0;
    for (int seed : pieces) {
      sum += frequencies[seed];
    }
    float total = sum;
    float logSum = (float) Math.log(sum);
    int size = pieces.length;
    float[] losses = new float[size];
    int chunks = Math.min(size, 64);
    run.parallel(
        chunks,
        chunk -> {
          Sums lattice = new Sums(ofSeeds, unknown, scores);
          int end = (int) ((chunk + 1L) * size / chunks);
          for (int i = (int) ((long) chunk * size / chunks); i < end; i++) {
            losses[i] = loss(lattice, i, frequencies, total, logSum);
          }
        });
    int[] candidates = new int[size];
    int count = 0;
    int[] kept = new int[size];
    int target = Math.max(desired, (int) (options.fraction("shrinking_factor") * size));
    int keeping = 0;
    for (int i = 0; i < size; i++) {
      if (losses[i] == ALWAYS_KEPT) {
        kept[keeping++] = pieces[i];
      } else if (!Float.isNaN(losses[i])) {
        candidates[count++] = i;
      }
    }
    candidates = Arrays.copyOf(candidates, count);
    IntOrder.sort(candidates, (a, b) -> losses[a] > losses[b] ? -1 : losses[a] < losses[b] ? 1 : 0);
    for (int i = 0; i < count && keeping != target; i++) {
      kept[keeping++] = pieces[candidates[i]];
    }
    keep(Arrays.copyOf(kept, keeping));
  }

  private static final float ALWAYS_KEPT = Float.POSITIVE_INFINITY;
  private static final float NEVER_KEPT = Float.NaN;

  private float loss(Sums lattice, int piece, float[] frequencies, float sum, float logSum) {
    int seed = pieces[piece];
    float frequency = frequencies[seed];
    if (frequency == 0) {
      return NEVER_KEPT;
    }
    Sums.Other other = lattice.other(seed, seed);
    if (other.kind() == Sums.Other.Kind.CLOSE) {
      other = exact(seed);
    }
    return switch (other.kind()) {
      case NONE -> ALWAYS_KEPT;
      case BETTER -> NEVER_KEPT;
      case WORSE, CLOSE -> loss(frequencies, frequency, other.seeds(), sum, logSum);
    };
  }

  private Sums.Other exact(int seed) {
    Lattice lattice = Lattice.of(ofSeeds, seed, scores);
    List<Lattice.Path> best = lattice.paths(2);
    if (best.size() < 2) {
      return Sums.Other.NONE;
    }
    return best.getFirst().nodes().length >= 2
        ? Sums.Other.BETTER
        : new Sums.Other(
            Sums.Other.Kind.WORSE,
            Arrays.stream(best.getLast().nodes()).map(node -> lattice.ids[node]).toArray());
  }

  private float loss(
      float[] frequencies, float frequency, int[] alternatives, float sum, float logSum) {
    float share = frequency / sum;
    float with = (float) (Math.log(frequency) - logSum);
    float logSumWithout = (float) Math.log(sum + frequency * (alternatives.length - 1));
    float without = 0;
    for (int other : alternatives) {
      float its = frequencies[other == unknown ? pieces[0] : other];
      without = (float) (without + (Math.log(its + frequency) - logSumWithout));
    }
    return share * (with - without);
  }

  private List<Piece> chosen(Map<Integer, Long> requiredChars, int wanted) {
    List<Piece> sorted = new ArrayList<>();
    for (int seed : pieces) {
      String text =
          new String(texts, bounds[seed], bounds[seed + 1] - bounds[seed], StandardCharsets.UTF_8);
      sorted.add(new Piece(text, scores[seed]));
    }
    sorted.sort(UnigramTrainer::compare);
    Map<String, Float> byText = new HashMap<>();
    sorted.forEach(piece -> byText.put(piece.text(), piece.score()));
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
    for (Piece piece : sorted) {
      if (!chosen.containsKey(piece.text())) {
        if (chosen.size() == wanted) {
          break;
        }
        chosen.put(piece.text(), piece);
      }
    }
    List<Piece> result = new ArrayList<>(chosen.values());
    result.sort(UnigramTrainer::compare);
    return result;
  }

  private static int compare(Piece a, Piece b) {
    return a.score() != b.score()
        ? Float.compare(b.score(), a.score())
        : Arrays.compare(a.text().codePoints().toArray(), b.text().codePoints().toArray());
  }
}
