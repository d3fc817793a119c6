package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.format.TokenizerJson;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;

/// Trains a byte-level BPE tokenizer; the result is that of Hugging Face's `BpeTrainer` (tokenizers 0.23), merge for
/// merge.
///
/// The first ids are the special tokens in their order, then the 256 byte letters, then the merges. A `</s>` among
/// the special tokens ends every encoded text. Sentinels come after the vocabulary, counting down, so that
/// `<extra_id_0>` has the highest id.
///
/// ```java
/// var tokenizer = Tokenizer.of(ByteBpeTrainer.of(4096).withSentinels(100).train(texts));
/// ```
///
/// @param vocabularySize the number of pieces wanted, special tokens and bytes included, sentinels not
/// @param minFrequency a pair that is rarer is not merged
/// @param maxTokenLength no merge makes a token of this many bytes or more; nothing means no limit. As in the
///     reference, a pair of two single bytes is never held back
/// @param specialTokens the special tokens, which take the first ids
/// @param pattern how texts are cut into words
/// @param addPrefixSpace whether a text that does not begin with a space is given one
/// @param sentinels how many sentinels `<extra_id_i>` follow the vocabulary
public record ByteBpeTrainer(
    int vocabularySize,
    int minFrequency,
    OptionalInt maxTokenLength,
    List<String> specialTokens,
    SplitPattern pattern,
    boolean addPrefixSpace,
    int sentinels) {

  /// Checks the options.
  ///
  /// @throws IllegalArgumentException when one is out of range
  public ByteBpeTrainer {
    specialTokens = List.copyOf(specialTokens);
    require(vocabularySize >= 1, "vocabularySize of at least 1", vocabularySize);
    require(minFrequency >= 0, "minFrequency of at least 0", minFrequency);
    require(sentinels >= 0, "sentinels of at least 0", sentinels);
    require(
        maxTokenLength.orElse(1) >= 1, "maxTokenLength of at least 1", maxTokenLength.orElse(1));
    require(
        new HashSet<>(specialTokens).size() == specialTokens.size() && !specialTokens.contains(""),
        "special tokens that differ and are not empty",
        specialTokens);
  }

  private static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException("ByteBpeTrainer: expected " + expected + ", got " + got);
    }
  }

  /// The usual options: no minimum frequency, no length limit, `<pad>`, `</s>` and `<unk>`, GPT-4's pattern, no
  /// prefix space, no sentinels.
  ///
  /// @param vocabularySize the number of pieces wanted
  /// @return the trainer
  public static ByteBpeTrainer of(int vocabularySize) {
    return new ByteBpeTrainer(
        vocabularySize,
        0,
        OptionalInt.empty(),
        List.of("<pad>", "</s>", "<unk>"),
        SplitPattern.GPT4,
        false,
        0);
  }

  /// Trains on texts; each is cut into words on its own. The result is a function of the words' counts alone.
  ///
  /// @param texts the texts, read once; lines should keep their line ends, as they will stand in what is encoded
  /// @return the trained tokenizer's description, for `Tokenizer.of`
  public TokenizerJson train(Iterable<? extends CharSequence> texts) {
    throw new UnsupportedOperationException("byte-level BPE training is not there yet");
  }

  /// These options with another vocabulary size.
  ///
  /// @param size the number of pieces wanted
  /// @return the trainer
  public ByteBpeTrainer withVocabularySize(int size) {
    return new ByteBpeTrainer(
        size, minFrequency, maxTokenLength, specialTokens, pattern, addPrefixSpace, sentinels);
  }

  /// These options with another minimum frequency.
  ///
  /// @param frequency a pair that is rarer is not merged
  /// @return the trainer
  public ByteBpeTrainer withMinFrequency(int frequency) {
    return new ByteBpeTrainer(
        vocabularySize,
        frequency,
        maxTokenLength,
        specialTokens,
        pattern,
        addPrefixSpace,
        sentinels);
  }

  /// These options with a length limit.
  ///
  /// @param length no merge makes a token of this many bytes or more
  /// @return the trainer
  public ByteBpeTrainer withMaxTokenLength(int length) {
    return new ByteBpeTrainer(
        vocabularySize,
        minFrequency,
        OptionalInt.of(length),
        specialTokens,
        pattern,
        addPrefixSpace,
        sentinels);
  }

  /// These options with other special tokens.
  ///
  /// @param tokens the special tokens, which take the first ids
  /// @return the trainer
  public ByteBpeTrainer withSpecialTokens(List<String> tokens) {
    return new ByteBpeTrainer(
        vocabularySize, minFrequency, maxTokenLength, tokens, pattern, addPrefixSpace, sentinels);
  }

  /// These options with another pattern.
  ///
  /// @param split how texts are cut into words
  /// @return the trainer
  public ByteBpeTrainer withPattern(SplitPattern split) {
    return new ByteBpeTrainer(
        vocabularySize,
        minFrequency,
        maxTokenLength,
        specialTokens,
        split,
        addPrefixSpace,
        sentinels);
  }

  /// These options with or without a prefix space.
  ///
  /// @param add whether a text that does not begin with a space is given one
  /// @return the trainer
  public ByteBpeTrainer withAddPrefixSpace(boolean add) {
    return new ByteBpeTrainer(
        vocabularySize, minFrequency, maxTokenLength, specialTokens, pattern, add, sentinels);
  }

  /// These options with sentinels.
  ///
  /// @param count how many sentinels `<extra_id_i>` follow the vocabulary
  /// @return the trainer
  public ByteBpeTrainer withSentinels(int count) {
    return new ByteBpeTrainer(
        vocabularySize,
        minFrequency,
        maxTokenLength,
        specialTokens,
        pattern,
        addPrefixSpace,
        count);
  }
}
