package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.MissingPeerException;
import dev.quintet.benchmarks.contest.Note;
import dev.quintet.benchmarks.contest.Shown;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Has JMH measure ours and the peers in turns: each turn one forked process of each, in every other turn backwards, so that a
/// machine that slows down or speeds up meets all alike.
final class Turns {
  private static final long START = 2_000_000_000L;
  private static final Pattern FAILURE =
      Pattern.compile(
          "(?:skipped: |ERROR: )(.+)|<(forked VM failed with exit code \\d+)>|^((?:\\w+\\.)+\\w*(?:Exception|Error)\\b.*)",
          Pattern.MULTILINE);
  private static final String SKIPPED = "skipped: ";

  private final BenchArguments arguments;
  private final Map<String, String> properties;
  private final Consumer<String> log;
  private final Consumer<String> progress;
  private final List<RunResult> results = new ArrayList<>();
  private Optional<String> noCuda = Optional.empty();
  private int failures;

  /// @param arguments what the user wants
  /// @param properties of the measured processes
  /// @param log takes what JMH prints
  /// @param progress takes a line for each turn
  Turns(
      BenchArguments arguments,
      Map<String, String> properties,
      Consumer<String> log,
      Consumer<String> progress) {
    this.arguments = arguments;
    this.properties = properties;
    this.log = log;
    this.progress = progress;
  }

  /// How many failed that should not have.
  int failures() {
    return failures;
  }

  /// All that JMH found.
  Collection<RunResult> results() {
    return results;
  }

  /// About how long a pairing takes, in nanoseconds.
  long estimate(Catalog.Pairing pairing) {
    BenchmarkListEntry entry = entry(pairing.group(), pairing.ours());
    Lengths lengths = lengths(entry);
    long one = START + lengths.warmups * lengths.warmup + lengths.iterations * lengths.iteration;
    return arguments.turns() * (1L + pairing.peers().size()) * one;
  }

  private static final class Contestant {
    final String method;
    final String name;
    final List<Turn> turns = new ArrayList<>();
    final Map<String, List<Double>> also = new LinkedHashMap<>();
    final Set<String> notes = new LinkedHashSet<>();
    Optional<String> absent = Optional.empty();

    Contestant(String method, String name) {
      this.method = method;
      this.name = name;
    }

    Side side() {
      var medians = new LinkedHashMap<String, Double>();
      also.forEach((name, values) -> medians.put(name, Spread.of(values).median()));
      return new Side(method, name, turns, medians, List.copyOf(notes), absent);
    }
  }

  /// Measures one.
  Contest measure(Catalog.Pairing pairing) {
    List<Contestant> contestants = new ArrayList<>();
    contestants.add(new Contestant(pairing.ours(), "Quintet"));
    pairing.peers().forEach((method, name) -> contestants.add(new Contestant(method, name)));
    for (int turn = 0; turn < arguments.turns(); turn++) {
      List<Contestant> order = turn % 2 == 0 ? contestants : contestants.reversed();
      for (Contestant one : order) {
        if (one.absent.isEmpty()) {
          take(pairing, one);
        }
      }
    }
    return new Contest(
        pairing.group().type().getSimpleName(),
        pairing.ours(),
        pairing.parameters(),
        pairing.group().unit(),
        pairing.work(),
        contestants.getFirst().side(),
        contestants.stream().skip(1).map(Contestant::side).toList());
  }

  private static BenchmarkListEntry entry(Catalog.Group group, String method) {
    BenchmarkListEntry entry = group.methods().get(method);
    if (entry == null) {
      throw new IllegalStateException(group.name() + " has no benchmark " + method);
    }
    return entry;
  }

  private void take(Catalog.Pairing pairing, Contestant one) {
    BenchmarkListEntry entry = entry(pairing.group(), one.method);
    var said = new ByteArrayOutputStream();
    if (pairing.group().wantsCuda() && noCuda.isPresent()) {
      one.absent = noCuda;
      return;
    }
    ProcessorTime start = ProcessorTime.now();
    Collection<RunResult> run = run(options(entry, pairing), said);
    ProcessorTime end = ProcessorTime.now();
    String text = said.toString(StandardCharsets.UTF_8);
    log.accept(text);
    text.lines()
        .filter(line -> line.contains(Note.MARK)) // behind what JMH says of an iteration
        .forEach(line ->
            one.notes.add(line.substring(line.indexOf(Note.MARK) + Note.MARK.length()).strip()));
    results.addAll(run);
    String rate = pairing.group().shown().map(Shown::rate).orElse("");
    List<Double> speeds = new ArrayList<>();
    run.forEach(result -> speeds.addAll(speeds(result, rate, one.also)));
    String what =
        (pairing.group().type().getSimpleName()
                + "."
                + one.method
                + " "
                + Contest.settings(pairing.parameters()))
            .strip();
    if (speeds.isEmpty()) {
      one.absent = Optional.of(reason(text));
      if (!isMissing(text)) {
        failures++;
      } else if (pairing.group().wantsCuda()) {
        noCuda = one.absent; // asked once: each process takes a second to find none
      }
      progress.accept(what + ": " + one.absent.get());
      return;
    }
    var turn = new Turn(speeds, end.othersSince(start), end.stolenSince(start));
    one.turns.add(turn);
    progress.accept(
        what
            + ": "
            + Figures.speed(turn.speed(), pairing.group().unit())
            + (Quiet.isDisturbed(turn)
                ? ", while others took " + Figures.percent(turn.elsewhere()) + " of the machine"
                : ""));
  }

