package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import dev.quintet.tokenizers.sentencepiece.file.ProtoWriter;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.sentencepiece.normalize.CharsmapBuilder;
import dev.quintet.tokenizers.sentencepiece.train.MetaPieces;
import dev.quintet.tokenizers.sentencepiece.train.Piece;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Writes a trained model as `spm_train` does, with all its options.
///
/// @param options the options of the training
/// @param normalizer how texts are normalized
/// @param meta the pieces that were not learned
/// @param origin where the corpus came from
record TrainedModel(
    SentencePieceOptions options,
    NormalizerSpec normalizer,
    MetaPieces meta,
    SentencePieceTrainer.Origin origin) {

  private static final List<String> TYPES = List.of("unigram", "bpe", "word", "char");

  /// Writes the file, with what it makes itself of some lines as its self test.
  SentencePieceModel write(List<Piece> pieces, List<byte[]> selfTests) {
    byte[] file = file(pieces, List.of());
    SentencePieceModel model = SentencePieceModel.parse("trained model", file);
    if (selfTests.isEmpty()) {
      return model;
    }
    SentencePiece encoder = new SentencePiece(model);
    List<ProtoWriter> samples =
        selfTests.stream()
            .map(input ->
                new ProtoWriter()
                    .bytes(1, input)
                    .string(2, String.join(" ", encoder.pieces(input))))
            .toList();
    return SentencePieceModel.parse("trained model", file(pieces, samples));
  }

  private byte[] file(List<Piece> pieces, List<ProtoWriter> samples) {
    String type = options.text("model_type");
    boolean all = options.on("use_all_vocab") && (type.equals("char") || type.equals("word"));
    int size = all ? pieces.size() + meta.size() : options.number("vocab_size");
    ProtoWriter out = new ProtoWriter();
    Set<String> texts = new HashSet<>();
    int next = 0;
    for (int id = 0; id < size; id++) {
      Optional<MetaPieces.Meta> symbol = meta.at(id);
      if (symbol.isPresent()) {
        piece(out, symbol.get().text(), 0, symbol.get().type(), texts);
      } else if (next < pieces.size()) {
        Piece piece = pieces.get(next++);
        piece(out, piece.text(), piece.score(), Type.NORMAL, texts);
      }
    }
    int written = texts.size();
    if (options.on("hard_vocab_limit") && !type.equals("char") && written != size) {
      if (pieces.isEmpty()) {
        throw new IllegalArgumentException(
            "SentencePiece training: expected text with characters, got lines of which normalizing"
                + " leaves nothing");
      }
      throw new IllegalArgumentException(
          "SentencePiece training: expected a vocab_size of at most "
              + written
              + " for this corpus, got "
              + size
              + "; a smaller one or hard_vocab_limit=false helps");
    }
    out.message(2, trainer(written));
    out.message(3, normalizer(normalizer, options.text("normalization_rule_tsv")));
    if (!samples.isEmpty()) {
      ProtoWriter tests = new ProtoWriter();
      samples.forEach(sample -> tests.message(1, sample));
      out.message(4, tests);
    }
    String denormalization = options.text("denormalization_rule_tsv");
    if (!denormalization.isEmpty()) {
      byte[] charsmap = CharsmapBuilder.compile(Path.of(denormalization));
      out.message(
          5,
          normalizer(
              new NormalizerSpec("user_defined", charsmap, false, false, false), denormalization));
    }
    return out.toBytes();
  }

  private static void piece(
      ProtoWriter out, String text, float score, Type type, Set<String> texts) {
    if (!texts.add(text)) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected pieces that differ, got \"" + text + "\" twice");
    }
    ProtoWriter piece = new ProtoWriter().string(1, text).float32(2, score);
    out.message(1, type == Type.NORMAL ? piece : piece.number(3, type.ordinal() + 1));
  }

  private static ProtoWriter normalizer(NormalizerSpec spec, String tsv) {
    ProtoWriter out =
        new ProtoWriter()
            .string(1, spec.name())
            .bytes(2, spec.charsmap())
            .bool(3, spec.addDummyPrefix())
            .bool(4, spec.removeExtraWhitespaces());
    // spm_train has no flag for it, and so writes it only where it turns it off itself.
    if (!spec.escapeWhitespaces()) {
      out.bool(5, false);
    }
    return out.string(6, tsv);
  }

  /// The options by the file's field numbers (sentencepiece_model.proto, TrainerSpec).
  private ProtoWriter trainer(int size) {
    ProtoWriter out = new ProtoWriter();
    origin.inputs().forEach(input -> out.string(1, input));
    out.string(2, origin.modelPrefix());
    out.number(3, TYPES.indexOf(options.text("model_type")) + 1);
    out.number(4, size);
    options.list("accept_language").forEach(language -> out.string(5, language));
    number(out, 6, "self_test_sample_size");
    text(out, 7, "input_format");
    out.float32(10, options.fraction("character_coverage"));
    number(out, 11, "input_sentence_size");
    number(out, 14, "seed_sentencepiece_size");
    out.float32(15, options.fraction("shrinking_factor"));
    number(out, 16, "num_threads");
    number(out, 17, "num_sub_iterations");
    number(out, 18, "max_sentence_length");
    on(out, 19, "shuffle_input_sentence");
    number(out, 20, "max_sentencepiece_length");
    on(out, 21, "split_by_unicode_script");
    on(out, 22, "split_by_whitespace");
    on(out, 23, "split_by_number");
    on(out, 24, "treat_whitespace_as_suffix");
    on(out, 25, "split_digits");
    on(out, 26, "allow_whitespace_only_pieces");
    options.list("control_symbols").forEach(symbol -> out.string(30, symbol));
    options.list("user_defined_symbols").forEach(symbol -> out.string(31, symbol));
    on(out, 32, "vocabulary_output_piece_score");
    on(out, 33, "hard_vocab_limit");
    on(out, 34, "use_all_vocab");
    on(out, 35, "byte_fallback");
    text(out, 36, "required_chars");
    number(out, 40, "unk_id");
    number(out, 41, "bos_id");
    number(out, 42, "eos_id");
    number(out, 43, "pad_id");
    text(out, 44, "unk_surface");
    text(out, 45, "unk_piece");
    text(out, 46, "bos_piece");
    text(out, 47, "eos_piece");
    text(out, 48, "pad_piece");
    on(out, 49, "train_extremely_large_corpus");
    on(out, 50, "enable_differential_privacy");
    out.float32(51, options.fraction("differential_privacy_noise_level"));
    number(out, 52, "differential_privacy_clipping_threshold");
    text(out, 53, "pretokenization_delimiter");
    text(out, 54, "seed_sentencepieces_file");
    return out;
  }

  private void number(ProtoWriter out, int field, String name) {
    out.number(field, options.number(name));
  }

  private void on(ProtoWriter out, int field, String name) {
    out.bool(field, options.on(name));
  }

  private void text(ProtoWriter out, int field, String name) {
    out.string(field, options.text(name));
  }
}
