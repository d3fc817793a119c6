package dev.quintet.models.generate;

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
    boolean[] ended = new boolean[rows.length];
    int[] lengths = new int[rows.length];
    Arrays.fill(lengths, rows[0].length());
    int left = rows.length;
    while (left > 0 && rows[0].length() < decoding.maxLength()) {
      int count = decoding.choose(ended);
      boolean late = decoding.ends().late();
      // What was chosen behind the end of all is nothing.
      for (int token = 0; token < count && left > 0; token++) {
        for (int row = 0; row < rows.length; row++) {
          if (ended[row]) {
            rows[row].append(config.padId());
            continue;
          }
          int id = decoding.chosen(token, row);
          rows[row].append(id);
          lengths[row]++;
          listener.token(row, id);
          // all that was chosen before anybody looked at the clock counts
          boolean out = late && token == count - 1;
          ended[row] = out || decoding.ends().at(rows[row]);
          left -= ended[row] ? 1 : 0;
        }
      }
    }
    int[][] sequences = Arrays.stream(rows).map(Sequence::ids).toArray(int[][]::new);
    return new Generator.Generated(sequences, lengths, new float[0]);
  }
}
