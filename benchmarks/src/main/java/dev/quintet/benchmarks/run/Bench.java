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
import java.util.concurrent.CopyOnWriteArrayList;
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
    Catalog catalog = Catalog.all().matching(arguments.names(), arguments.excluded());
    checkParameters(catalog, arguments);
    List<Catalog.Pairing> pairings =
        catalog.pairings(arguments.preset(), name -> arguments.jmh().values(name));
    Optional<Baseline> baseline = arguments.baseline().map(ReportFile::read).map(Baseline::new);
    var files = ResultFiles.of(arguments.out().orElseGet(Bench::nameByTime), arguments.baseline());
    var before = before();
    try (var natives = new NativeFolder()) {
      var properties = new LinkedHashMap<>(natives.properties());
      properties.putAll(arguments.properties());
      err.println("measuring what this machine can do");
      Machine machine = Machine.measured(arguments.properties());
      var report =
          new Report(
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
              arguments.preset().toString(),
              false,
              machine.facts(),
              machine.roof(),
              before,
              List.of());
      BenchPage.facts(report).forEach(out::println);
      return measure(arguments, pairings, baseline, files, report, properties);
    }
  }

  private int measure(
      BenchArguments arguments,
      List<Catalog.Pairing> pairings,
      Optional<Baseline> baseline,
      ResultFiles files,
      Report report,
      Map<String, String> properties) {
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
    var turns = new Turns(arguments, properties, log, err::println);
    long estimate = pairings.stream().mapToLong(turns::estimate).sum();
    err.printf(
        "%d row%s of %d turns, about %d min%n",
        pairings.size(),
        pairings.size() == 1 ? "" : "s",
        arguments.turns(),
        (estimate + 59_999_999_999L) / 60_000_000_000L);
    List<Contest> contests = new CopyOnWriteArrayList<>();
    Thread interrupted =
        new Thread(() ->
            err.printf(
                "interrupted; %d of %d rows were measured%s%n",
                contests.size(),
                pairings.size(),
                contests.isEmpty() ? "" : " and are in " + files.json()));
    Runtime.getRuntime().addShutdownHook(interrupted);
    Report measured = report;
    for (Catalog.Pairing pairing : pairings) {
      Contest contest = turns.measure(pairing);
      List<Contest> all = new ArrayList<>(contests);
      all.add(contest);
      measured = report.with(all, all.size() == pairings.size());
      files.write(measured, baseline);
      contests.add(contest); // once it is in the file
    }
    Runtime.getRuntime().removeShutdownHook(interrupted);
    var table = new BenchTable(measured, baseline);
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
          out.println("JMH's own results: " + file);
        });
    arguments
        .jmh()
        .outputFile()
        .ifPresent(file -> AtomicFile.write(Path.of(file), jmhSaid.toString()));
    out.println("results: " + files.json());
    out.println("page: " + files.page());
    if (turns.failures() > 0) {
      err.println("bench: " + turns.failures() + " failed; -v EXTRA shows what JMH said");
    }
    return turns.failures() > 0 ? 1 : 0;
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
