package dev.quintet.benchmarks.run;

import dev.quintet.core.io.AtomicDirectory;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.openjdk.jmh.results.format.ResultFormatFactory;

/// `./quintet bench`: what [BenchArguments#USAGE] says.
public final class Bench {
  private final PrintStream out;
  private final PrintStream err;

  private Bench(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /// Runs, and ends the process with the exit code.
  ///
  /// @param arguments as [BenchArguments#USAGE] lists them
  public static void main(String... arguments) {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /// @return the exit code
  static int run(PrintStream out, PrintStream err, String... arguments) {
    try {
      return new Bench(out, err).run(BenchArguments.of(arguments));
    } catch (IllegalArgumentException | MalformedFileException e) {
      err.println("bench: " + e.getMessage());
      err.println("./quintet bench --help says what can be asked for");
      return 2;
    } catch (UncheckedIOException | IllegalStateException e) {
      err.println("bench: " + e.getMessage());
      return 1;
    }
  }

  private int run(BenchArguments arguments) {
    switch (arguments.wish()) {
      case HELP -> out.print(BenchArguments.USAGE);
      case JMH_HELP -> jmhHelp(arguments);
      case PROFILERS -> arguments.jmh().listProfilers();
      case FORMATS -> arguments.jmh().listResultFormats();
      case LIST -> {
        Catalog all = Catalog.all();
        boolean some = !arguments.names().isEmpty() || !arguments.excluded().isEmpty();
        out.print((some ? all.matching(arguments.names(), arguments.excluded()) : all).text());
        out.println("\n./quintet bench NAME measures one, ./quintet bench --help says more");
      }
      case RUN -> {
        return measure(arguments);
      }
    }
    return 0;
  }

  private static void jmhHelp(BenchArguments arguments) {
    try {
      arguments.jmh().showHelp();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int measure(BenchArguments arguments) {
    arguments.checkModes();
    arguments.properties().forEach(System::setProperty); // some say what their rows count
    Catalog catalog = Catalog.all().matching(arguments.names(), arguments.excluded());
    checkParameters(catalog, arguments);
    List<Catalog.Pairing> pairings =
        catalog.pairings(arguments.preset(), name -> arguments.jmh().values(name));
    Optional<Baseline> baseline =
        arguments.baseline().map(file -> ReportFile.read("--baseline", file)).map(Baseline::new);
    Optional<Earlier> earlier =
        arguments.goesOn().map(file -> Earlier.read(file, arguments.preset()));
    var files =
        ResultFiles.of(
            arguments.out().or(arguments::goesOn).orElseGet(Bench::nameByTime),
            arguments.baseline());
    var progress = new Progress(pairings.size(), files, arguments);
    try (var interruption = new Interruption(progress::interrupted, err::println);
        var natives = new NativeFolder()) {
      var before = before();
      var properties = new LinkedHashMap<>(natives.properties());
      properties.putAll(arguments.properties());
      err.println("measuring what this machine can do");
      Machine machine = Machine.measured(arguments.properties());
      Report report =
          earlier.isPresent()
              ? earlier.get().goingOn(machine)
              : new Report(
                  Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                  arguments.preset().toString(),
                  false,
                  machine.facts(),
                  List.of(machine.roof()),
                  before,
                  List.of());
      BenchPage.facts(report).forEach(out::println);
      return measure(
          arguments, pairings, baseline, files, report, properties, interruption, progress);
    }
  }

  private int measure(
      BenchArguments arguments,
      List<Catalog.Pairing> pairings,
      Optional<Baseline> baseline,
      ResultFiles files,
      Report begun,
      Map<String, String> properties,
      Interruption interruption,
      Progress progress) {
    boolean loud = arguments.jmh().verbosity().hasValue();
    var jmhSaid = new StringBuilder();
    Consumer<String> log =
        text -> {
          if (loud) {
            err.println(text);
          }
          if (arguments.jmh().outputFile().isPresent()) {
            jmhSaid.append(text);
          }
        };
    Consumer<String> lines = line -> interruption.whole(() -> err.println(line));
    var turns = new Turns(arguments, properties, log, lines);
    List<Catalog.Pairing> left = pairings.stream().filter(one -> !Earlier.has(begun, one)).toList();
    if (left.size() < pairings.size()) {
      err.printf(
          "%d of %d rows were measured before%n", pairings.size() - left.size(), pairings.size());
    }
    long estimate = left.stream().mapToLong(turns::estimate).sum();
    err.printf(
        "%d row%s of %d turns, about %d min%n",
        left.size(),
        left.size() == 1 ? "" : "s",
        arguments.turns(),
        (estimate + 59_999_999_999L) / 60_000_000_000L);
    Report measured = begun;
    for (Catalog.Pairing pairing : left) {
      Contest contest = turns.measure(pairing);
      List<Contest> all = new ArrayList<>(measured.contests());
      all.add(contest);
      Report withRow = measured.with(all, false);
      interruption.whole(() -> {
        files.write(withRow, baseline);
        progress.add(contest.ours().isThere());
      });
      // one that no side could run took no time in which the machine might have changed
      boolean any = contest.sides().stream().anyMatch(Side::isThere);
      measured = any ? withRow.with(Machine.roofNow(arguments.properties())) : withRow;
    }
    Report whole = measured.with(measured.contests(), true);
    interruption.whole(() -> files.write(whole, baseline));
    return end(arguments, whole, baseline, files, turns, jmhSaid.toString());
  }

  private int end(
      BenchArguments arguments,
      Report report,
      Optional<Baseline> baseline,
      ResultFiles files,
      Turns turns,
      String jmhSaid) {
    var table = new BenchTable(report, baseline);
    out.println();
    out.print(table.table().text());
    out.println();
    table.remarks().forEach(out::println);
    arguments
        .jmh()
        .resultFormat()
        .ifPresent(format -> {
          String file =
              arguments
                  .jmh()
                  .resultFile()
                  .orElse("jmh-result." + format.toString().toLowerCase(java.util.Locale.ROOT));
          ResultFormatFactory.getInstance(format, file).writeOut(turns.results());
          out.println(
              "JMH's own results"
                  + (arguments.goesOn().isPresent() ? ", of the rows measured now: " : ": ")
                  + file);
        });
    arguments.jmh().outputFile().ifPresent(file -> AtomicFile.write(Path.of(file), jmhSaid));
    out.println("results: " + files.json());
    out.println("page: " + files.page());
    if (turns.failures() > 0) {
      err.println("bench: " + turns.failures() + " failed; -v EXTRA shows what JMH said");
    }
    return turns.failures() > 0 ? 1 : 0;
  }

  /// How far a run has come, for whoever interrupts it.
  private static final class Progress {
    private final int rows;
    private final ResultFiles files;
    private final BenchArguments arguments;
    private int measured;
    private boolean written;

    Progress(int rows, ResultFiles files, BenchArguments arguments) {
      this.rows = rows;
      this.files = files;
      this.arguments = arguments;
    }

    synchronized void add(boolean isThere) {
      measured += isThere ? 1 : 0;
      written = true;
    }

    synchronized String interrupted() {
      if (measured == 0) {
        return "interrupted before a row was measured"
            + (written ? "; " + files.json() + " says why some could not be" : "");
      }
      return "interrupted; %d of %d rows were measured now and are in %s and %s%nto go on: %s"
          .formatted(measured, rows, files.json(), files.page(), arguments.goingOn(files.json()));
    }
  }

  private static Path nameByTime() {
    return Path.of(
        "bench-" + LocalDateTime.now().format(DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss")));
  }

  private static void checkParameters(Catalog catalog, BenchArguments arguments) {
    for (String name : arguments.jmh().parameters()) {
      if (catalog.classes().stream().noneMatch(group -> group.parameters().containsKey(name))) {
        throw new IllegalArgumentException(
            "-p "
                + name
                + ": none of the chosen benchmarks has a parameter of that name; ./quintet bench -l NAME lists them");
      }
    }
  }

  /// What the machine does on its own, in a second in which nothing of ours runs.
  private static Report.Before before() {
    double load =
        java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    ProcessorTime start = ProcessorTime.now();
    try {
      Thread.sleep(1000);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted before measuring", e);
    }
    return new Report.Before(load < 0 ? Double.NaN : load, ProcessorTime.now().othersSince(start));
  }

  /// A folder for what peers unpack, shared by all turns and removed at the end.
  private static final class NativeFolder implements AutoCloseable {
    private final Path folder;
    private final Thread hook = new Thread(this::remove);

    NativeFolder() {
      try {
        folder = Files.createTempDirectory("quintet-bench");
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make a folder for the peers' libraries: " + e, e);
      }
      Runtime.getRuntime().addShutdownHook(hook);
    }

    Map<String, String> properties() {
      return Map.of(dev.quintet.benchmarks.peer.NativeFiles.FOLDER, folder.toString());
    }

    private void remove() {
      try {
        AtomicDirectory.delete(folder);
      } catch (UncheckedIOException e) {
        // what is left lies in the system's folder for temporary files
      }
    }

    @Override
    public void close() {
      Runtime.getRuntime().removeShutdownHook(hook);
      remove();
    }
  }
}
