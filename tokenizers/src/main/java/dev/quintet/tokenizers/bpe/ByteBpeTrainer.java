package dev.quintet.tokenizers.bpe;

import dev.quintet.tokenizers.huggingface.AddedToken;
import dev.quintet.tokenizers.huggingface.BpeSpec;
import dev.quintet.tokenizers.huggingface.PreTokenizerSpec;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.huggingface.Vocabulary;
import dev.quintet.tokenizers.pretokenize.PreTokenizer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.tokenizers.text.ByteLetters;
import dev.quintet.tokenizers.text.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// Trains a byte-level BPE tokenizer; the result is that of Hugging Face's `BpeTrainer` (tokenizers 0.23), merge for
/// merge.
///
/// The first ids are the special tokens in their order, then the letters of the bytes (all 256, unless the
/// alphabet says otherwise), then the merges. A `</s>` among
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
/// @param alphabet which bytes the vocabulary begins with
public record ByteBpeTrainer(
    int vocabularySize,
    int minFrequency,
    OptionalInt maxTokenLength,
    List<String> specialTokens,
    SplitPattern pattern,
    boolean addPrefixSpace,
    int sentinels,
    ByteAlphabet alphabet) {

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
    require(
        sentinels == 0 || specialTokens.stream().noneMatch(t -> t.matches("<extra_id_[0-9]+>")),
        "sentinels by count or among the special tokens, not both",
        specialTokens);
    require(
        !addPrefixSpace
            || pattern.equals(SplitPattern.GPT2)
            || pattern.equals(SplitPattern.IDENTITY),
        "addPrefixSpace only with the patterns GPT2 and IDENTITY (any other would put a space"
            + " before every word)",
        pattern);
  }

  private static void require(boolean holds, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException("ByteBpeTrainer: expected " + expected + ", got " + got);
    }
  }

  /// The usual options: no minimum frequency, no length limit, `<pad>`, `</s>` and `<unk>`, GPT-4's pattern, no
  /// prefix space, no sentinels, all bytes.
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
        0,
        ByteAlphabet.ALL);
  }

  /// Trains on texts; each is cut into words on its own. The result is a function of the words' counts alone.
  ///
  /// @param texts the texts, read once; lines should keep their line ends, as they will stand in what is encoded
  /// @return the trained tokenizer's description, for `Tokenizer.of`
  public TokenizerJson train(Iterable<? extends CharSequence> texts) {
    List<PreTokenizerSpec> steps = preTokenizers();
    PreTokenizer preTokenizer = PreTokenizer.of(steps);
    WordCounts counted = new WordCounts();
    for (CharSequence text : texts) {
      String whole = Text.wellFormed(text);
      preTokenizer.split(
          whole,
          0,
          whole.length(),
          true,
          (source, start, end, _, _) -> counted.add(source, start, end));
    }
    List<String> first = new ArrayList<>(specialTokens);
    alphabet.letters(byteCounts(counted)).stream()
        .filter(letter -> !first.contains(letter))
        .forEach(first::add);
    List<String> sentinelNames =
        IntStream.range(0, sentinels).mapToObj(i -> "<extra_id_" + i + ">").toList();
    MergeSearch search =
        new MergeSearch(
            first,
            words(counted, first),
            IntStream.range(0, counted.size()).mapToLong(counted::count).toArray(),
            maxTokenLength.orElse(Integer.MAX_VALUE),
            sentinelNames);
    search.run(vocabularySize, minFrequency);
    return describe(search, steps, sentinelNames);
  }

  private static long[] byteCounts(WordCounts counted) {
    long[] counts = new long[256];
    for (int w = 0; w < counted.size(); w++) {
      for (byte b : counted.word(w).getBytes(StandardCharsets.UTF_8)) {
        counts[b & 0xFF] += counted.count(w);
      }
    }
    return counts;
  }

  /// The words as ids; a byte that has none is left out, and its neighbours meet.
  private static int[][] words(WordCounts counted, List<String> tokens) {
    int[] ids = new int[256];
    for (int b = 0; b < 256; b++) {
      ids[b] = tokens.indexOf(String.valueOf(ByteLetters.letter(b)));
    }
    int[][] words = new int[counted.size()][];
    for (int w = 0; w < words.length; w++) {
      byte[] bytes = counted.word(w).getBytes(StandardCharsets.UTF_8);
      words[w] =
          IntStream.range(0, bytes.length)
              .map(i -> ids[bytes[i] & 0xFF])
              .filter(id -> id >= 0)
              .toArray();
    }
    return words;
  }

  private TokenizerJson describe(
      MergeSearch search, List<PreTokenizerSpec> steps, List<String> sentinelNames) {
    Vocabulary vocabulary = Vocabulary.of(search.tokens());
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < specialTokens.size(); id++) {
      added.add(AddedToken.special(id, specialTokens.get(id)));
    }
    // Counting down: <extra_id_0> is last, and the list is in the order of ids, as the reference
    // numbers added tokens anew in the order of the list.
    for (int i = 0; i < sentinels; i++) {
      added.add(AddedToken.special(vocabulary.size() + i, sentinelNames.get(sentinels - 1 - i)));
    }
    BpeSpec model = new BpeSpec(vocabulary, search.merges(), Optional.empty(), false, false, false);
    Optional<AddedToken> eos =
        added.stream().filter(token -> token.content().equals("</s>")).findFirst();
    return TokenizerJson.byteLevelBpe(model, added, steps, eos);
  }

  private List<PreTokenizerSpec> preTokenizers() {
    boolean gpt2 = pattern.equals(SplitPattern.GPT2);
    var bytes = new PreTokenizerSpec.ByteLevel(addPrefixSpace, true, gpt2);
    return gpt2 || pattern.equals(SplitPattern.IDENTITY)
        ? List.of(bytes)
        : List.of(
            new PreTokenizerSpec.Split(
                pattern.regex(), true, PreTokenizerSpec.Behavior.ISOLATED, false),
            bytes);
  }

  /// These options with another vocabulary size.
  ///
  /// @param size the number of pieces wanted
  /// @return the trainer
  public ByteBpeTrainer withVocabularySize(int size) {
    return new ByteBpeTrainer(
        size,
        minFrequency,
        maxTokenLength,
        specialTokens,
        pattern,
        addPrefixSpace,
        sentinels,
        alphabet);
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
        sentinels,
        alphabet);
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
        sentinels,
        alphabet);
  }

  /// These options with other special tokens.
  ///
  /// @param tokens the special tokens, which take the first ids
  /// @return the trainer
  public ByteBpeTrainer withSpecialTokens(List<String> tokens) {
    return new ByteBpeTrainer(
        vocabularySize,
        minFrequency,
        maxTokenLength,
        tokens,
        pattern,
        addPrefixSpace,
        sentinels,
        alphabet);
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
        sentinels,
        alphabet);
  }

  /// These options with or without a prefix space.
  ///
  /// @param add whether a text that does not begin with a space is given one
  /// @return the trainer
  public ByteBpeTrainer withAddPrefixSpace(boolean add) {
    return new ByteBpeTrainer(
        vocabularySize,
        minFrequency,
        maxTokenLength,
        specialTokens,
        pattern,
        add,
        sentinels,
        alphabet);
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
        count,
        alphabet);
  }

  /// These options with another alphabet.
  ///
  /// @param bytes which bytes the vocabulary begins with
  /// @return the trainer
  public ByteBpeTrainer withAlphabet(ByteAlphabet bytes) {
    return new ByteBpeTrainer(
        vocabularySize,
        minFrequency,
        maxTokenLength,
        specialTokens,
        pattern,
        addPrefixSpace,
        sentinels,
        bytes);
  }
}
