package dev.quintet.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A run, as its file keeps it.
///
/// @param at when it began, in UTC
/// @param preset `quick` or `full`
/// @param complete whether it came to its end
/// @param machine what is known of the machine and the JDK, by name
/// @param peaks what the machine could do, each time that it was measured: at the start, and after each row
/// @param before the load in the minute before, and the share that others took in the second before
/// @param contests what was measured
record Report(
    String at,
    String preset,
    boolean complete,
    SequencedMap<String, String> machine,
    List<Roof> peaks,
    Before before,
    List<Contest> contests) {

  /// @param load the system's average of the minute before; NaN where it has none
  /// @param others the share of all processors that others took in the second before; NaN where nobody knows
  record Before(double load, double others) {}

  Report {
    machine = new LinkedHashMap<>(machine);
    peaks = List.copyOf(peaks);
    contests = List.copyOf(contests);
  }

  /// What the machine can do.
  Roof roof() {
    return Roof.largest(peaks);
  }

  Report with(List<Contest> measured, boolean ended) {
    return new Report(at, preset, ended, machine, peaks, before, measured);
  }

  /// This one, after the machine was measured once more.
  Report with(Roof peak) {
    List<Roof> more = new ArrayList<>(peaks);
    more.add(peak);
    return new Report(at, preset, complete, machine, more, before, contests);
  }
}
