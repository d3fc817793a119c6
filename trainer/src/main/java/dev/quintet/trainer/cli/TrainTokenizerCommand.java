package dev.quintet.trainer.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `train-tokenizer`: makes a tokenizer from text.
@Command(
    name = "train-tokenizer",
    description = "Trains a tokenizer on text.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {TrainSentencePieceCommand.class, TrainByteBpeCommand.class})
final class TrainTokenizerCommand implements Runnable {

  @Spec private CommandSpec spec;

  /// Made by picocli.
  TrainTokenizerCommand() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which kind? sentencepiece or bytebpe");
  }
}
