package dev.quintet.tokenizers;

import dev.quintet.tokenizers.huggingface.LengthSpec;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/// Turns text into token ids and back.
///
/// A tokenizer is immutable and may be used by any number of threads at once. Lone surrogates in a text count as
/// U+FFFD.
public interface Tokenizer {

  /// Loads a tokenizer. Its kind is recognised by content, not by name.
  ///
  /// @param fileOrFolder a file in `tokenizer.json`'s format, a SentencePiece model or a tiktoken file;
  ///     or a folder with a `tokenizer.json` (which wins), a `spiece.model` or one `*vocab.json` and one
  ///     `*merges.txt`. A `tokenizer_config.json` beside them, or `special_tokens_map.json` and
  ///     `added_tokens.json`, name the tokens for padding, end and unknown and those that were added. A
  ///     `spiece.model` has T5's end and sentinels where `config.json` is of a model of T5's family or the
  ///     tokenizer's class is T5's, and is plain SentencePiece otherwise
  /// @return the tokenizer
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when the file breaks its format's rules or needs a
  ///     component that is not supported
  /// @throws java.io.UncheckedIOException when it cannot be read
  static Tokenizer load(Path fileOrFolder) {
    return TokenizerFolder.load(fileOrFolder);
  }

  /// Loads a SentencePiece model even where a `tokenizer.json` lies beside it: the two cut some texts differently.
  ///
  /// @param fileOrFolder a SentencePiece model, or a folder with a `spiece.model`, see [#load]
  /// @return the tokenizer
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when the file breaks its format's rules
  /// @throws java.io.UncheckedIOException when it cannot be read
  static Tokenizer loadSentencePiece(Path fileOrFolder) {
    return TokenizerFolder.loadSentencePiece(fileOrFolder);
  }

  /// Loads a tokenizer for a model of T5's family: as [#load], but a SentencePiece model has T5's end and sentinels even
  /// where nothing beside it says so, such as one that was just trained.
  ///
  /// @param fileOrFolder what [#load] takes
  /// @return the tokenizer
  /// @throws dev.quintet.tokenizers.file.MalformedFileException when the file breaks its format's rules
  /// @throws java.io.UncheckedIOException when it cannot be read
  static Tokenizer loadT5(Path fileOrFolder) {
    return TokenizerFolder.loadT5(fileOrFolder);
  }

  /// Makes a tokenizer of a description, such as a trainer returns.
  ///
  /// @param description the description
  /// @return the tokenizer; `<pad>`, `</s>` and `<unk>` are its padding, end and unknown tokens where it has them
  static Tokenizer of(TokenizerJson description) {
    return HuggingFaceTokenizer.of(description, Optional.empty());
  }

  /// The tokenizer of what a model reads: another one where what it writes has a vocabulary of its own, as
  /// in [dev.quintet.tokenizers.dual.SeparateTokenizers].
  ///
  /// @return this one, unless it is such a pair
  default Tokenizer source() {
    return this;
  }

  /// Encodes a text with the template's special tokens (such as a final `</s>`).
  ///
  /// @param text the text
  /// @return its tokens
  default Encoding encode(CharSequence text) {
    return encode(text, true);
  }

  /// Encodes a text.
  ///
  /// @param text the text
  /// @param addSpecialTokens whether the template's special tokens are added
  /// @return its tokens
  Encoding encode(CharSequence text, boolean addSpecialTokens);

  /// Draws an encoding at random, with the template's special tokens, for training on more than one of them
  /// (BPE-dropout: Provilkov et al. 2019, arXiv 1910.13267). Merges are left out as Hugging Face's library does it where
  /// a file says `dropout`; all other methods ignore what the file says, and always give the same. The same numbers
  /// give the same encoding. A merge that was left out gets another chance after the next one is made: so short words
  /// vary most, and very long ones little.
  ///
  /// @param text the text
  /// @param dropout the probability with which a merge is left out when its turn comes, from 0 to 1: with 0 this is
  ///     [#encode(CharSequence)], with 1 nothing is merged
  /// @param random the source of randomness
  /// @return the tokens
  /// @throws IllegalArgumentException when `dropout` is not from 0 to 1
  /// @throws UnsupportedOperationException when this is not a BPE model in `tokenizer.json`'s format or in those that
  ///     are read as such; [SentencePieceTokenizer#pieces] has a sampling of its own
  default Encoding sample(CharSequence text, double dropout, RandomGenerator random) {
    throw new UnsupportedOperationException(
        "sample: expected a BPE model of a tokenizer.json, got another kind of tokenizer; a"
            + " SentencePieceTokenizer has pieces().sample");
  }

