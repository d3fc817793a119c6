package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoBase;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.app.vocabulary.TokenizerExample;
import dev.quintet.app.vocabulary.TokenizerTable;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.compare.TokenizerComparison;
import java.io.IOException;
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
      "For each type of file (by the ending of its name) and for all.",
      "With --train --example one small model learns Javadoc and code of the JDK's sources with a tokenizer trained on prose,"
          + " one on code, one on both, and a pair that each goes to: about five minutes on two free processors, without network."
    },
    footer = {
      "",
      "  quintet compare-tokenizers t5-small code=java.json --input src --input README.md",
      "  quintet compare-tokenizers a.model b.model --unit line --json < lines.txt",
      "  quintet compare-tokenizers --train --example"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class CompareTokenizersCommand implements Callable<Integer> {

  private static final String OUT = "quintet-tokenizers";

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
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

  @Option(names = "--train", description = "Train a model with each; as yet with --example alone.")
  private boolean train;

  @Option(
      names = "--example",
      description = "With --train: on Javadoc and code of the JDK's sources.")
  private boolean example;

  @Option(
      names = "--sources",
      paramLabel = "PATH",
      description =
          "With --example: folder, zip or jar of Java sources. Default: those of this JDK.")
  private Optional<Path> sources = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "With --example: steps of each training. Default: 1200.")
  private Optional<Long> steps = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "With --example: the folder to write, in which nothing may be. Default: " + OUT + ".")
  private Optional<String> out = Optional.empty();

  @Mixin private NamedModel places;

  /// Made by picocli.
  CompareTokenizersCommand() {}

  @Override
  public Integer call() throws IOException {
    Compute.requireThreads(threads.orElse(1));
    if (train || example) {
      return trained();
    }
    if (sources.isPresent() || steps.isPresent() || out.isPresent()) {
      throw refused("--sources, --steps and --out belong to --train --example");
    }
    if (models.isEmpty()) {
      throw refused("expected at least one MODEL; or --train --example, which needs none");
    }
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

  private ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  /// Has a model learn with each tokenizer of the example.
  private int trained() throws IOException {
    if (!train || !example) {
      throw refused(
          train
              ? "--train knows how to train with --example alone; for tokenizers of your own give each to train, by"
                  + " \"tokenizer\" in its configuration"
              : "--example belongs to --train");
    }
    if (!models.isEmpty()
        || !inputs.isEmpty()
        || baseline.isPresent()
        || unit.isPresent()
        || json) {
      throw refused("--train --example takes tokenizers and texts of its own: leave yours out");
    }
    if (steps.orElse(1L) < 1) {
      throw refused("--steps is at least 1, not " + steps.orElseThrow());
    }
    Path folder = NewFolder.of(out.orElse(OUT));
    threads.ifPresent(CpuBackend::threads);
    var size =
        steps.map(TokenizerExample.Size.DEFAULT::withSteps).orElse(TokenizerExample.Size.DEFAULT);
    try (var interruption = new Interruption()) {
      var console = new DemoConsole(spec.commandLine().getOut(), interruption);
      try (SourceTree tree = DemoBase.sources(sources, console::note)) {
        Optional<TokenizerTable> table =
            new TokenizerExample(
                    size,
                    folder,
                    Backends.best(),
                    console,
                    List.of(interruption, new StepProgress(console)),
                    interruption)
                .run(tree);
        if (table.isEmpty()) {
          return Interruption.EXIT_CODE;
        }
        String text = table.get().text();
        AtomicFile.write(folder.resolve("table.txt"), text);
        console.result(text);
        console.result(
            "The models are in " + folder + ", such as " + folder.resolve("routed-pair/best"));
      }
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
