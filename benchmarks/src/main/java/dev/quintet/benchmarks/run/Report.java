package dev.quintet.benchmarks.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A run, as its file keeps it.
///
/// @param at when it began, in UTC
/// @param preset `quick` or `full`
/// @param complete whether it came to its end
/// @param machine what is known of the machine and the JDK, by name
/// @param roof what the machine can do
/// @param before the load in the minute before, and the share that others took in the second before
/// @param contests what was measured
record Report(
    String at,
    String preset,
    boolean complete,
    SequencedMap<String, String> machine,
    Roof roof,
    Before before,
    List<Contest> contests) {

  /// @param load the system's average of the minute before; NaN where it has none
  /// @param others the share of all processors that others took in the second before; NaN where nobody knows
  record Before(double load, double others) {}

  Report {
    machine = new LinkedHashMap<>(machine);
    contests = List.copyOf(contests);
  }

  Report with(List<Contest> measured, boolean ended) {
    return new Report(at, preset, ended, machine, roof, before, measured);
  }
}
