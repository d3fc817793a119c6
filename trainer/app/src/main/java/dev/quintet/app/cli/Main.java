package dev.quintet.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// The command line. Results go to standard output, everything else to standard error.
///
/// Exit codes: 0 done, 1 the work or a verification failed, 2 usage or bad input, 130 interrupted
/// with a checkpoint written.
@Command(
    name = "quintet",
    description = "Trains and runs T5 models on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {
      CompareTokenizersCommand.class,
      CompareTuningCommand.class,
      ConvertCommand.class,
      CrossValidateCommand.class,
      DataCommand.class,
      DemoCommand.class,
      DetokenizeCommand.class,
      EstimateCommand.class,
      EvaluateCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      PullCommand.class,
      ReportCommand.class,
      RecipesCommand.class,
      ScoreCommand.class,
      SearchCommand.class,
      SwitchTokenizerCommand.class,
      TrainCommand.class,
      TrainTokenizerCommand.class,
      TokenizeCommand.class,
      VerifyCommand.class,
      WatchCommand.class
    })
public final class Main implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the whole trace of an error.")
  private boolean verbose;

  /// Made by [#main(String...)].
  Main() {}

  /// Runs one command and exits with its code.
  public static void main(String... args) {
    // UTF-8 whatever the locale says: scripts read what is printed here.
    System.setErr(
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
    plainLogLines();
    StandardInput.openIfClosed();
    ResultWriter results = ResultWriter.to(new FileOutputStream(FileDescriptor.out));
    CommandLine commands = commands().setOut(results).setErr(new PrintWriter(System.err, true));
    int code;
    try {
      code = commands.execute(args);
    } catch (Error e) {
      code = Failures.error(e, List.of(args).contains("--verbose"), commands.getErr());
    }
    results.flush();
    if (results.failure().isPresent()) {
      System.err.println(
          "quintet: results are lost, standard output cannot be written: "
              + results.failure().get().getMessage());
      code = Math.max(code, Failures.FAILED);
    }
    System.exit(code);
  }

  /// All commands, for [#main] and for tests.
  static CommandLine commands() {
    var main = new Main();
    var failures = new Failures(() -> main.verbose);
    var line = new CommandLine(main);
    line.getSubcommands()
        .forEach((name, command) -> {
          switch (name) {
            case "generate" -> GenerationFlags.addTo(command.getCommandSpec());
            case "train" -> KeyHelp.addTo(command, TrainKey::help);
            case "search" -> KeyHelp.addTo(command, () -> KeyHelp.of(SearchSettings.KEYS));
            case "compare-tuning" -> KeyHelp.addTo(command, () -> KeyHelp.of(TuningSettings.KEYS));
            case "cross-validate" -> KeyHelp.addTo(command, () -> KeyHelp.of(FoldSettings.KEYS));
            case "data" -> KeyHelp.addTo(command, DataKey::help);
            default -> {}
          }
        });
    return line.setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false); // a prompt may begin with @
  }

  /// What the library logs, one line each on standard error; what the user has set stays.
  private static void plainLogLines() {
    String key = "java.util.logging.SimpleFormatter.format";
    if (System.getProperty(key) == null) {
      System.setProperty(key, "%5$s%6$s%n");
    }
    // The form of the logger that stands in where there is no module java.logging.
    String simple = "jdk.system.logger.format";
    if (System.getProperty(simple) == null) {
      System.setProperty(simple, "%5$s%6$s%n");
    }
  }

  @Override
  public Integer call() {
    return Failures.whichCommand(spec.commandLine());
  }
}
