package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.huggingface.BpeSpec;
import dev.quintet.tokenizers.huggingface.PreTokenizerSpec;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.ByteTrie;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Turns tiktoken's tokens into a byte-level BPE model with merges.
///
/// tiktoken joins any two neighbours that together are a token, the one with the lowest rank first.
/// A token is therefore made of the two that remain when it is put together from tokens of lower
/// rank. The files do not say how texts are cut into words; that is inferred from how many tokens they
/// have. Special tokens are not in the files either: a text is encoded as plain text.
public final class Tiktoken {

  private Tiktoken() {}

  /// Describes the tokenizer.
  ///
  /// @param name what error messages call the file
  /// @param tokens the tokens' bytes by rank
  /// @return the description
  /// @throws MalformedFileException when it is not known how texts are cut
  public static TokenizerJson describe(String name, List<byte[]> tokens) {
    SplitPattern pattern =
        switch (tokens.size()) {
          case 100_256 -> SplitPattern.CL100K;
          case 199_998 -> SplitPattern.O200K;
          // r50k_base and p50k_base.
          case 50_256, 50_280 -> SplitPattern.GPT2;
          default ->
              throw new MalformedFileException(
                  name,
                  "the tokens",
                  "expected as many as r50k, p50k, cl100k or o200k have (50256, 50280, 100256,"
                      + " 199998), got "
                      + tokens.size()
                      + "; it is not known how this one cuts texts");
        };
    List<String> letters = new ArrayList<>(tokens.size());
    int[] ranks = new int[tokens.size()];
    for (int i = 0; i < ranks.length; i++) {
      letters.add(letters(tokens.get(i)));
      ranks[i] = i;
    }
    int[] merges = merges(tokens, ByteTrie.of(tokens, ranks));
    boolean gpt2 = pattern.equals(SplitPattern.GPT2);
    var bytes = new PreTokenizerSpec.ByteLevel(false, true, gpt2);
    var split =
        new PreTokenizerSpec.Split(
            pattern.regex(), true, PreTokenizerSpec.Behavior.ISOLATED, false);
    return TokenizerJson.byteLevelBpe(
        new BpeSpec(Vocabulary.of(letters), merges, Optional.empty(), false, false, true),
        List.of(),
        gpt2 ? List.of(bytes) : List.of(split, bytes),
        Optional.empty());
  }

  private static String letters(byte[] token) {
    char[] letters = new char[token.length];
    for (int i = 0; i < letters.length; i++) {
      letters[i] = ByteLetters.letter(token[i] & 0xFF);
    }
    return new String(letters);
  }

  private static int[] merges(List<byte[]> tokens, ByteTrie ranks) {
    int[] merges = new int[3 * tokens.size()];
    int size = 0;
    for (int rank = 0; rank < tokens.size(); rank++) {
      byte[] token = tokens.get(rank);
      int half = half(token, rank, ranks);
      if (half > 0) {
        merges[size++] = ranks.find(token, 0, half);
        merges[size++] = ranks.find(token, half, token.length);
        merges[size++] = rank;
      }
    }
    return Arrays.copyOf(merges, size);
  }

  /// Where the second half of a token begins, or 0 when it is not made of two.
  private static int half(byte[] token, int rank, ByteTrie ranks) {
    int[] cuts = new int[token.length + 1];
    for (int i = 0; i < cuts.length; i++) {
      cuts[i] = i;
    }
    int parts = token.length;
    while (parts > 2) {
      int best = -1;
      int bestRank = rank;
      for (int i = 0; i + 1 < parts; i++) {
        int joined = ranks.find(token, cuts[i], cuts[i + 2]);
        if (joined != ByteTrie.NONE && joined < bestRank) {
          best = i;
          bestRank = joined;
        }
      }
      if (best < 0) {
        return 0;
      }
      System.arraycopy(cuts, best + 2, cuts, best + 1, parts - best - 1);
      parts--;
    }
    boolean made =
        parts == 2
            && ranks.find(token, 0, cuts[1]) != ByteTrie.NONE
            && ranks.find(token, cuts[1], token.length) != ByteTrie.NONE;
    return made ? cuts[1] : 0;
  }
}
