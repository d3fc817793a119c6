package dev.quintet.trainer.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line. Results go to standard output, everything else to standard error.
///
/// Exit codes: 0 done, 1 the work or a verification failed, 2 usage or bad input, 130 interrupted
/// with a checkpoint written.
@Command(
    name = "quintet",
    description = "Trains and runs T5 models on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  /// Made by [#main(String...)].
  Main() {}

  /// Runs one command and exits with its code.
  public static void main(String... args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Which command?");
  }
}