  private static Collection<RunResult> run(
      ChainedOptionsBuilder options, ByteArrayOutputStream said) {
    var out = new PrintStream(said, true, StandardCharsets.UTF_8);
    PrintStream before = System.out; // where JMH passes on what measured processes print
    System.setOut(out);
    try {
      return new Runner(
              options.build(), OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL))
          .run();
    } catch (RunnerException e) {
      out.println("ERROR: " + e.getMessage());
      return List.of();
    } finally {
      System.setOut(before);
    }
  }

  private record Lengths(int warmups, long warmup, int iterations, long iteration) {}

  private Lengths lengths(BenchmarkListEntry entry) {
    Preset preset = arguments.preset();
    var jmh = arguments.jmh();
    boolean single = entry.getMode() == Mode.SingleShotTime;
    long second = TimeUnit.SECONDS.toNanos(1);
    return new Lengths(
        jmh.getWarmupIterations().orElse(preset.warmups(entry.getWarmupIterations().orElse(5))),
        single
            ? 0
            : nanos(
                jmh.getWarmupTime()
                    .orElse(
                        entry.getWarmupTime().orElse(new TimeValue(second, TimeUnit.NANOSECONDS)))),
        jmh.getMeasurementIterations()
            .orElse(preset.iterations(entry.getMeasurementIterations().orElse(5))),
        single
            ? 0
            : jmh.getMeasurementTime().hasValue()
                ? nanos(jmh.getMeasurementTime().get())
                : preset.time(
                    nanos(
                        entry
                            .getMeasurementTime()
                            .orElse(new TimeValue(second, TimeUnit.NANOSECONDS)))));
  }

  private static long nanos(TimeValue time) {
    return time.convertTo(TimeUnit.NANOSECONDS);
  }

  private ChainedOptionsBuilder options(BenchmarkListEntry entry, Catalog.Pairing pairing) {
    Lengths lengths = lengths(entry);
    var jmh = arguments.jmh();
    List<String> before = new ArrayList<>();
    properties.forEach((name, value) -> before.add("-D" + name + "=" + value));
    before.addAll(jmh.getJvmArgsPrepend().orElse(entry.getJvmArgsPrepend().orElse(List.of())));
    // JMH would take these in place of the class's own, and with them the vectors
    List<String> after = new ArrayList<>(entry.getJvmArgsAppend().orElse(List.of()));
    after.addAll(jmh.getJvmArgsAppend().orElse(List.of()));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .parent(jmh)
            .include("^" + entry.getUsername().replace(".", "\\.") + "$")
            .forks(jmh.getForkCount().orElse(1) == 0 ? 0 : 1)
            .warmupForks(0)
            .shouldFailOnError(false)
            .jvmArgsPrepend(before.toArray(String[]::new))
            .jvmArgsAppend(after.toArray(String[]::new))
            .warmupIterations(lengths.warmups)
            .measurementIterations(lengths.iterations);
    if (entry.getMode() != Mode.SingleShotTime) {
      options
          .warmupTime(new TimeValue(lengths.warmup, TimeUnit.NANOSECONDS))
          .measurementTime(new TimeValue(lengths.iteration, TimeUnit.NANOSECONDS));
    }
    pairing.parameters().forEach((name, value) -> options.param(name, value));
    return options;
  }

  private static List<Double> speeds(RunResult run, String rate, Map<String, List<Double>> also) {
    List<Double> speeds = new ArrayList<>();
    double unit = run.getParams().getTimeUnit().toNanos(1) / 1e9;
    boolean throughput = run.getParams().getMode() == Mode.Throughput;
    for (BenchmarkResult fork : run.getBenchmarkResults()) {
      for (IterationResult iteration : fork.getIterationResults()) {
        Result<?> shown =
            rate.isEmpty()
                ? iteration.getPrimaryResult()
                : iteration.getSecondaryResults().getOrDefault(rate, iteration.getPrimaryResult());
        double score = shown.getScore();
        speeds.add(throughput ? score / unit : 1 / (score * unit));
      }
      fork.getSecondaryResults()
          .forEach((name, result) -> {
            // counters of the class stand in the figures already
            if (name.startsWith("gc.") || name.contains("·") || name.contains(":")) {
              also.computeIfAbsent(
                      name.replace("·", "") + " (" + result.getScoreUnit() + ")",
                      key -> new ArrayList<>())
                  .add(result.getScore());
            }
          });
    }
    speeds.removeIf(speed -> !(speed > 0 && Double.isFinite(speed)));
    return speeds;
  }

  private static boolean isMissing(String text) {
    return text.contains(MissingPeerException.MARK) || text.contains(SKIPPED);
  }

  /// Why there are no figures, from what the measured process printed.
  static String reason(String text) {
    int missing = text.indexOf(MissingPeerException.MARK);
    if (missing >= 0) {
      return text.substring(missing + MissingPeerException.MARK.length())
          .lines()
          .findFirst()
          .orElse("missing");
    }
    Matcher failure = FAILURE.matcher(text);
    if (failure.find()) {
      for (int group = 1; group <= failure.groupCount(); group++) {
        String found = failure.group(group);
        if (found != null) {
          return found.strip();
        }
      }
    }
    return "the measured process gave no figure; -v EXTRA shows what it said";
  }
}
