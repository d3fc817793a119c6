package dev.quintet.benchmarks.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.options.CommandLineOptionException;

/// What the user wants: ours, taken out, and JMH's, which are passed on.
///
/// @param wish what to do
/// @param preset how long to take
/// @param names patterns of benchmarks, empty for all
/// @param excluded patterns of benchmarks to leave out
/// @param out where results go, without the ending; nothing for a name made of the time
/// @param baseline the file of an earlier run
/// @param goesOn the file of a run that ended early
/// @param properties of the measured processes
/// @param jmh JMH's options
/// @param given all of it as it was written
record BenchArguments(
    Wish wish,
    Preset preset,
    List<String> names,
    List<String> excluded,
    Optional<Path> out,
    Optional<Path> baseline,
    Optional<Path> goesOn,
    SequencedMap<String, String> properties,
    PassedOn jmh,
    List<String> given) {

  /// What to do.
  enum Wish {
    LIST,
    RUN,
    HELP,
    JMH_HELP,
    PROFILERS,
    FORMATS
  }

  /// How it is written; kept here beside what reads it.
  static final String USAGE =
      """
      ./quintet bench                        lists what can be measured
      ./quintet bench [quick|full] NAME...   measures the classes or methods whose name contains a NAME (a regular expression)
      ./quintet bench quick|full             measures all but those that want a CUDA device

      Each is measured beside its peers, in turns: a turn is a process of its own, which warms up first. Prints a table with
      medians, their spread, the ratio to each peer, and the share of what this machine can do (multiplications and additions,
      memory: measured at the start and after each row, on one thread and on all). Writes the same as JSON and as one page with charts.

        quick               few sizes, short iterations, 3 turns (the default)
        full                all sizes, each class's own iterations, 5 turns
        --out NAME          writes NAME.json and NAME.html; without it bench-TIME in this folder. A file that is there is
                            replaced only if bench wrote it
        --baseline FILE     compares with the JSON of an earlier run. A change counts only where every turn of one run lies
                            beyond every turn of the other, by more than 2 %; all else is noise, and fewer than 3 turns say nothing
        --continue FILE     goes on with a run that was interrupted: measures the rows that its JSON lacks, on the same machine, and
                            writes them all there (or to --out)
        -DNAME=VALUE        a property of the measured processes:
                              quintet.threads=1   threads, of peers too    quintet.cpu=256   width of our vectors
                              peer.onnx=DIR       exports of a T5 for ONNX Runtime (benchmarks/README.md says how to make them)
                              tokenizer.data=DIR  models and texts for tokenizers
        -h, --help          this text
        --jmh-help          JMH's own options, which may stand beside these, for example:
                              -p layer=512x512x512   one value of a parameter   -f 7   turns   -wi 3 -w 2s -i 5 -r 2s   iterations
                              -prof gc   a profiler, shown below the table   -e REGEX   leave out   -rf json -rff FILE   JMH's own results
                              -v EXTRA   JMH's own output

      The first time fetches JMH and the peers, some 400 MB: OpenBLAS, MKL, libtorch, ONNX Runtime, and tokenizers. What cannot be
      loaded here leaves its column empty, with the reason below the table. Ratios hold better than figures: bench says where others
      used the machine meanwhile.
      Exit: 0 measured; 1 a benchmark failed, or a file could not be written; 2 wrong usage; 130 interrupted (the rows that were measured are kept, and it says
      how to go on).
      """;

  private static final List<String> OURS_WITH_VALUE = List.of("--out", "--baseline", "--continue");

  /// Reads arguments.
  ///
  /// @throws IllegalArgumentException where they say nothing that could be done
  static BenchArguments of(String... arguments) {
    Optional<Wish> wish = Optional.empty();
    Optional<Preset> preset = Optional.empty();
    var values = new LinkedHashMap<String, String>();
    var properties = new LinkedHashMap<String, String>();
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      String name = argument.replaceFirst("=.*", "");
      if (OURS_WITH_VALUE.contains(name)) {
        String value;
        if (argument.length() > name.length()) {
          value = argument.substring(name.length() + 1);
        } else if (i + 1 < arguments.length) {
          value = arguments[++i];
        } else {
          value = "";
        }
        if (value.isEmpty()) {
          throw new IllegalArgumentException(name + ": expected a file behind it");
        }
        if (values.put(name, value) != null) {
          throw new IllegalArgumentException(name + " stands twice");
        }
      } else if (argument.startsWith("-D")) {
        putProperty(properties, argument);
      } else if (argument.equals("-h") || argument.equals("--help")) {
        wish = Optional.of(Wish.HELP);
      } else if (argument.equals("--jmh-help")) {
        wish = wish.or(() -> Optional.of(Wish.JMH_HELP));
      } else if (isPreset(argument) && !isValue(arguments, i)) {
        Preset chosen = Preset.valueOf(argument.toUpperCase(java.util.Locale.ROOT));
        if (preset.isPresent() && preset.get() != chosen) {
          throw new IllegalArgumentException("quick and full: choose one");
        }
        preset = Optional.of(chosen);
      } else if (argument.startsWith("--") && argument.length() > 2) {
        throw new IllegalArgumentException("unknown option " + argument);
      } else if (argument.isBlank()) {
        throw new IllegalArgumentException("an empty name, which every benchmark's name contains");
      } else {
        rest.add(argument);
      }
    }
    PassedOn jmh = jmh(rest);
    boolean chosen = preset.isPresent();
    Wish what = wish.isPresent() ? wish.get() : wish(jmh, chosen);
    if (what == Wish.LIST && !jmh.lists() && arguments.length > 0) {
      throw new IllegalArgumentException(
          "name what to measure (quick, full or NAME), or take -l, which lists: %s alone measures nothing"
              .formatted(String.join(" ", arguments)));
    }
    return new BenchArguments(
        what,
        preset.orElse(Preset.QUICK),
        jmh.names(),
        jmh.excluded(),
        Optional.ofNullable(values.get("--out")).map(Path::of),
        Optional.ofNullable(values.get("--baseline")).map(Path::of),
        Optional.ofNullable(values.get("--continue")).map(Path::of),
        properties,
        jmh,
        List.of(arguments));
  }

  private static boolean isPreset(String argument) {
    return argument.equals("quick") || argument.equals("full");
  }

  /// Whether an argument belongs to an option of JMH before it.
  private static boolean isValue(String[] arguments, int at) {
    return at > 0 && arguments[at - 1].matches("-(o|rff|prof|p|e|jvm.*|wmb)");
  }

  private static void putProperty(SequencedMap<String, String> properties, String argument) {
    String[] pair = argument.substring(2).split("=", 2);
    if (pair[0].isBlank() || pair.length < 2) {
      throw new IllegalArgumentException(argument + ": expected -DNAME=VALUE");
    }
    properties.put(pair[0], pair[1]);
  }

  private static PassedOn jmh(List<String> arguments) {
    try {
      return new PassedOn(arguments.toArray(String[]::new));
    } catch (CommandLineOptionException e) {
      throw new IllegalArgumentException(
          String.valueOf(e.getMessage()).replaceFirst("^No enum constant \\S+\\.", "there is no ")
              + " (./quintet bench --jmh-help lists JMH's options)",
          e);
    }
  }

  private static Wish wish(PassedOn jmh, boolean preset) {
    if (jmh.shouldListProfilers()) {
      return Wish.PROFILERS;
    }
    if (jmh.shouldListResultFormats()) {
      return Wish.FORMATS;
    }
    boolean nothing = !preset && jmh.names().isEmpty();
    return nothing || jmh.lists() ? Wish.LIST : Wish.RUN;
  }

  /// What to write to go on with this run.
  ///
  /// @param json where its results are
  String goingOn(Path json) {
    List<String> words = new ArrayList<>(List.of("./quintet", "bench"));
    for (int i = 0; i < given.size(); i++) {
      if (given.get(i).equals("--continue")) {
        i++;
      } else if (!given.get(i).startsWith("--continue=")) {
        words.add(quoted(given.get(i)));
      }
    }
    words.addAll(List.of("--continue", quoted(json.toString())));
    return String.join(" ", words);
  }

  private static String quoted(String word) {
    return word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /// How many turns.
  int turns() {
    return Math.max(1, jmh.getForkCount().orElse(preset.turns()));
  }

  /// The format of JMH's own results, if they are wanted.
  Optional<ResultFormatType> resultFormat() {
    return jmh.resultFormat();
  }

  /// Modes other than each class's own are not measured: a speed could not be compared.
  void checkModes() {
    for (Mode mode : jmh.getBenchModes()) {
      throw new IllegalArgumentException(
          "-bm "
              + mode.shortLabel()
              + ": bench measures each class in its own mode; take"
              + " java -cp \"benchmarks.jar:lib/*\" org.openjdk.jmh.Main for others");
    }
  }
}
