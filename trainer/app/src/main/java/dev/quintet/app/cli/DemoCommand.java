package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoArguments;
import dev.quintet.app.demo.DemoFolder;
import dev.quintet.app.demo.DemoFolderException;
import dev.quintet.app.demo.DemoRun;
import dev.quintet.core.io.FolderLock;
import dev.quintet.core.shape.Device;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `demo`: the whole road once, from Java sources to a trained T5 that names methods.
@Command(
    name = "demo",
    description = {
      "Trains a small T5 from scratch to name Java methods, on the sources of this JDK or on your own, and shows what"
          + " it has learned; then what freezing does. About four minutes, without network.",
      "With --ask it names the methods of a file with the model that was trained."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class DemoCommand implements Callable<Integer> {
  /// The folder if nobody names one.
  static final String OUT = "quintet-demo";

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = OUT,
      description = "Where everything goes. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(names = "--seed", paramLabel = "N", description = "Of everything random. Default: 0.")
  private Optional<Long> seed = Optional.empty();

  @Option(names = "--minutes", paramLabel = "M", description = "For all of it. Default: 4.")
  private Optional<Double> minutes = Optional.empty();

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Training steps, in place of a time: then the same seed gives the same bytes.")
  private Optional<Long> steps = Optional.empty();

  @Option(
      names = "--save-every",
      paramLabel = "N",
      description = "Steps between checkpoints. Default: about a minute of work.")
  private Optional<Long> saveEvery = Optional.empty();

  @Option(
      names = "--sources",
      paramLabel = "PATH",
      description = "Folder, zip or jar of Java sources. Default: those of this JDK.")
  private Optional<Path> sources = Optional.empty();

  @Option(
      names = "--resume",
      description = "Continue what was interrupted in DIR; options left out are those it had.")
  private boolean resume;

  @Option(
      names = "--compare",
      description = "Also train with span corruption first, and with the encoder frozen after it.")
  private boolean compare;

  @Option(
      names = "--ask",
      paramLabel = "FILE.java",
      description = "Name the methods of a file with the model in DIR.")
  private Optional<Path> ask = Optional.empty();

  @Mixin private Compute compute;

  /// Made by picocli.
  DemoCommand() {}

  @Override
  public Integer call() {
    Device device = compute.device();
    PrintWriter results = spec.commandLine().getOut();
    if (ask.isPresent()) {
      return new AskedFile(out.resolve("model"), device).print(ask.get(), results);
    }
    if (minutes.isPresent() && steps.isPresent()) {
      throw new ParameterException(spec.commandLine(), "--minutes and --steps exclude each other");
    }
    var folder = new DemoFolder(out);
    boolean started = folder.started();
    if (started && !resume) {
      throw heldAlready();
    }
    DemoArguments arguments =
        arguments(started ? Optional.of(folder.arguments()) : Optional.empty());
    if (started) {
      folder.check(arguments);
    }
    if (started && folder.finished()) {
      results.println(
          "the demo in " + out + " is finished; its numbers are in " + folder.path("metrics.json"));
      return 0;
    }
    refuseMissingSources(arguments);
    // only now, since what is refused leaves nothing behind
    try (FolderLock lock = folder.lock()) {
      if (!started) {
        if (folder.started()) {
          throw heldAlready(); // by one that began in between
        }
        folder.start(arguments);
      }
      return run(folder, lock, arguments, device, results);
    }
  }

  private DemoFolderException heldAlready() {
    return new DemoFolderException(
        out + " holds a demo already: --resume continues it, --out names another folder");
  }

  private int run(
      DemoFolder folder,
      FolderLock lock,
      DemoArguments arguments,
      Device device,
      PrintWriter results) {
    try (var interruption = new Interruption()) {
      var console = new DemoConsole(results, interruption);
      var demo = new DemoRun(folder, arguments, device, compute.threads(), console, interruption);
      return demo.run() ? 0 : Interruption.EXIT_CODE;
    } catch (RuntimeException e) {
      if (!Files.exists(folder.path("phases"))) {
        folder.forget(lock); // nothing was done, such as for sources that cannot be read
      }
      throw e;
    }
  }

  /// What was asked for; what was left out is as in the demo that is continued.
  private DemoArguments arguments(Optional<DemoArguments> before) {
    boolean timed = minutes.isPresent() || before.isEmpty();
    OptionalLong stepsBefore = timed ? OptionalLong.empty() : before.orElseThrow().steps();
    return new DemoArguments(
        seed.orElse(before.map(DemoArguments::seed).orElse(0L)),
        minutes.orElse(before.map(DemoArguments::minutes).orElse(DemoArguments.DEFAULT_MINUTES)),
        steps.map(OptionalLong::of).orElse(stepsBefore),
        saveEvery
            .map(OptionalLong::of)
            .orElse(before.map(DemoArguments::saveEvery).orElse(OptionalLong.empty())),
        sources
            .map(path -> path.toAbsolutePath().normalize().toString())
            .or(() -> before.flatMap(DemoArguments::sources)),
        compare || before.map(DemoArguments::compare).orElse(false));
  }

  private void refuseMissingSources(DemoArguments arguments) {
    if (arguments.sources().isPresent() && !Files.exists(Path.of(arguments.sources().get()))) {
      throw new ParameterException(
          spec.commandLine(), "--sources: " + arguments.sources().get() + " does not exist");
    }
  }
}
