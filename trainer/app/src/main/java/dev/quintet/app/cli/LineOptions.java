package dev.quintet.app.cli;

import dev.quintet.tokenizers.Tokenizer;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What `tokenize` and `detokenize` share: the tokenizer, the lines, the threads.
final class LineOptions {

  /// How a MODEL is read.
  enum Mode {
    /// By what it holds.
    AUTO,
    /// A folder's SentencePiece model even beside a `tokenizer.json`.
    SENTENCEPIECE
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = {
        "A SentencePiece model, a file in tokenizer.json's format or a tiktoken file, whatever its name; or a folder with"
            + " tokenizer.json (which wins), with spiece.model (and T5's tokenizer_config.json for </s> and sentinels), or"
            + " with one *vocab.json and one *merges.txt; or the name of a model that `pull` fetched."
      })
  private String model = "";

  @Mixin private NamedModel named;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description = "Files to read, - for standard input. Default: standard input.")
  private List<Path> files = new ArrayList<>();

  @Option(names = "--input", paramLabel = "FILE", description = "The same as FILE.")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--mode",
      defaultValue = "auto",
      paramLabel = "auto|sentencepiece",
      description =
          "sentencepiece reads a folder's spiece.model even where it has a tokenizer.json. Default: auto.")
  private Mode mode;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "How many threads work, at most 1,024; results do not depend on it. Default: all processors.")
  private Optional<Integer> threads = Optional.empty();

  /// Made by picocli.
  LineOptions() {}

  /// Loads the tokenizer.
  Tokenizer tokenizer() {
    Compute.requireThreads(threads.orElse(1));
    return switch (mode) {
      case AUTO -> Tokenizer.load(named.find(model));
      case SENTENCEPIECE -> Tokenizer.loadSentencePiece(named.find(model));
    };
  }

  /// Works through all lines.
  ///
  /// @param jsonl whether blank lines are passed over, and their number is said
  void run(boolean jsonl, LinePipe.Work work) {
    var all = new ArrayList<>(inputs);
    all.addAll(files);
    for (Path file : all) {
      if (!file.toString().equals("-") && !Files.exists(file)) {
        throw new UncheckedIOException(new NoSuchFileException(file.toString()));
      }
    }
    var blank = new LongAdder();
    PrintWriter out = spec.commandLine().getOut();
    new LinePipe(threads.orElseGet(() -> Runtime.getRuntime().availableProcessors()), out)
        .run(
            all.isEmpty() ? List.of(Path.of("-")) : all,
            (line, results) -> {
              if (jsonl && line.isBlank()) {
                blank.increment();
              } else {
                work.line(line, results);
              }
            });
    if (blank.sum() > 0) {
      spec.commandLine().getErr().println("blank lines passed over: " + blank);
    }
  }
}
