package dev.quintet.trainer.metric;

/// Counts of how likely a model takes the right tokens to be; they add up over batches of any size.
///
/// @param loss the sum of the negative logarithms of the right tokens' probabilities
/// @param tokens labels counted
/// @param rightTokens those that got the highest logit
/// @param rows rows with at least one label
/// @param rightRows those whose labels all got the highest logit
/// @param bytes length of the targets in UTF-8
public record TokenScores(
    double loss, long tokens, long rightTokens, long rows, long rightRows, long bytes) {

  /// Nothing counted.
  public static final TokenScores NONE = new TokenScores(0, 0, 0, 0, 0, 0);

  /// A label that does not count.
  public static final int IGNORED = -100;

  /// The counts of one row.
  ///
  /// @param logits `[position][vocabulary]`
  /// @param labels `[position]`; [#IGNORED] does not count
  /// @param bytes length of the target in UTF-8
  /// @throws IllegalArgumentException if the lengths differ, or a label is outside the vocabulary
  public static TokenScores ofRow(double[][] logits, int[] labels, long bytes) {
    if (logits.length != labels.length) {
      throw new IllegalArgumentException(
          "TokenScores.ofRow: expected logits and labels of one length, got %d and %d"
              .formatted(logits.length, labels.length));
    }
    double loss = 0;
    long tokens = 0;
    long right = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == IGNORED) {
        continue;
      }
      if (labels[i] < 0 || labels[i] >= logits[i].length) {
        throw new IllegalArgumentException(
            "TokenScores.ofRow: expected labels from 0 to %d or %d, got %d at position %d"
                .formatted(logits[i].length - 1, IGNORED, labels[i], i));
      }
      int best = argmax(logits[i]);
      loss += logSum(logits[i], logits[i][best]) - logits[i][labels[i]];
      tokens++;
      right += best == labels[i] ? 1 : 0;
    }
    return new TokenScores(
        loss, tokens, right, tokens > 0 ? 1 : 0, tokens > 0 && right == tokens ? 1 : 0, bytes);
  }

  /// Both counts together.
  public TokenScores plus(TokenScores other) {
    return new TokenScores(
        loss + other.loss,
        tokens + other.tokens,
        rightTokens + other.rightTokens,
        rows + other.rows,
        rightRows + other.rightRows,
        bytes + other.bytes);
  }

  /// Of how many tokens, all alike, a model would be as unsure; NaN without labels.
  public double perplexity() {
    return tokens == 0 ? Double.NaN : Math.exp(loss / tokens);
  }

  /// Bits that a byte of the targets would take, compressed by the model; whatever the tokenizer. NaN without bytes.
  public double bitsPerByte() {
    return bytes == 0 ? Double.NaN : loss / Math.log(2) / bytes;
  }

  /// Share of labels with the highest logit, the lowest id of equal ones; 0 without labels.
  public double tokenAccuracy() {
    return tokens == 0 ? 0 : (double) rightTokens / tokens;
  }

  /// Share of rows whose labels all have the highest logit; rows without labels are left out, and 0 where there is no other.
  public double sequenceAccuracy() {
    return rows == 0 ? 0 : (double) rightRows / rows;
  }

  private static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double logSum(double[] logits, double highest) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - highest);
    }
    return highest + Math.log(sum);
  }
}