  /// Encodes a text for callers who need no offsets, which is faster than [#encode(CharSequence, boolean)].
  ///
  /// @param text the text
  /// @param addSpecialTokens whether the template's special tokens are added
  /// @return the ids of its tokens
  default int[] encodeToIds(CharSequence text, boolean addSpecialTokens) {
    return encode(text, addSpecialTokens).ids();
  }

  /// Encodes a text to tokens as people read them.
  ///
  /// @param text the text
  /// @param addSpecialTokens whether the template's special tokens are added
  /// @return the tokens as they stand in the vocabulary; for what a SentencePiece model does not know,
  ///     the normalized text that is unknown, as SentencePiece itself prints it
  default List<String> tokens(CharSequence text, boolean addSpecialTokens) {
    return Arrays.stream(encodeToIds(text, addSpecialTokens)).mapToObj(this::token).toList();
  }

  /// Encodes a text with the template's special tokens, truncated and padded.
  ///
  /// @param text the text
  /// @param lengths how it is truncated and padded, such as [#lengths] says
  /// @return its tokens, with padding tokens where there are too few
  /// @throws IllegalArgumentException when they are too many and cannot be cut in this way
  default Encoding encode(CharSequence text, LengthSpec lengths) {
    return encode(text, true, lengths);
  }

  /// Encodes a text, truncated and padded.
  ///
  /// @param text the text
  /// @param addSpecialTokens whether the template's special tokens are added
  /// @param lengths how it is truncated and padded, such as [#lengths] says
  /// @return its tokens, with padding tokens where there are too few
  /// @throws IllegalArgumentException when they are too many and cannot be cut in this way
  default Encoding encode(CharSequence text, boolean addSpecialTokens, LengthSpec lengths) {
    return Rows.one(this, List.of(text), addSpecialTokens, lengths).tokens();
  }

  /// Encodes two texts as one sequence, such as a question and a document, with the template's special tokens.
  ///
  /// @param first the first text
  /// @param second the second text
  /// @return their tokens, all of them
  default Window encode(CharSequence first, CharSequence second) {
    return encode(first, second, LengthSpec.ANY);
  }

  /// Encodes two texts as one sequence with the template's special tokens, truncated and padded.
  ///
  /// @param first the first text
  /// @param second the second text
  /// @param lengths how they are truncated and padded, such as [#lengths] says
  /// @return their tokens, with padding tokens where there are too few
  /// @throws IllegalArgumentException when they are too many and cannot be cut in this way
  default Window encode(CharSequence first, CharSequence second, LengthSpec lengths) {
    return Rows.one(this, List.of(first, second), true, lengths);
  }

  /// Encodes one text or two as a sequence, or as several where it is to be cut and the rest kept. Nothing is filled
  /// up.
  ///
  /// @param texts one text or two
  /// @param options how
  /// @return the windows, at least one; with two texts that are both cut each window of one with each of the other
  /// @throws IllegalArgumentException when there are not one or two texts, or they cannot be cut in this way
  default List<Window> windows(List<? extends CharSequence> texts, WindowOptions options) {
    return options.finish(this, texts);
  }

  /// How the tokenizer's file would truncate and pad. Nothing is truncated or padded unless a caller passes this on:
  /// as in transformers, what a file happens to have been saved with must not cut a text unasked.
  ///
  /// @return nothing of both, unless a `tokenizer.json` says it
  default LengthSpec lengths() {
    return LengthSpec.ANY;
  }

  /// Encodes texts as the rows of a batch; [BatchEncoder] has the options.
  ///
  /// @param texts the texts
  /// @return the batch, padded to the longest text; nothing is truncated
  /// @throws IllegalArgumentException when a text cannot be encoded, or when padding is needed and there is no
  ///     padding token
  default TokenBatch batch(List<? extends CharSequence> texts) {
    return BatchEncoder.of(this).encode(texts);
  }

