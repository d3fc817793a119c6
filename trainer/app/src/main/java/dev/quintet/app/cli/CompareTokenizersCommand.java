package dev.quintet.app.cli;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.compare.TokenizerComparison;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `compare-tokenizers`: measures for choosing a tokenizer, on texts of one's own.
@Command(
    name = "compare-tokenizers",
    description = {
      "Measures tokenizers beside one another: bytes per token, tokens per character, sequence length against a"
          + " baseline, unknown tokens, how evenly tokens are used, and texts that do not come back as they were.",
      "For each type of file (by the ending of its name) and for all."
    },
    footer = {
      "",
      "  quintet compare-tokenizers t5-small code=java.json --input src --input README.md",
      "  quintet compare-tokenizers a.model b.model --unit line --json < lines.txt"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class CompareTokenizersCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "[NAME=]MODEL",
      description =
          "Tokenizers as `tokenize` takes them; each is shown by its name, or else by what stands here.")
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "A file, a folder, or - for standard input; may be given several times. Default: standard input.")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--baseline",
      paramLabel = "NAME",
      description = "The tokenizer that sequence lengths are divided by. Default: the first.")
  private Optional<String> baseline = Optional.empty();

  @Option(
      names = "--unit",
      paramLabel = "file|line|jsonl",
      description =
          "What one text is: a file (above 1 MiB in parts, cut at line ends), a line without its end, or a line that is"
              + " a JSON string. Default: file, for standard input alone line.")
  private Optional<SampleFiles.Unit> unit = Optional.empty();

  @Option(names = "--json", description = "JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "How many threads work, at most 1,024; results do not depend on it. Default: all processors.")
  private Optional<Integer> threads = Optional.empty();

  @Mixin private NamedModel places;

  /// Made by picocli.
  CompareTokenizersCommand() {}

  @Override
  public Integer call() {
    Compute.requireThreads(threads.orElse(1));
    SequencedMap<String, Tokenizer> tokenizers = tokenizers();
    String base = baseline.orElse(tokenizers.firstEntry().getKey());
    if (!tokenizers.containsKey(base)) {
      throw new ParameterException(
          spec.commandLine(),
          "--baseline: expected one of "
              + String.join(", ", tokenizers.keySet())
              + ", got "
              + base);
    }
    boolean standard = inputs.isEmpty();
    SampleFiles.Unit one = unit.orElse(standard ? SampleFiles.Unit.LINE : SampleFiles.Unit.FILE);
    int workers = threads.orElseGet(() -> Runtime.getRuntime().availableProcessors());
    try (TokenizerComparison comparison = TokenizerComparison.of(tokenizers, base, workers)) {
      String passedOver =
          SampleFiles.read(standard ? List.of(Path.of("-")) : inputs, one, comparison::add);
      if (!passedOver.isEmpty()) {
        spec.commandLine().getErr().println(passedOver);
      }
      if (comparison.types().isEmpty()) {
        throw new IllegalArgumentException(
            "there is no text in " + (standard ? "standard input" : inputs.toString()));
      }
      ComparisonTable table = new ComparisonTable(comparison);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? table.json() : table.text());
      out.flush();
    }
    return 0;
  }

  private SequencedMap<String, Tokenizer> tokenizers() {
    SequencedMap<String, Tokenizer> tokenizers = new LinkedHashMap<>();
    for (String model : models) {
      int equals = model.indexOf('=');
      boolean named = equals > 0 && !Files.exists(Path.of(model));
      String name = named ? model.substring(0, equals) : model;
      Tokenizer tokenizer =
          Tokenizer.load(places.find(named ? model.substring(equals + 1) : model));
      if (tokenizers.putIfAbsent(name, tokenizer) != null) {
        throw new ParameterException(
            spec.commandLine(),
            "two tokenizers are called " + name + "; give one of them another name: NAME=MODEL");
      }
    }
    return tokenizers;
  }
}
