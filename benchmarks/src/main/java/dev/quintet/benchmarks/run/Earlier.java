package dev.quintet.benchmarks.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A run that ended before all its rows were measured, and is gone on with.
///
/// @param file where it is
/// @param report what it has
record Earlier(Path file, Report report) {

  /// Reads it.
  ///
  /// @throws IllegalArgumentException if there is none, or it is one of another preset
  static Earlier read(Path file, Preset preset) {
    Report report = ReportFile.read("--continue", file);
    if (!report.preset().equals(preset.toString())) {
      throw new IllegalArgumentException(
          "--continue %s: it is a run of %s, this would be one of %s"
              .formatted(file, report.preset(), preset));
    }
    return new Earlier(file, report);
  }

  /// Its rows that were measured, and the machine's peak of both.
  ///
  /// @param machine as it is now
  /// @throws IllegalArgumentException if it is another one, whose rows cannot stand in one table
  Report goingOn(Machine machine) {
    List<String> different = new ArrayList<>();
    machine
        .facts()
        .forEach((name, now) -> {
          String then = report.machine().getOrDefault(name, "nothing");
          if (!then.equals(now)) {
            different.add("%s was %s, now it is %s".formatted(name, then, now));
          }
        });
    if (!different.isEmpty()) {
      throw new IllegalArgumentException(
          "--continue %s: %s; begin anew, and compare by --baseline"
              .formatted(file, String.join("; ", different)));
    }
    List<Contest> measured =
        report.contests().stream().filter(one -> one.ours().isThere()).toList();
    return report.with(measured, false).with(machine.roof());
  }

  /// Whether a row was measured.
  static boolean has(Report report, Catalog.Pairing row) {
    return report.contests().stream().anyMatch(one -> one.key().equals(key(row)));
  }

  private static String key(Catalog.Pairing row) {
    return Contest.key(row.group().type().getSimpleName(), row.ours(), row.parameters());
  }
}
