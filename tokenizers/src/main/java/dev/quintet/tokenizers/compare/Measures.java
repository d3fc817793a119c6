package dev.quintet.tokenizers.compare;

import java.util.Optional;

/// What one tokenizer does with the texts of one type.
///
/// @param texts the number of texts
/// @param bytes their length in UTF-8
/// @param characters their length in code points
/// @param tokens the number of tokens, without special ones that a template adds
/// @param unknowns how many of them are the unknown token
/// @param used how many different ids there are among them
/// @param renyiEfficiency see [#renyiEfficiency]
/// @param lossyTexts how many texts decode to something else
/// @param firstLoss the first of these
public record Measures(
    long texts,
    long bytes,
    long characters,
    long tokens,
    long unknowns,
    int used,
    double renyiEfficiency,
    long lossyTexts,
    Optional<Loss> firstLoss) {

  /// The power of the Rényi entropy (Zouhar et al. 2023, arXiv 2306.16842).
  public static final double RENYI_POWER = 2.5;

  /// How many bytes a token stands for on average; more is shorter sequences.
  ///
  /// @return bytes of all texts by tokens of all texts, NaN without tokens
  public double bytesPerToken() {
    return (double) bytes / tokens;
  }

  /// How many tokens a character takes on average.
  ///
  /// @return tokens of all texts by code points of all texts, NaN without texts
  public double tokensPerCharacter() {
    return (double) tokens / characters;
  }

  /// The part of tokens that are unknown.
  ///
  /// @return 0 to 1, NaN without tokens
  public double unknownRate() {
    return (double) unknowns / tokens;
  }

  /// How evenly tokens are used, from 0 to 1: `log2(sum p^a) / (1 - a) / log2(used)` with a = 2.5.
  ///
  /// @param counts how often each id occurs
  /// @return the efficiency; 1 when one id or none is used
  static double renyiEfficiency(long[] counts) {
    long total = 0;
    int used = 0;
    for (long count : counts) {
      total += count;
      used += count > 0 ? 1 : 0;
    }
    if (used < 2) {
      return 1;
    }
    double sum = 0;
    for (long count : counts) {
      if (count > 0) {
        sum += Math.pow((double) count / total, RENYI_POWER);
      }
    }
    return Math.log(sum) / (1 - RENYI_POWER) / Math.log(used);
  }
}
