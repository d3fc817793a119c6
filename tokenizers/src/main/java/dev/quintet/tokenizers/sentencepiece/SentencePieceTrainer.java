package dev.quintet.tokenizers.sentencepiece;

import dev.quintet.tokenizers.sentencepiece.bpe.SentencePieceBpeTrainer;
import dev.quintet.tokenizers.sentencepiece.file.NormalizerSpec;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.normalize.CharsmapBuilder;
import dev.quintet.tokenizers.sentencepiece.normalize.NormalizationRules;
import dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer;
import dev.quintet.tokenizers.sentencepiece.train.FloatLog;
import dev.quintet.tokenizers.sentencepiece.train.MetaPieces;
import dev.quintet.tokenizers.sentencepiece.train.Piece;
import dev.quintet.tokenizers.sentencepiece.train.PieceRules;
import dev.quintet.tokenizers.sentencepiece.train.PreparedCorpus;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import dev.quintet.tokenizers.sentencepiece.train.TrainingRun;
import dev.quintet.tokenizers.sentencepiece.train.Words;
import dev.quintet.tokenizers.sentencepiece.unigram.UnigramTrainer;
import dev.quintet.tokenizers.text.ByteTrie;
import dev.quintet.tokenizers.text.Text;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Trains SentencePiece models: the pieces, their order and the bits of their scores are those of
/// sentencepiece 0.2.2 with the same options.
///
/// ```java
/// var options = SentencePieceOptions.defaults().with("vocab_size", "4000").with("model_type", "bpe");
/// SentencePieceTrainer.train(lines, options).write(Path.of("my.model"));
/// ```
public final class SentencePieceTrainer {

  private SentencePieceTrainer() {}

  /// Trains a model on strings.
  ///
  /// @param lines the corpus's lines, without line ends
  /// @param options the options
  /// @return the model
  /// @throws IllegalArgumentException when the corpus yields fewer pieces than are wanted, or
  ///     options contradict one another
  public static SentencePieceModel train(
      Iterable<? extends CharSequence> lines, SentencePieceOptions options) {
    return trainUtf8(() -> utf8(lines.iterator()), options, TrainingRun.QUIET, Origin.NONE);
  }

