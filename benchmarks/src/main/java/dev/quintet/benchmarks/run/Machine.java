package dev.quintet.benchmarks.run;

import dev.quintet.app.report.RunEnvironment;
import dev.quintet.benchmarks.Forked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// The machine and the JDK: what they are, and what they could do when it was asked.
///
/// @param facts by name
/// @param roof measured
record Machine(SequencedMap<String, String> facts, Roof roof) {

  /// Environment that decides which kernels peers take, or how much they wait for memory.
  private static final List<String> TELLING =
      List.of(
          "OPENBLAS_CORETYPE",
          "OPENBLAS_NUM_THREADS",
          "OMP_NUM_THREADS",
          "MKL_ENABLE_INSTRUCTIONS",
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_TRIM_THRESHOLD_",
          "QUINTET_CPU");

  /// Looks and measures, in a process of its own.
  ///
  /// @param properties of the measured processes
  static Machine measured(Map<String, String> properties) {
    Map<String, String> probed = probe(properties);
    var facts = new LinkedHashMap<String, String>();
    facts.put("processor", processor());
    facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put("computes", probed.getOrDefault("computes", ""));
    facts.put("vector bits", probed.getOrDefault("vector_bits", ""));
    facts.put("threads", probed.getOrDefault("threads", ""));
    facts.putAll(RunEnvironment.software());
    TELLING.forEach(name -> {
      String value = System.getenv(name);
      if (value != null) {
        facts.put(name, value);
      }
    });
    return new Machine(facts, roof(probed));
  }

  /// What it can do now, in a process of its own.
  ///
  /// @param properties of the measured processes
  static Roof roofNow(Map<String, String> properties) {
    return roof(probe(properties));
  }

  private static Roof roof(Map<String, String> probed) {
    return new Roof(
        (int) number(probed, "threads"),
        number(probed, "flops_of_one"),
        // what one thread reaches, all reach, whoever disturbed them
        Math.max(number(probed, "flops"), number(probed, "flops_of_one")),
        number(probed, "bytes_of_one"),
        Math.max(number(probed, "bytes"), number(probed, "bytes_of_one")));
  }

  private static double number(Map<String, String> probed, String name) {
    String value = probed.get(name);
    if (value == null) {
      throw new IllegalStateException(
          "measuring the machine: expected a line " + name + "=..., got " + probed.keySet());
    }
    return Double.parseDouble(value);
  }

  private static Map<String, String> probe(Map<String, String> properties) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(Forked.VECTORS, Forked.MEMORY, Forked.COLLECTOR, Forked.COUNTED, Forked.STRIPS));
    properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            "measuring the machine: the process ended with " + code + ": " + said.strip());
      }
      return said.lines()
          .filter(line -> line.matches("[a-z_]+=.*"))
          .map(line -> line.split("=", 2))
          .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> b));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "measuring the machine: cannot start " + command.getFirst(), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while measuring the machine", e);
    }
  }

  private static String processor() {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return System.getProperty("os.arch", "");
    }
    try {
      Map<String, String> first =
          Files.readAllLines(file).stream()
              .takeWhile(line -> !line.isBlank())
              .map(line -> line.split("\\s*:\\s*", 2))
              .filter(pair -> pair.length == 2)
              .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> a));
      return String.format(
          Locale.ROOT,
          "%s (family %s, model %s)",
          first.getOrDefault("model name", System.getProperty("os.arch", "")),
          first.getOrDefault("cpu family", "?"),
          first.getOrDefault("model", "?"));
    } catch (IOException e) {
      return System.getProperty("os.arch", "");
    }
  }
}
