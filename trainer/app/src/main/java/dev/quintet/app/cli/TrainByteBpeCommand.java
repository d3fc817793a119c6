package dev.quintet.app.cli;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import dev.quintet.tokenizers.text.Utf8;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `train-tokenizer bytebpe`: byte-level BPE as Hugging Face trains it.
@Command(
    name = "bytebpe",
    description = {
      "Trains byte-level BPE as Hugging Face's BpeTrainer does and writes a tokenizer.json.",
      "Lines keep their line ends, as they will stand in what is encoded. Only the different words are held in memory.",
      "A </s> among the special tokens ends every encoded text."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class TrainByteBpeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description =
          "Files between commas; a folder stands for all files in it, - for standard input.")
  private String input = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "The tokenizer.json to write.")
  private Path output = Path.of("tokenizer.json");

  @Option(
      names = "--vocab-size",
      required = true,
      paramLabel = "N",
      description = "Tokens in all, with special ones and the 256 bytes.")
  private int vocabSize;

  @Option(
      names = "--pattern",
      required = true,
      paramLabel = "P",
      description =
          "How text is cut into words: gpt2, gpt4, cl100k, o200k, punct, identity (not at all), or a regular expression"
              + " whose matches are the words.")
  private String pattern = "gpt4";

  @Option(
      names = "--min-frequency",
      paramLabel = "N",
      description = "Pairs that are rarer are not merged. Default: 0.")
  private int minFrequency;

  @Option(
      names = "--max-token-length",
      paramLabel = "N",
      description = "Tokens stay below this many bytes; none for no limit. Default: none.")
  private String maxTokenLength = "none";

  @Option(
      names = "--special-tokens",
      paramLabel = "LIST",
      description =
          "Between commas, one that holds a comma in quotes. They take the first ids. Default: <pad>,</s>,<unk>")
  private String specialTokens = "<pad>,</s>,<unk>";

  /// Made by picocli.
  TrainByteBpeCommand() {}

  @Override
  public Integer call() {
    ByteBpeTrainer trainer =
        ByteBpeTrainer.of(vocabSize)
            .withPattern(SplitPattern.of(pattern))
            .withMinFrequency(minFrequency)
            .withSpecialTokens(SentencePieceOptions.items(specialTokens));
    if (!maxTokenLength.equals("none")) {
      if (!maxTokenLength.matches("[1-9][0-9]{0,8}")) {
        throw new IllegalArgumentException(
            "--max-token-length: expected a whole number from 1, or none, got \""
                + maxTokenLength
                + "\"");
      }
      trainer = trainer.withMaxTokenLength(Integer.parseInt(maxTokenLength));
    }
    List<String> names = SentencePieceOptions.items(input);
    CorpusFiles corpus = CorpusFiles.of(names);
    TokenizerJson trained;
    try (TokenizerProgress progress = new TokenizerProgress(corpus, false)) {
      Iterable<String> texts = () -> texts(corpus.lines(true, Integer.MAX_VALUE, progress::read));
      trained = trainer.train(texts);
    }
    corpus.remarks(Integer.MAX_VALUE).forEach(spec.commandLine().getErr()::println);
    trained.write(output.toAbsolutePath());
    PrintWriter out = spec.commandLine().getOut();
    int size = Tokenizer.of(trained).vocabularySize();
    String fewer =
        size < vocabSize
            ? String.format(Locale.ROOT, ", of %,d asked for: no pair is left to merge", vocabSize)
            : "";
    out.printf(Locale.ROOT, "%s: %,d tokens%s%n", output, size, fewer);
    out.flush();
    return 0;
  }

  private static Iterator<String> texts(Iterator<byte[]> lines) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return lines.hasNext();
      }

      @Override
      public String next() {
        byte[] line = lines.next();
        return Utf8.decode(line, line.length);
      }
    };
  }
}
