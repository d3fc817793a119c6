package dev.quintet.app.measure;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// Runs the parts, prints what each has found, and writes all of it as JSON after each.
///
/// Exit codes: 0 all that was begun came to an end; 1 some did not; 2 there is no device, or the command is wrong.
public final class Measure {
  private static final String USAGE =
      """
      usage: measure [--skip 3,7] [--toy] [--golden FOLDER] [--out FILE.json]
        --skip    parts to leave out, by number: %s
        --toy     sizes for an emulated device
        --golden  a folder with folders of recorded models
        --out     where the results go; default: quintet-measured.json\
      """
          .formatted(numbers());

  private final List<String> results = new ArrayList<>();
  private Path out = Path.of("quintet-measured.json");
  private Path golden = Path.of("golden");
  private boolean toy;
  private final Set<Integer> skipped = new TreeSet<>();

  private Measure() {}

  /// Measures and exits.
  public static void main(String... arguments) throws IOException, InterruptedException {
    System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    if (arguments.length == 6 && arguments[0].equals("--part")) {
      onePart(arguments);
      return;
    }
    System.exit(run(arguments));
  }

  /// Measures.
  ///
  /// @return the exit code
  static int run(String... arguments) throws IOException, InterruptedException {
    return new Measure().all(arguments);
  }

  private int all(String... arguments) throws IOException, InterruptedException {
    if (List.of(arguments).contains("--help") || List.of(arguments).contains("-h")) {
      System.out.println(USAGE);
      return 0;
    }
    try {
      parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + USAGE);
      return 2;
    }
    Backend backend;
    try {
      backend = Backends.of(Device.cuda(0));
    } catch (DeviceUnavailableException e) {
      System.err.println("nothing to measure on: " + e.getMessage());
      return 2;
    }
    if (Files.exists(out)) {
      System.err.println(out + " is there already: name another file with --out");
      return 2;
    }
    System.out.println(backend.description());
    boolean emulated = Boolean.TRUE.equals(backend.details().get("stand_in"));
    if (emulated) {
      toy = true;
      System.out.println(
          "this is the stand-in, which emulates a GPU: sizes are toys, and no time is a GPU's");
    }
    var head = new LinkedHashMap<String, Object>();
    head.put("device", backend.description());
    head.put("stand_in", emulated);
    head.put("toy", toy);
    boolean whole = true;
    for (Part part : Part.values()) {
      if (skipped.contains(part.number)) {
        System.out.println("part " + part.number + ", " + part.title + ": skipped");
        continue;
      }
      String result = inProcess(part);
      whole &= !result.contains("\"failed\": \"") && !result.contains("\"passed\": false");
      System.out.print(ResultTable.of(result, emulated ? "the stand-in" : "the device"));
      results.add(result);
      write(head);
    }
    System.out.println("written to " + out.toAbsolutePath());
    return whole ? 0 : 1;
  }

  private void write(Map<String, Object> head) throws IOException {
    String text = JsonText.of(head);
    Files.writeString(
        out,
        text.substring(0, text.lastIndexOf('}')).stripTrailing()
            + ",\n  \"parts\": [\n"
            + String.join(",\n", results)
            + "\n]}\n");
  }

  private void parse(String... arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      if (option.equals("--toy")) {
        toy = true;
        continue;
      }
      if (!Set.of("--skip", "--golden", "--out").contains(option) || i + 1 == arguments.length) {
        throw new IllegalArgumentException("'" + option + "' is no option, or lacks its value");
      }
      String value = arguments[++i];
      switch (option) {
        case "--golden" -> golden = Path.of(value);
        case "--out" -> out = Path.of(value);
        default -> {
          for (String number : value.split(",")) {
            if (!numbers().contains(number.strip())) {
              throw new IllegalArgumentException("there is no part '" + number + "'");
            }
            skipped.add(Integer.parseInt(number.strip()));
          }
        }
      }
    }
  }

  /// A part in a process of its own, which is ended at the deadline.
  private String inProcess(Part part) throws IOException, InterruptedException {
    Path file = Files.createTempFile("quintet-part", ".json");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-XX:+UseParallelGC", "-cp", System.getProperty("java.class.path")));
    String driver = System.getProperty("quintet.cuda.driver", "");
    if (!driver.isBlank()) {
      command.add("-Dquintet.cuda.driver=" + driver);
    }
    command.addAll(part.properties());
    command.add(Measure.class.getName());
    command.addAll(List.of("--part", part.number + "", file + "", toy + ""));
    command.addAll(List.of(golden.toAbsolutePath() + "", out.toAbsolutePath() + ""));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(part.seconds(toy), TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    var result = new LinkedHashMap<String, Object>();
    result.put("part", part.number);
    result.put("title", part.title);
    result.put("seconds", Math.round((System.nanoTime() - start) / 1e7) / 100.0);
    String figures = Files.readString(file);
    Files.delete(file);
    Files.deleteIfExists(Path.of(file + ".next"));
    if (!ended) {
      result.put("failed", "cut off after " + part.seconds(toy) + " seconds");
    } else if (process.exitValue() != 0 || figures.isEmpty()) {
      result.put("failed", "ended with exit code " + process.exitValue());
    }
    String text = JsonText.of(result);
    return figures.isEmpty()
        ? text
        : text.substring(0, text.lastIndexOf('}')).stripTrailing()
            + ",\n  \"figures\": "
            + figures.strip()
            + "\n}";
  }

  private static void onePart(String... arguments) {
    Part part = Part.of(Integer.parseInt(arguments[1])).orElseThrow(IllegalArgumentException::new);
    Path file = Path.of(arguments[2]);
    var setting =
        new Part.Setting(
            Boolean.parseBoolean(arguments[3]),
            Path.of(arguments[4]),
            Path.of(arguments[5]),
            found -> keep(file, found));
    keep(file, part.run(setting));
  }

  /// In one move, since the part may be cut off at any moment.
  private static void keep(Path file, Map<String, Object> figures) {
    try {
      Path next = Files.writeString(Path.of(file + ".next"), JsonText.of(figures));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private static List<String> numbers() {
    var numbers = new ArrayList<String>();
    for (Part part : Part.values()) {
      numbers.add(part.number + "");
    }
    return numbers;
  }
}