  /// Encodes many texts in parallel, with the template's special tokens, on as many threads as there are processors.
  ///
  /// @param texts the texts
  /// @return the encodings in the order of the texts
  default List<Encoding> encodeAll(List<? extends CharSequence> texts) {
    return encodeAll(texts, Runtime.getRuntime().availableProcessors());
  }

  /// Encodes many texts in parallel, with the template's special tokens; the result does not depend on `threads`.
  ///
  /// @param texts the texts
  /// @param threads how many threads work, at least 1
  /// @return the encodings in the order of the texts
  /// @throws IllegalArgumentException when a text cannot be encoded, such as null; the message names its index
  default List<Encoding> encodeAll(List<? extends CharSequence> texts, int threads) {
    return Parallel.encode(texts, threads, Encoding[]::new, this::encode);
  }

  /// Encodes many texts in parallel to ids alone, on as many threads as there are processors.
  ///
  /// @param texts the texts
  /// @param addSpecialTokens whether the template's special tokens are added
  /// @return the ids of each text's tokens, in the order of the texts
  /// @throws IllegalArgumentException when a text cannot be encoded, such as null; the message names its index
  default List<int[]> encodeAllToIds(List<? extends CharSequence> texts, boolean addSpecialTokens) {
    return encodeAllToIds(texts, addSpecialTokens, Runtime.getRuntime().availableProcessors());
  }

  /// Encodes many texts in parallel to ids alone; the result does not depend on `threads`.
  ///
  /// @param texts the texts
  /// @param addSpecialTokens whether the template's special tokens are added
  /// @param threads how many threads work, at least 1
  /// @return the ids of each text's tokens, in the order of the texts
  /// @throws IllegalArgumentException when a text cannot be encoded, such as null; the message names its index
  default List<int[]> encodeAllToIds(
      List<? extends CharSequence> texts, boolean addSpecialTokens, int threads) {
    return Parallel.encode(
        texts, threads, int[][]::new, text -> encodeToIds(text, addSpecialTokens));
  }

  /// Turns ids back into text, special tokens included.
  ///
  /// @param ids the ids; one that names no token is skipped, as in Hugging Face's library
  /// @return the text; bytes that are not UTF-8 become U+FFFD
  default String decode(int[] ids) {
    return decode(ids, false);
  }

  /// Turns ids back into text.
  ///
  /// @param ids the ids; one that names no token is skipped, as in Hugging Face's library
  /// @param skipSpecialTokens whether special tokens are left out
  /// @return the text; bytes that are not UTF-8 become U+FFFD
  String decode(int[] ids, boolean skipSpecialTokens);

  /// The number of rows that an embedding needs: the highest id plus one, added tokens included.
  ///
  /// @return the size
  int vocabularySize();

  /// The id of a token.
  ///
  /// @param token the token as it stands in the file
  /// @return its id, or nothing when there is no such token
  OptionalInt id(String token);

  /// The token of an id, as it stands in the file.
  ///
  /// @param id the id
  /// @return the token
  /// @throws IllegalArgumentException when no token has this id
  String token(int id);

  /// The id of the padding token.
  ///
  /// @return the id, or nothing
  OptionalInt padId();

  /// The id of the token that ends a sequence.
  ///
  /// @return the id, or nothing
  OptionalInt eosId();

  /// The id of the token that stands for what the vocabulary lacks.
  ///
  /// @return the id, or nothing
  OptionalInt unknownId();

  /// The id of the sentinel `<extra_id_i>`; in mT5's vocabulary it is a piece that begins a word.
  ///
  /// @param i the sentinel's number, from 0
  /// @return the id, or nothing
  default OptionalInt sentinelId(int i) {
    OptionalInt own = id("<extra_id_" + i + ">");
    return own.isPresent() ? own : id("\u2581<extra_id_" + i + ">");
  }

  /// Writes the tokenizer into a folder, which is made when it is missing, as `tokenizer.json` and
  /// `tokenizer_config.json`; each file appears whole or not at all.
  ///
  /// @param folder the folder
  /// @throws java.io.UncheckedIOException when it cannot be written
  void save(Path folder);
}
