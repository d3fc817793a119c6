package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.Work;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A method of ours with its parameters, and the peers beside it.
///
/// @param benchmark the class, without its package
/// @param method ours
/// @param parameters the values by name
/// @param unit what a speed counts, such as `tokens/s`; empty for calls, which are shown as time
/// @param work what a call does
/// @param ours what came of ours
/// @param peers what came of the others
record Contest(
    String benchmark,
    String method,
    SequencedMap<String, String> parameters,
    String unit,
    Work work,
    Side ours,
    List<Side> peers) {
  Contest {
    parameters = new LinkedHashMap<>(parameters);
    peers = List.copyOf(peers);
  }

  /// By this a contest is found in another run.
  String key() {
    return key(benchmark, method, parameters);
  }

  static String key(String benchmark, String method, Map<String, String> parameters) {
    return benchmark + "." + method + parameters;
  }

  /// The class without what all of them end with, and the method.
  String title() {
    return benchmark.replaceFirst("Benchmark$", "") + "." + method;
  }

  String settings() {
    return settings(parameters);
  }

  /// Parameters as a reader sees them.
  static String settings(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(one -> one.getKey() + "=" + one.getValue())
        .collect(Collectors.joining(" "));
  }

  /// By this a reader tells it from the others of a run.
  String label() {
    return (title() + " " + settings()).strip();
  }

  /// Ours, then the peers.
  List<Side> sides() {
    return Stream.concat(Stream.of(ours), peers.stream()).toList();
  }
}
