package dev.quintet.app.demo;

import java.time.Duration;
import java.time.Instant;

/// The time that a demo has taken: over all its parts where it was interrupted, less what was done twice.
///
/// It is cut into phases without gaps; what a resumed demo does before its first phase, such as reading again what is
/// there, is repetition and does not count.
final class DemoClock {
  /// A process older than this was not started for the demo.
  private static final Duration START = Duration.ofSeconds(15);

  private double before;
  private long mark;
  private boolean running;

  /// A clock of a demo whose finished phases have taken so many seconds.
  DemoClock(double before) {
    this.before = before;
  }

  /// Begins to count, unless a phase before has begun already.
  ///
  /// @param fresh whether nothing was done by an earlier process: then the start of this one counts too
  void begin(boolean fresh) {
    if (!running) {
      running = true;
      mark = System.nanoTime() - (fresh ? sinceStart().toNanos() : 0);
    }
  }

  /// The phase goes on where an earlier process left it after so many seconds of it.
  void continued(double seconds) {
    mark = System.nanoTime() - (long) (1e9 * seconds);
  }

  /// Seconds of the present phase so far.
  double phase() {
    return running ? (System.nanoTime() - mark) / 1e9 : 0;
  }

  /// Seconds of all so far.
  double used() {
    return before + phase();
  }

  /// Ends the phase; the next one begins at the same moment.
  ///
  /// @return its seconds
  double end() {
    double seconds = phase();
    before += seconds;
    mark = System.nanoTime();
    return seconds;
  }

  private static Duration sinceStart() {
    return ProcessHandle.current()
        .info()
        .startInstant()
        .map(start -> Duration.between(start, Instant.now()))
        .filter(age -> !age.isNegative() && age.compareTo(START) < 0)
        .orElse(Duration.ZERO);
  }
}
