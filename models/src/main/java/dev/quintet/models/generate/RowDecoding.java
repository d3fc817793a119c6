package dev.quintet.models.generate;

import dev.quintet.core.random.Philox;
import java.util.Arrays;

/// Decoding without beams: every row takes its likeliest token each time, or one drawn at random, until all have ended.
final class RowDecoding {
  private final Decoding decoding;
  private final GenerationConfig config;
  private final TokenListener listener;

  RowDecoding(Decoding decoding, GenerationConfig config, TokenListener listener) {
    this.decoding = decoding;
    this.config = config;
    this.listener = listener;
  }

  /// Decodes in the current scope.
  Generator.Generated run() {
    Sequence[] rows = decoding.rows();
    Philox[] random = new Philox[config.samples() ? rows.length : 0];
    Arrays.setAll(random, decoding::random);
    boolean[] ended = new boolean[rows.length];
    int[] lengths = new int[rows.length];
    Arrays.fill(lengths, rows[0].length());
    int left = rows.length;
    while (left > 0 && rows[0].length() < decoding.maxLength()) {
      int[] next = config.samples() ? drawn(random) : decoding.likeliest();
      boolean late = decoding.ends().late();
      for (int row = 0; row < rows.length; row++) {
        rows[row].append(ended[row] ? config.padId() : next[row]);
        if (!ended[row]) {
          lengths[row]++;
          listener.token(row, next[row]);
          ended[row] = late || decoding.ends().at(rows[row]);
          left -= ended[row] ? 1 : 0;
        }
      }
    }
    int[][] sequences = Arrays.stream(rows).map(Sequence::ids).toArray(int[][]::new);
    return new Generator.Generated(sequences, lengths, new float[0]);
  }

  private int[] drawn(Philox[] random) {
    float[][] scores = decoding.scores(false);
    int[] next = new int[random.length];
    for (int row = 0; row < next.length; row++) {
      next[row] = draw(scores[row], random[row], decoding.rows()[row]);
    }
    return next;
  }

  private static int draw(float[] scores, Philox random, Sequence sequence) {
    float most = Distribution.largest(scores);
    double total = Distribution.exponentials(scores, most);
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalStateException(
          "no token can be drawn behind "
              + Arrays.toString(sequence.ids())
              + ": the processors forbid all, or scores are no numbers (see remove_invalid_values)");
    }
    double rest = random.nextDouble() * total;
    int last = 0;
    for (int id = 0; id < scores.length; id++) {
      double weight = Distribution.exponential(scores[id], most);
      if (weight > 0) {
        if (rest < weight) {
          return id;
        }
        rest -= weight;
        last = id;
      }
    }
    return last;
  }
}
