package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.bpe.SentencePieceBpeTrainer;
import dev.quintet.tokenizers.format.NormalizerSpec;
import dev.quintet.tokenizers.format.ProtoWriter;
import dev.quintet.tokenizers.format.SentencePieceModel;
import dev.quintet.tokenizers.format.SentencePieceModel.Type;
import dev.quintet.tokenizers.normalize.NormalizationRules;
import dev.quintet.tokenizers.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.token.ByteTrie;
import dev.quintet.tokenizers.train.Corpus;
import dev.quintet.tokenizers.train.MetaPieces;
import dev.quintet.tokenizers.train.Piece;
import dev.quintet.tokenizers.train.PieceRules;
import dev.quintet.tokenizers.train.SentencePieceOptions;
import dev.quintet.tokenizers.unigram.UnigramTrainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Trains SentencePiece models: the pieces, their order and the bits of their scores are those of
/// sentencepiece 0.2.2 with the same options.
///
/// ```java
/// var options = SentencePieceOptions.defaults().with("vocab_size", "4000").with("model_type", "bpe");
/// SentencePieceTrainer.train(lines, options).write(Path.of("my.model"));
/// ```
public final class SentencePieceTrainer {

  private SentencePieceTrainer() {}

  /// Trains a model.
  ///
  /// @param lines the corpus's lines, without line ends
  /// @param options the options
  /// @return the model
  /// @throws IllegalArgumentException when the corpus does not give as many pieces as are wanted, or
  ///     options contradict one another
  public static SentencePieceModel train(
      Iterable<? extends CharSequence> lines, SentencePieceOptions options) {
    NormalizerSpec normalizerSpec =
        NormalizationRules.named(
            options.text("normalization_rule_name"),
            options.on("add_dummy_prefix"),
            options.on("remove_extra_whitespaces"));
    SentencePieceNormalizer normalizer =
        new SentencePieceNormalizer(
            normalizerSpec,
            ByteTrie.of(List.of(), new int[0]),
            options.on("treat_whitespace_as_suffix"));
    MetaPieces meta = new MetaPieces(options);
    Corpus corpus = Corpus.prepare(lines, options, normalizer, meta.texts());
    List<Piece> pieces = pieces(corpus, options, meta.size());
    return write(pieces, meta, options, normalizerSpec);
  }

  private static List<Piece> pieces(Corpus corpus, SentencePieceOptions options, int metaCount) {
    PieceRules rules = new PieceRules(options);
    int wanted = options.number("vocab_size") - metaCount;
    String type = options.text("model_type");
    if (type.equals("unigram") || type.equals("bpe")) {
      int free = wanted - corpus.requiredChars().size();
      require(free >= 0, free, "the corpus's characters; or a smaller character_coverage");
    }
    List<Corpus.Counted> words =
        options.on("split_by_whitespace") ? corpus.words(options) : corpus.sentences();
    return switch (type) {
      case "bpe" -> bpe(corpus, words, rules, wanted);
      case "char" -> chars(corpus, options, wanted);
      case "word" -> words(corpus.words(SentencePieceOptions.defaults()), options, wanted);
      default -> {
        require(wanted > 0, wanted, "more pieces than symbols");
        yield UnigramTrainer.train(corpus, words, options, rules, wanted);
      }
    };
  }

