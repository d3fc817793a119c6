package dev.quintet.app.cli;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.dual.DualTokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `train-tokenizer dual`: two tokenizers that were trained before become one.
@Command(
    name = "dual",
    description = {
      "Joins a tokenizer for prose and one for code into one folder, with the ids of both in one space: what stands between"
          + " Markdown's fences is code.",
      "Special tokens are those of the prose's. Every command takes the folder as a tokenizer."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class DualTokenizerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--language",
      required = true,
      paramLabel = "TOKENIZER",
      description = "For prose, as `tokenize` takes it.")
  private String language = "";

  @Option(
      names = "--code",
      required = true,
      paramLabel = "TOKENIZER",
      description = "For code, the same.")
  private String code = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The folder to write, in which nothing may be.")
  private String output = "";

  @Mixin private NamedModel places;

  /// Made by picocli.
  DualTokenizerCommand() {}

  @Override
  public Integer call() {
    Path folder = NewFolder.of(output);
    Tokenizer prose = Tokenizer.loadT5(places.find(language));
    Tokenizer second = Tokenizer.load(places.find(code));
    DualTokenizer dual = DualTokenizer.of(prose, second);
    dual.save(folder);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%s: %,d tokens, of code those from %,d on%n",
        folder,
        dual.vocabularySize(),
        dual.codeOffset());
    out.flush();
    return 0;
  }
}
