package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.text.ByteLetters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/// Which bytes a byte-level vocabulary begins with: some that are always there, those that the texts have, and a
/// limit on all of them (`initial_alphabet` and `limit_alphabet` of Hugging Face's `BpeTrainer`).
///
/// A limit drops the rarest bytes first, and those of `initial` last of all. Which of equals goes is unspecified in the
/// reference; here it is the one whose letter has the higher code point. A dropped byte is as if the texts did not have
/// it, and what is encoded later loses it too; only [#ALL] gives a tokenizer that every text comes back from.
///
/// @param initial the letters of bytes ([ByteLetters]) that count as more frequent than any other; may be empty
/// @param limit how many bytes are kept at most, at least 1; nothing means all
public record ByteAlphabet(String initial, OptionalInt limit) {

  /// All 256 bytes, whatever the texts have.
  public static final ByteAlphabet ALL =
      new ByteAlphabet(String.join("", ByteLetters.sorted()), OptionalInt.empty());

  /// The bytes that the texts have.
  public static final ByteAlphabet SEEN = new ByteAlphabet("", OptionalInt.empty());

  /// Checks the letters and the limit.
  ///
  /// @throws IllegalArgumentException when a letter is not a byte's or the limit is below 1
  public ByteAlphabet {
    if (!initial.chars().allMatch(c -> ByteLetters.value((char) c) >= 0)) {
      throw new IllegalArgumentException(
          "ByteAlphabet: expected letters of bytes, as ByteLetters has them, got " + initial);
    }
    if (limit.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "ByteAlphabet: expected a limit of at least 1, got " + limit.getAsInt());
    }
  }

  /// This alphabet with a limit.
  ///
  /// @param most how many bytes are kept at most
  /// @return the alphabet
  /// @throws IllegalArgumentException when it is below 1
  public ByteAlphabet withLimit(int most) {
    return new ByteAlphabet(initial, OptionalInt.of(most));
  }

  /// The letters that are kept, in the order of code points.
  ///
  /// @param counts how often the texts have each byte; 256 of them
  List<String> letters(long[] counts) {
    long[] weights = counts.clone();
    initial.chars().forEach(c -> weights[ByteLetters.value((char) c)] = Long.MAX_VALUE);
    List<String> kept = new ArrayList<>(ByteLetters.sorted());
    kept.removeIf(letter -> weight(weights, letter) == 0);
    // Sorting is stable, so that equals stay in the order of code points.
    kept.sort(Comparator.comparingLong((String letter) -> weight(weights, letter)).reversed());
    List<String> most = kept.subList(0, Math.min(kept.size(), limit.orElse(256)));
    return most.stream().sorted().toList();
  }

  private static long weight(long[] weights, String letter) {
    return weights[ByteLetters.value(letter.charAt(0))];
  }
}