  private static Iterator<byte[]> utf8(Iterator<? extends CharSequence> lines) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return lines.hasNext();
      }

      @Override
      public byte[] next() {
        return Text.wellFormed(lines.next()).getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  /// What a model file says about where it came from.
  ///
  /// @param inputs the names of the corpus's files
  /// @param modelPrefix the file's name without `.model`
  public record Origin(List<String> inputs, String modelPrefix) {
    /// Nothing.
    public static final Origin NONE = new Origin(List.of(), "");

    /// Copies the list.
    public Origin {
      inputs = List.copyOf(inputs);
    }
  }

  /// Trains a model on lines as they stand in files. Bytes that are not UTF-8 are taken for U+FFFD
  /// each, as in the reference.
  ///
  /// For BPE, words and characters only the different words and their counts are held, for unigram
  /// models the whole text (or the sample that `input_sentence_size` takes), as seeds are looked for
  /// in it.
  ///
  /// @param lines the corpus's lines, without line ends; asked for an iterator once, and a second
  ///     time only where `character_coverage` leaves out the space symbol
  /// @param options the options
  /// @param run how the training is run
  /// @param origin what the file says about where it came from
  /// @return the model
  /// @throws IllegalArgumentException when the corpus yields fewer pieces than are wanted, or
  ///     options contradict one another
  public static SentencePieceModel trainUtf8(
      Iterable<byte[]> lines, SentencePieceOptions options, TrainingRun run, Origin origin) {
    contradictions(options);
    NormalizerSpec rules =
        options.text("normalization_rule_tsv").isEmpty()
            ? NormalizationRules.named(
                options.text("normalization_rule_name").isEmpty()
                    ? "nmt_nfkc"
                    : options.text("normalization_rule_name"),
                options.on("add_dummy_prefix"),
                options.on("remove_extra_whitespaces"))
            : new NormalizerSpec(
                "user_defined",
                CharsmapBuilder.compile(Path.of(options.text("normalization_rule_tsv"))),
                options.on("add_dummy_prefix"),
                options.on("remove_extra_whitespaces"),
                true);
    SentencePieceNormalizer normalizer =
        new SentencePieceNormalizer(
            rules, ByteTrie.of(List.of(), new int[0]), options.on("treat_whitespace_as_suffix"));
    MetaPieces meta = new MetaPieces(options);
    run.stage("reading and normalizing");
    PreparedCorpus corpus = PreparedCorpus.prepare(lines, options, normalizer, meta.texts());
    List<Piece> pieces = pieces(corpus, options, meta.size(), run);
    return new TrainedModel(options, rules, meta, origin).write(pieces, corpus.selfTests());
  }

  private static void contradictions(SentencePieceOptions options) {
    String type = options.text("model_type");
    boolean subwords = type.equals("unigram") || type.equals("bpe");
    String problem =
        subwords && options.on("use_all_vocab")
            ? "use_all_vocab only with model_type word or char"
            : !type.equals("unigram") && !options.text("seed_sentencepieces_file").isEmpty()
                ? "seed_sentencepieces_file only with model_type unigram"
                : !subwords && !options.text("pretokenization_delimiter").isEmpty()
                    ? "pretokenization_delimiter only with model_type unigram or bpe"
                    : options.on("enable_differential_privacy")
                        ? "enable_differential_privacy to be off: its noise is random, and what this"
                            + " trainer makes is a function of its input alone"
                        : "";
    if (!problem.isEmpty()) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected " + problem + ", got model_type " + type);
    }
  }

  private static List<Piece> pieces(
      PreparedCorpus corpus, SentencePieceOptions options, int metaCount, TrainingRun run) {
    PieceRules rules = new PieceRules(options);
    int wanted = options.number("vocab_size") - metaCount;
    String type = options.text("model_type");
    int chars = type.equals("unigram") || type.equals("bpe") ? corpus.requiredChars().size() : 0;
    if (wanted - chars < 0) {
      throw new IllegalArgumentException(
          "SentencePiece training: expected a vocab_size of at least %d for %d symbols and %d"
                  .formatted(metaCount + chars, metaCount, chars)
              + " characters, got %d; a smaller character_coverage needs fewer"
                  .formatted(options.number("vocab_size")));
    }
    return switch (type) {
      case "bpe" -> bpe(corpus, rules, wanted, run);
      case "char" -> chars(corpus, options, wanted);
      case "word" -> words(corpus.words(), options, wanted);
      default -> {
        require(wanted > 0, wanted, "more pieces than symbols");
        if (corpus.requiredChars().isEmpty()) {
          throw new IllegalArgumentException(
              "SentencePiece training: expected text with characters for a unigram model, got lines"
                  + " of which normalizing leaves nothing");
        }
        yield UnigramTrainer.train(corpus, options, rules, wanted, run);
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
      PreparedCorpus corpus, PieceRules rules, int wanted, TrainingRun run) {
    int merges = wanted - corpus.requiredChars().size();
    run.stage("merging pairs");
    List<Piece> pieces =
        new ArrayList<>(SentencePieceBpeTrainer.train(corpus.words(), rules, merges));
    for (int c : corpus.requiredChars().keySet()) {
      pieces.add(new Piece(Character.toString(c), -(float) pieces.size()));
    }
    return pieces;
  }

  private static float logOf(long count) {
    return FloatLog.log(count);
  }

  private static List<Piece> chars(
      PreparedCorpus corpus, SentencePieceOptions options, int wanted) {
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

  private static List<Piece> words(Words words, SentencePieceOptions options, int wanted) {
    long total = 0;
    for (int w = 0; w < words.size(); w++) {
      total += words.count(w);
    }
    List<Piece> pieces = new ArrayList<>();
    for (int w = 0; w < words.size(); w++) {
      int start = words.start(w);
      String text = new String(words.bytes(), start, words.end(w) - start, StandardCharsets.UTF_8);
      if (text.indexOf(PieceRules.UNKNOWN) < 0
          && (options.on("use_all_vocab") || pieces.size() < wanted)) {
        pieces.add(new Piece(text, logOf(words.count(w)) - logOf(total)));
      }
    }
    return pieces;
  }
}
