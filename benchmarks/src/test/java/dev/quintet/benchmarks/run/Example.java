package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.Work;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs that nobody measured.
final class Example {
  static final Roof ROOF = new Roof(2, 2e11, 4e11, 3e10, 6e10);

  private Example() {}

  static Side side(String method, String name, double... speeds) {
    return new Side(method, name, turns(speeds), Map.of(), List.of(), Optional.empty());
  }

  static Side missing(String method, String name, String why) {
    return new Side(method, name, List.of(), Map.of(), List.of(), Optional.of(why));
  }

  static List<Turn> turns(double... speeds) {
    return Arrays.stream(speeds)
        .mapToObj(speed -> new Turn(List.of(speed, speed * 0.5, speed * 2), 0.01, 0))
        .toList();
  }

  static Contest contest(String layer, Side ours, Side... peers) {
    var parameters = new LinkedHashMap<String, String>();
    parameters.put("layer", layer);
    return new Contest(
        "MatmulBenchmark", "quintet", parameters, "", new Work(2e8, 4e6), ours, List.of(peers));
  }

  static Report report(Contest... contests) {
    var machine = new LinkedHashMap<String, String>();
    machine.put("processor", "one <of> \"these\"");
    machine.put("java", "25");
    return new Report(
        "2026-01-02T03:04:05Z",
        "quick",
        true,
        machine,
        List.of(ROOF),
        new Report.Before(0.25, 0.01),
        List.of(contests));
  }
}
