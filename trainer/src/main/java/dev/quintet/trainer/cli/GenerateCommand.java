package dev.quintet.trainer.cli;

import dev.quintet.core.shape.Device;
import dev.quintet.models.text.TextToText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `generate`: answers to prompts, one a line, in order.
@Command(
    name = "generate",
    description = {
      "Answers prompts with a model.",
      "Prompts are arguments, or the lines of a file or of standard input; one answer a line, in order."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class GenerateCommand implements Callable<Integer> {
  private static final int BATCH = 64;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model folder in Hugging Face's layout, with its tokenizer.")
  private Path model;

  @Option(names = "--input", paramLabel = "FILE", description = "Prompts, one a line.")
  private Optional<Path> input = Optional.empty();

  @Option(
      names = "--jsonl",
      description =
          "Each line is a JSON string, in and out: prompts and answers may hold line breaks.")
  private boolean jsonl;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Longest answer, in tokens. Default: what the model's folder says, or 20.")
  private Optional<Integer> maxNewTokens = Optional.empty();

  @Parameters(paramLabel = "PROMPT", arity = "0..*", description = "Prompts.")
  private List<String> prompts = new ArrayList<>();

  @Mixin private Compute compute;

  /// Made by picocli.
  GenerateCommand() {}

  @Override
  public Integer call() {
    if (input.isPresent() && !prompts.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "prompts are either arguments or in --input, not both");
    }
    Device device = compute.device();
    PrintWriter out = spec.commandLine().getOut();
    try (TextToText loaded = TextToText.load(model, device)) {
      TextToText text =
          maxNewTokens
              .map(most -> loaded.withGeneration(loaded.generation().withMaxNewTokens(most)))
              .orElse(loaded);
      if (!prompts.isEmpty()) {
        print(text.generate(prompts), out);
        return 0;
      }
      try (TextInput lines = TextInput.open(input, jsonl)) {
        for (var batch = lines.next(BATCH); !batch.isEmpty(); batch = lines.next(BATCH)) {
          print(text.generate(batch), out);
        }
      }
    }
    return 0;
  }

  private void print(List<String> answers, PrintWriter out) {
    for (String answer : answers) {
      out.print(jsonl ? TextInput.json(answer) : answer.replaceAll("\\R", " "));
      out.print('\n');
    }
    out.flush();
  }
}
