package dev.quintet.trainer.loop;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.objective.CorruptedText;
import dev.quintet.trainer.objective.SpanCorruption;
import dev.quintet.trainer.objective.SpanLengths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Makes examples of running text by span corruption, and refuses numbers that do not fit one another or the tokenizer.
///
/// @param tokenizer with sentinels
/// @param eos id of the end token
/// @param density the share of the tokens that are hidden
/// @param meanSpan the mean length of a hidden span in tokens
/// @param maxSource the longest source in tokens
record RunningText(Tokenizer tokenizer, int eos, double density, double meanSpan, int maxSource) {
  private static final int LONGEST_TARGET = 131_072;

  /// Pieces of documents, corrupted.
  ///
  /// @param part what they are for, such as `training`
  /// @throws IllegalArgumentException if there are too few tokens or sentinels, or targets would be too long
  CorruptedText corrupted(String part, List<String> documents, long seed) {
    if (tokenizer.source() != tokenizer) {
      throw new IllegalArgumentException(
          "span corruption: what is hidden of a text is written as it stood, but what is read and what is written have a"
              + " vocabulary each here: learn from pairs, or take one tokenizer");
    }
    int[] sentinels = sentinels(tokenizer);
    var corruption =
        new SpanCorruption(density, meanSpan, eos, i -> sentinels[i], sentinels.length);
    requireSentinels(sentinels.length);
    List<int[]> ids = new ArrayList<>();
    documents.forEach(document -> ids.add(tokenizer.encode(document, false).ids()));
    var pieces = new CorruptedText(ids, corruption, maxSource, seed);
    if (pieces.size() == 0) {
      throw new IllegalArgumentException(
          "span corruption: the " + part + " documents have fewer than 2 tokens in all");
    }
    return pieces;
  }

  /// Refuses lengths at the start that would otherwise fail at the first full piece.
  private void requireSentinels(int sentinels) {
    SpanLengths lengths = SpanLengths.fitting(maxSource, density, meanSpan);
    if (lengths.target() > LONGEST_TARGET) {
      throw new IllegalArgumentException(
          "span corruption: sources of %,d tokens that hide %s of the text make targets of %,d; hide less, or allow shorter sources"
              .formatted(maxSource, density, lengths.target()));
    }
    double fitting = meanSpan;
    while (SpanLengths.fitting(maxSource, density, fitting).spans() > sentinels) {
      fitting = Math.floor(fitting) + 1;
    }
    if (fitting > meanSpan) {
      throw new IllegalArgumentException(
          "span corruption: sources of %,d tokens make %,d spans, but the tokenizer has %,d sentinels; raise the mean span (mean_span) to %.0f, or allow shorter sources (max_source)"
              .formatted(maxSource, lengths.spans(), sentinels, fitting));
    }
  }

  private static int[] sentinels(Tokenizer tokenizer) {
    int[] ids = new int[1000];
    int count = 0;
    while (count < ids.length && tokenizer.sentinelId(count).isPresent()) {
      ids[count] = tokenizer.sentinelId(count).getAsInt();
      count++;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "span corruption needs sentinels, and the tokenizer has no <extra_id_0>");
    }
    return Arrays.copyOf(ids, count);
  }
}
