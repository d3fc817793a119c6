package dev.quintet.app.cli;

import dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer;
import dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer.Origin;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceVocab;
import dev.quintet.tokenizers.sentencepiece.train.TrainingRun;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// `train-tokenizer sentencepiece`: what `spm_train` does, with its flags.
@Command(
    name = "sentencepiece",
    description = {
      "Trains a SentencePiece model as spm_train does, with its flags by their own names and in its own syntax:"
          + " --name=value or --name value, --switch, --switch=false.",
      "--input=FILE,...       text, a sentence a line; a folder stands for all files in it, - for standard input",
      "--model_prefix=NAME    writes NAME.model and NAME.vocab",
      "--model_type=TYPE      unigram (default), bpe, word or char",
      "--vocab_size=N         default 8000",
      "--num_threads=N        default 16, as in spm_train: a parameter of the arithmetic, which fixes how sums are cut;"
          + " equal numbers give equal models",
      "--threads=N            how many threads run; default: one for each core. Changes nothing in the result",
      "Held in memory: for bpe, word and char the different words with their counts; for unigram the whole text, in which"
          + " seeds are looked for, or the sample that input_sentence_size takes.",
      "All others, with their defaults in brackets:",
      "Input: input_format [text] or tsv (a text, a tab, its count), input_sentence_size [0: all],"
          + " shuffle_input_sentence [true], max_sentence_length [4192 bytes], random_seed,"
          + " train_extremely_large_corpus.",
      "Normalization: normalization_rule_name [nmt_nfkc], nfkc, nmt_nfkc_cf, nfkc_cf, identity; normalization_rule_tsv,"
          + " denormalization_rule_tsv, add_dummy_prefix [true], remove_extra_whitespaces [true].",
      "Pieces: character_coverage [0.9995], required_chars, required_chars_file, max_sentencepiece_length [16],"
          + " split_by_unicode_script [true], split_by_number [true], split_by_whitespace [true], split_digits [false],"
          + " pretokenization_delimiter, treat_whitespace_as_suffix [false], allow_whitespace_only_pieces [false],"
          + " byte_fallback [false].",
      "Symbols: control_symbols, control_symbols_file, user_defined_symbols, user_defined_symbols_file, unk_id [0],"
          + " bos_id [1], eos_id [2], pad_id [-1], unk_piece, bos_piece, eos_piece, pad_piece, unk_surface.",
      "Unigram: seed_sentencepiece_size [1000000], seed_sentencepieces_file, shrinking_factor [0.75],"
          + " num_sub_iterations [2].",
      "Output: hard_vocab_limit [true], use_all_vocab [false], vocabulary_output_piece_score [true],"
          + " self_test_sample_size [0], accept_language, minloglevel [0; from 1 on no progress is shown]."
    },
    versionProvider = VersionText.class)
final class TrainSentencePieceCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Show this and end.")
  private boolean help;

  @Option(names = "--version", versionHelp = true, description = "Show the version and end.")
  private boolean version;

  @Unmatched private List<String> flags = new ArrayList<>();

  /// Made by picocli.
  TrainSentencePieceCommand() {}

  @Override
  public Integer call() {
    SentencePieceFlags asked = SentencePieceFlags.parse(flags);
    Path prefix = Path.of(asked.modelPrefix() + ".model").toAbsolutePath();
    CorpusFiles corpus = CorpusFiles.of(asked.inputs());
    int most = asked.options().number("max_sentence_length");
    SentencePieceModel model;
    try (TokenizerProgress progress = new TokenizerProgress(corpus, asked.quiet())) {
      model =
          SentencePieceTrainer.trainUtf8(
              () -> corpus.lines(false, most, progress::read),
              asked.options(),
              new TrainingRun(asked.threads(), progress),
              new Origin(asked.inputs(), asked.modelPrefix()));
    }
    corpus.remarks(most).forEach(spec.commandLine().getErr()::println);
    model.write(prefix);
    Path vocab = Path.of(asked.modelPrefix() + ".vocab").toAbsolutePath();
    SentencePieceVocab.write(model, asked.options().on("vocabulary_output_piece_score"), vocab);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s.model and %s.vocab: %,d pieces%n",
        asked.modelPrefix(),
        asked.modelPrefix(),
        model.size());
    out.flush();
    return 0;
  }
}
