package dev.quintet.app.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `train-tokenizer`: makes a tokenizer from text.
@Command(
    name = "train-tokenizer",
    description = "Trains a tokenizer on text.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {
      TrainSentencePieceCommand.class,
      TrainByteBpeCommand.class,
      DualTokenizerCommand.class
    })
final class TrainTokenizerCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /// Made by picocli.
  TrainTokenizerCommand() {}

  @Override
  public Integer call() {
    return Failures.whichCommand(spec.commandLine());
  }
}
