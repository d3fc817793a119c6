package dev.quintet.tokenizers.huggingface;

import dev.quintet.tokenizers.file.MalformedFileException;
import dev.quintet.tokenizers.file.TokenizerFiles;
import dev.quintet.tokenizers.json.Json;
import dev.quintet.tokenizers.json.JsonWriter;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A tokenizer as a `tokenizer.json` describes it: what each step is, and nothing of how it works.
///
/// What is read is kept, unknown members included, so that reading and writing gives the same bytes
/// as Hugging Face's library wrote. /// Components that are not supported are refused by name.
public final class TokenizerJson {

  private final String name;
  private final Json.Obj root;
  private final Merges merges;
  private final boolean pretty;
  private final List<AddedToken> addedTokens;
  private final List<NormalizerStep> normalizers;
  private final List<PreTokenizerSpec> preTokenizers;
  private final List<PostProcessorSpec> postProcessors;
  private final Optional<List<DecoderSpec>> decoders;
  private final ModelSpec model;
  private final LengthSpec lengths;
  private final String[] spelledScores;

  TokenizerJson(
      String name,
      Json.Obj root,
      Merges merges,
      boolean pretty,
      List<AddedToken> addedTokens,
      List<NormalizerStep> normalizers,
      List<PreTokenizerSpec> preTokenizers,
      List<PostProcessorSpec> postProcessors,
      Optional<List<DecoderSpec>> decoders,
      ModelSpec model,
      LengthSpec lengths,
      String[] spelledScores) {
    this.name = name;
    this.root = root;
    this.merges = merges;
    this.pretty = pretty;
    this.addedTokens = List.copyOf(addedTokens);
    this.normalizers = List.copyOf(normalizers);
    this.preTokenizers = List.copyOf(preTokenizers);
    this.postProcessors = List.copyOf(postProcessors);
    this.decoders = decoders.map(List::copyOf);
    this.model = model;
    this.lengths = lengths;
    this.spelledScores = spelledScores;
  }

  /// Reads a file.
  ///
  /// @param file the file, at most 64 MiB
  /// @return what it describes
  /// @throws MalformedFileException when it breaks a rule or needs what is not supported
  /// @throws java.io.UncheckedIOException when it cannot be read
  public static TokenizerJson read(Path file) {
    return parse(file.toString(), TokenizerFiles.read(file));
  }

  /// Reads what is in memory.
  ///
  /// @param name what error messages call it
  /// @param utf8 the JSON text
  /// @return what it describes
  /// @throws MalformedFileException when it breaks a rule or needs what is not supported
  public static TokenizerJson parse(String name, byte[] utf8) {
    return TokenizerJsonReader.read(name, utf8);
  }

  /// Describes a byte-level BPE tokenizer, as a trainer makes one.
  ///
  /// @param model the model
  /// @param addedTokens the added tokens in the order of their ids
  /// @param preTokenizers the steps that cut a text into words; the last is
  ///     [PreTokenizerSpec.ByteLevel]
  /// @param eos the added token that ends every text, or nothing
  /// @return the description
  public static TokenizerJson byteLevelBpe(
      BpeSpec model,
      List<AddedToken> addedTokens,
      List<PreTokenizerSpec> preTokenizers,
      Optional<AddedToken> eos) {
    return TokenizerJsonBuilder.byteLevelBpe(model, addedTokens, preTokenizers, eos);
  }