  private static void require(boolean holds, int got, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected a vocab_size that leaves room for "
              + expected
              + ", it leaves "
              + got);
    }
  }

  private static List<Piece> bpe(
      Corpus corpus, List<Corpus.Counted> words, PieceRules rules, int wanted) {
    int merges = wanted - corpus.requiredChars().size();
    List<Piece> pieces = new ArrayList<>(SentencePieceBpeTrainer.train(words, rules, merges));
    for (int c : corpus.requiredChars().keySet()) {
      pieces.add(new Piece(Character.toString(c), -(float) pieces.size()));
    }
    return pieces;
  }

  private static float logOf(long count) {
    return (float) Math.log((float) count);
  }

  private static List<Piece> chars(Corpus corpus, SentencePieceOptions options, int wanted) {
    long total = corpus.requiredChars().values().stream().mapToLong(count -> count).sum();
    List<Piece> pieces = new ArrayList<>();
    corpus
        .requiredChars()
        .forEach((c, count) -> {
          if (options.on("use_all_vocab") || pieces.size() < wanted) {
            pieces.add(new Piece(Character.toString(c), logOf(count) - logOf(total)));
          }
        });
    return pieces;
  }

  private static List<Piece> words(
      List<Corpus.Counted> words, SentencePieceOptions options, int wanted) {
    long total = words.stream().mapToLong(Corpus.Counted::count).sum();
    List<Piece> pieces = new ArrayList<>();
    for (Corpus.Counted word : words) {
      String text = new String(word.text(), 0, word.text().length);
      if (text.indexOf(PieceRules.UNKNOWN) < 0
          && (options.on("use_all_vocab") || pieces.size() < wanted)) {
        pieces.add(new Piece(text, logOf(word.count()) - logOf(total)));
      }
    }
    return pieces;
  }

  private static SentencePieceModel write(
      List<Piece> pieces,
      MetaPieces meta,
      SentencePieceOptions options,
      NormalizerSpec normalizer) {
    boolean characters = options.text("model_type").equals("char");
    boolean all =
        options.on("use_all_vocab") && (characters || options.text("model_type").equals("word"));
    int size = all ? pieces.size() + meta.size() : options.number("vocab_size");
    ProtoWriter out = new ProtoWriter();
    int next = 0;
    int written = 0;
    for (int id = 0; id < size; id++) {
      Optional<MetaPieces.Meta> symbol = meta.at(id);
      if (symbol.isPresent()) {
        piece(out, symbol.get().text(), 0, symbol.get().type());
        written++;
      } else if (next < pieces.size()) {
        Piece piece = pieces.get(next++);
        piece(out, piece.text(), piece.score(), Type.NORMAL);
        written++;
      }
    }
    if (options.on("hard_vocab_limit") && !characters && written != size) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected a vocab_size of at most "
              + written
              + " for this corpus, got "
              + size
              + "; a smaller one or hard_vocab_limit=false helps");
    }
    out.message(2, trainer(options, written));
    out.message(
        3,
        new ProtoWriter()
            .string(1, normalizer.name())
            .bytes(2, normalizer.charsmap())
            .bool(3, normalizer.addDummyPrefix())
            .bool(4, normalizer.removeExtraWhitespaces())
            .bool(5, normalizer.escapeWhitespaces())
            .string(6, ""));
    return SentencePieceModel.parse("trained model", out.toBytes());
  }

  private static void piece(ProtoWriter out, String text, float score, Type type) {
    ProtoWriter piece = new ProtoWriter().string(1, text).float32(2, score);
    out.message(1, type == Type.NORMAL ? piece : piece.number(3, type.ordinal() + 1));
  }

  /// The options by the file's field numbers (sentencepiece_model.proto, TrainerSpec).
  private static ProtoWriter trainer(SentencePieceOptions options, int size) {
    ProtoWriter out = new ProtoWriter();
    out.number(
        3, List.of("unigram", "bpe", "word", "char").indexOf(options.text("model_type")) + 1);
    out.number(4, size);
    out.string(7, options.text("input_format"));
    out.float32(10, options.fraction("character_coverage"));
    out.number(11, options.number("input_sentence_size"));
    out.number(14, options.number("seed_sentencepiece_size"));
    out.float32(15, options.fraction("shrinking_factor"));
    out.number(16, options.number("num_threads"));
    out.number(17, options.number("num_sub_iterations"));
    out.number(18, options.number("max_sentence_length"));
    out.bool(19, options.on("shuffle_input_sentence"));
    out.number(20, options.number("max_sentencepiece_length"));
    out.bool(21, options.on("split_by_unicode_script"));
    out.bool(22, options.on("split_by_whitespace"));
    out.bool(23, options.on("split_by_number"));
    out.bool(24, options.on("treat_whitespace_as_suffix"));
    out.bool(25, options.on("split_digits"));
    out.bool(26, options.on("allow_whitespace_only_pieces"));
    options.list("control_symbols").forEach(symbol -> out.string(30, symbol));
    options.list("user_defined_symbols").forEach(symbol -> out.string(31, symbol));
    out.bool(32, options.on("vocabulary_output_piece_score"));
    out.bool(33, options.on("hard_vocab_limit"));
    out.bool(34, options.on("use_all_vocab"));
    out.bool(35, options.on("byte_fallback"));
    out.string(36, options.text("required_chars"));
    out.number(40, options.number("unk_id"));
    out.number(41, options.number("bos_id"));
    out.number(42, options.number("eos_id"));
    out.number(43, options.number("pad_id"));
    out.string(44, options.text("unk_surface"));
    out.string(45, options.text("unk_piece"));
    out.string(46, options.text("bos_piece"));
    out.string(47, options.text("eos_piece"));
    out.string(48, options.text("pad_piece"));
    return out;
  }
}
