package dev.quintet.tokenizers;

import dev.quintet.tokenizers.huggingface.LengthSpec;
import dev.quintet.tokenizers.huggingface.Padding;
import dev.quintet.tokenizers.huggingface.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Encodes texts, or pairs of texts, as the rows of a batch: truncates what is too long and pads the rest.
///
/// ```java
/// var batch = BatchEncoder.of(tokenizer).withTruncation(Truncation.to(512)).encode(texts);
/// ```
///
/// @param tokenizer encodes each text
/// @param truncation how sequences that are too long are truncated, if they are
/// @param padding how rows are padded; nothing means to the longest row with the tokenizer's padding token
/// @param addSpecialTokens whether the template's special tokens are added
/// @param keepRest whether what is cut off follows in further rows
public record BatchEncoder(
    Tokenizer tokenizer,
    Optional<Truncation> truncation,
    Optional<Padding> padding,
    boolean addSpecialTokens,
    boolean keepRest) {

  /// A pair of texts, such as a question and a document.
  ///
  /// @param first the first text
  /// @param second the second text
  public record Pair(CharSequence first, CharSequence second) {}

  /// An encoder with special tokens that truncates nothing and pads to the longest row, whatever the tokenizer's file
  /// says.
  ///
  /// @param tokenizer encodes each text
  /// @return the encoder
  public static BatchEncoder of(Tokenizer tokenizer) {
    return new BatchEncoder(tokenizer, Optional.empty(), Optional.empty(), true, false);
  }

  /// The same with other lengths, such as [Tokenizer#lengths], which are those of the tokenizer's file.
  ///
  /// @param lengths how rows that are too long are truncated, and those that are too short padded
  /// @return the encoder
  public BatchEncoder withLengths(LengthSpec lengths) {
    return new BatchEncoder(
        tokenizer, lengths.truncation(), lengths.padding(), addSpecialTokens, keepRest);
  }

  /// The same with another truncation.
  ///
  /// @param how how sequences that are too long are truncated
  /// @return the encoder
  public BatchEncoder withTruncation(Truncation how) {
    return new BatchEncoder(tokenizer, Optional.of(how), padding, addSpecialTokens, keepRest);
  }

  /// The same without truncation.
  ///
  /// @return the encoder
  public BatchEncoder withoutTruncation() {
    return new BatchEncoder(tokenizer, Optional.empty(), padding, addSpecialTokens, keepRest);
  }

  /// The same with another padding.
  ///
  /// @param how how rows are padded
  /// @return the encoder
  public BatchEncoder withPadding(Padding how) {
    return new BatchEncoder(tokenizer, truncation, Optional.of(how), addSpecialTokens, keepRest);
  }

  /// The same with or without special tokens.
  ///
  /// @param add whether the template's special tokens are added
  /// @return the encoder
  public BatchEncoder withSpecialTokens(boolean add) {
    return new BatchEncoder(tokenizer, truncation, padding, add, keepRest);
  }

  /// The same that keeps what it cuts off, or does not.
  ///
  /// @param keep whether what is cut off follows in further rows
  /// @return the encoder
  public BatchEncoder withRest(boolean keep) {
    return new BatchEncoder(tokenizer, truncation, padding, addSpecialTokens, keep);
  }

  /// Encodes texts, one or, with the rest, several rows each.
  ///
  /// @param texts the texts
  /// @return the batch, `[B, L]`
  /// @throws IllegalArgumentException when a text cannot be encoded or cut, or when padding is needed and there is no padding token
  public TokenBatch encode(List<? extends CharSequence> texts) {
    return rows(texts.stream().map(List::of).toList());
  }

  /// Encodes pairs of texts, one or, with the rest, several rows each.
  ///
  /// @param pairs the pairs
  /// @return the batch, `[B, L]`
  /// @throws IllegalArgumentException as [#encode]
  public TokenBatch encodePairs(List<Pair> pairs) {
    return rows(pairs.stream().map(pair -> List.of(pair.first, pair.second)).toList());
  }

  private TokenBatch rows(List<? extends List<? extends CharSequence>> all) {
    WindowOptions options = new WindowOptions(truncation, addSpecialTokens, keepRest);
    List<Window> rows = new ArrayList<>();
    List<Integer> texts = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (Window window : tokenizer.windows(all.get(i), options)) {
        rows.add(window);
        texts.add(i);
      }
    }
    int longest = rows.stream().mapToInt(row -> row.tokens().size()).max().orElse(0);
    int length = Math.max(longest, padding.map(how -> how.wanted(longest)).orElse(longest));
    boolean padded = rows.stream().anyMatch(row -> row.tokens().size() < length);
    Padding how = padding.orElseGet(() -> Padding.toLongest(padId(padded)));
    return Rows.of(rows, texts.stream().mapToInt(i -> i).toArray(), how, length);
  }

  private int padId(boolean needed) {
    OptionalInt id = tokenizer.padId();
    if (needed && id.isEmpty()) {
      throw new IllegalArgumentException(
          "BatchEncoder: expected a padding token for rows of different lengths, got a tokenizer without one;"
              + " name one by withPadding");
    }
    return id.orElse(0);
  }
}