  /// This unigram tokenizer with more pieces after its own, which keep their ids; all else stays as it is.
  ///
  /// @param pieces the new pieces in the order of their ids
  /// @param tokens those of them, and others, that are to be found in texts before the model sees them
  /// @return the description
  /// @throws IllegalArgumentException when the model is not a unigram model
  /// @throws MalformedFileException when a piece stands twice
  public TokenizerJson withPieces(List<SentencePieceEntry> pieces, List<AddedToken> tokens) {
    if (!(model instanceof UnigramSpec unigram)) {
      throw new IllegalArgumentException("withPieces: expected a unigram model, got " + name);
    }
    List<String> all = new ArrayList<>();
    for (int id = 0; id < unigram.vocabulary().size(); id++) {
      all.add(unigram.vocabulary().token(id).orElseThrow());
    }
    List<String> scores = new ArrayList<>(List.of(spelledScores));
    Set<String> fresh = new HashSet<>();
    for (SentencePieceEntry piece : pieces) {
      if (unigram.vocabulary().id(piece.piece()).isPresent() || !fresh.add(piece.piece())) {
        throw new MalformedFileException(
            name, "/model/vocab", "the piece \"" + piece.piece() + "\" stands twice");
      }
      all.add(piece.piece());
      scores.add(Double.toString(piece.score()));
    }
    return TokenizerJsonBuilder.withPieces(name, root, pretty, all, scores, tokens);
  }

  /// Writes a file, whole or not at all; missing folders are made.
  ///
  /// @param file where to
  /// @throws java.io.UncheckedIOException when it cannot be written
  public void write(Path file) {
    TokenizerFiles.write(file, text());
  }

  /// The JSON text.
  ///
  /// @return the text in UTF-8
  public byte[] toBytes() {
    return text().getBytes(StandardCharsets.UTF_8);
  }

  private String text() {
    JsonWriter writer = new JsonWriter(pretty);
    writer.tree(root, () -> writeVocabulary(writer), () -> writeMerges(writer));
    return writer.toString();
  }

  private void writeVocabulary(JsonWriter writer) {
    Vocabulary vocabulary = model.vocabulary();
    if (model instanceof UnigramSpec) {
      writer.open('[');
      for (int id = 0; id < vocabulary.size(); id++) {
        writer.item();
        writer.open('[');
        writer.item();
        writer.string(vocabulary.token(id).orElseThrow());
        writer.item();
        writer.raw(spelledScores[id]);
        writer.close(']');
      }
      writer.close(']');
      return;
    }
    writer.open('{');
    for (int i = 0; i < vocabulary.count(); i++) {
      int id = vocabulary.listed(i);
      writer.name(vocabulary.token(id).orElseThrow());
      writer.raw(Integer.toString(id));
    }
    writer.close('}');
  }

  private void writeMerges(JsonWriter writer) {
    writer.open('[');
    for (int i = 0; i < merges.size(); i++) {
      writer.item();
      String left = merges.left()[i];
      String right = merges.right()[i];
      if (merges.pairs()) {
        writer.open('[');
        writer.item();
        writer.string(left);
        writer.item();
        writer.string(right);
        writer.close(']');
      } else {
        writer.string(left + " " + right);
      }
    }
    writer.close(']');
  }

  /// What error messages call this description.
  ///
  /// @return the file's name
  public String name() {
    return name;
  }

  /// The tokens that are found in the text before the model sees it.
  ///
  /// @return the added tokens in the file's order, with the ids that Hugging Face's library gives them: a token of the
  ///     vocabulary keeps its id, others follow the number of its tokens
  public List<AddedToken> addedTokens() {
    return addedTokens;
  }

  /// The steps that normalize a text.
  ///
  /// @return the steps
  public List<NormalizerStep> normalizers() {
    return normalizers;
  }

  /// The steps that cut a text into words.
  ///
  /// @return the steps
  public List<PreTokenizerSpec> preTokenizers() {
    return preTokenizers;
  }

  /// The steps that finish a text's tokens.
  ///
  /// @return the steps
  public List<PostProcessorSpec> postProcessors() {
    return postProcessors;
  }

  /// The steps that turn tokens into text again.
  ///
  /// @return the steps; nothing means that tokens are joined by spaces
  public Optional<List<DecoderSpec>> decoders() {
    return decoders;
  }

  /// The model.
  ///
  /// @return the model
  public ModelSpec model() {
    return model;
  }

  /// What becomes of tokens that are too many or too few.
  ///
  /// @return how they are truncated and padded
  public LengthSpec lengths() {
    return lengths;
  }
}
