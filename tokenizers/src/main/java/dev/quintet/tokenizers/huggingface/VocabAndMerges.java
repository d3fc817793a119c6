package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import dev.quintet.tokenizers.json.JsonReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JsonToken;

/// Reads the pair of files that GPT-2 and its kin come as: a `vocab.json` of tokens and ids and a
/// `merges.txt` with a merge a line, best first. Words are cut by GPT-2's pattern; nothing is added.
public final class VocabAndMerges {

  private VocabAndMerges() {}

  /// Reads the two files.
  ///
  /// @param vocab the vocabulary
  /// @param merges the merges
  /// @return the tokenizer that they describe
  /// @throws MalformedFileException when they break a rule
  /// @throws java.io.UncheckedIOException when they cannot be read
  public static TokenizerJson read(Path vocab, Path merges) {
    return parse(
        vocab.toString(),
        TokenizerFiles.read(vocab),
        merges.toString(),
        TokenizerFiles.read(merges));
  }

  /// Reads the two files with what a configuration adds to them: tokens, and what stands around a text where the
  /// configuration names the class of GPT-2's or RoBERTa's tokenizer.
  ///
  /// @param vocab the vocabulary
  /// @param merges the merges
  /// @param config the configuration
  /// @return the tokenizer that they describe
  /// @throws MalformedFileException when they break a rule
  /// @throws java.io.UncheckedIOException when they cannot be read
  public static TokenizerJson read(Path vocab, Path merges, TokenizerConfig config) {
    TokenizerJson plain = read(vocab, merges);
    BpeSpec model = (BpeSpec) plain.model();
    TokenizerConfig whole = config.asByteLevel();
    List<AddedToken> added = whole.addedTokens(plain);
    Map<String, Integer> ids = new HashMap<>();
    added.forEach(token -> ids.put(token.content(), token.id()));
    return TokenizerJsonBuilder.byteLevelBpe(
        model,
        added,
        List.of(new PreTokenizerSpec.ByteLevel(whole.says("add_prefix_space", false), true, true)),
        ByteLevelKind.of(config).postProcessor(whole, ids::get));
  }

  /// Reads what is in memory; the names are for messages.
  public static TokenizerJson parse(
      String vocabName, byte[] vocab, String mergesName, byte[] merges) {
    Vocabulary vocabulary = vocabulary(vocabName, vocab);
    int[] ids = merges(mergesName, merges, vocabulary);
    return TokenizerJson.byteLevelBpe(
        new BpeSpec(vocabulary, ids, Optional.empty(), false, false, false),
        List.of(),
        List.of(new PreTokenizerSpec.ByteLevel(false, true, true)),
        Optional.empty());
  }

  private static Vocabulary vocabulary(String file, byte[] utf8) {
    Vocabulary.Builder builder = new Vocabulary.Builder();
    try (JsonReader reader = JsonReader.of(file, utf8)) {
      if (reader.next() != JsonToken.START_OBJECT) {
        throw reader.malformed("expected an object of tokens and ids");
      }
      while (reader.next() != JsonToken.END_OBJECT) {
        String token = reader.name();
        reader.next();
        builder.put(token, reader.id());
      }
      builder.settle();
      reader.end();
      if (builder.highest() >= 2L * builder.count()) {
        throw reader.malformed("ids may have as many gaps as there are tokens and no more");
      }
      Optional<String> clash = builder.clash();
      if (clash.isPresent()) {
        throw reader.malformed("one id for two tokens: " + clash.get());
      }
      return builder.build();
    }
  }

  private static int[] merges(String file, byte[] utf8, Vocabulary vocabulary) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException _) {
      throw new MalformedFileException(file, "offset 0", "not UTF-8");
    }
    int[] ids = new int[1024];
    int size = 0;
    int line = 0;
    // Not String.lines: a token may hold characters that it takes for line ends.
    for (String merge : text.split("\n", -1)) {
      line++;
      String bare = merge.endsWith("\r") ? merge.substring(0, merge.length() - 1) : merge;
      if (bare.isEmpty() || bare.startsWith("#version")) {
        continue;
      }
      String[] halves = bare.split(" ", -1);
      if (halves.length != 2) {
        throw new MalformedFileException(
            file, "line " + line, "a merge is two tokens with one space between");
      }
      if (size + 3 > ids.length) {
        ids = Arrays.copyOf(ids, 2 * ids.length);
      }
      for (String token : List.of(halves[0], halves[1], halves[0] + halves[1])) {
        OptionalInt id = vocabulary.id(token);
        if (id.isEmpty()) {
          throw new MalformedFileException(
              file, "line " + line, "not in the vocabulary: \"" + token + "\"");
        }
        ids[size++] = id.getAsInt();
      }
    }
    return Arrays.copyOf(ids, size);
  }
}
