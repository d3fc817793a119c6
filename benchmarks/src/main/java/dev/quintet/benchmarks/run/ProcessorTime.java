package dev.quintet.benchmarks.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// What all processors have done so far, and what of it this process and the children that it has waited for did, in ticks
/// (proc(5), stat and pid/stat). Only Linux tells.
///
/// @param all of all processors
/// @param busy of which something ran
/// @param stolen of which another machine of the host ran
/// @param own of which this process or its children ran
record ProcessorTime(long all, long busy, long stolen, long own) {
  private static final Path SYSTEM = Path.of("/proc/stat");
  private static final Path SELF = Path.of("/proc/self/stat");

  /// Until now; zeros where the system does not tell, so that shares since then are NaN.
  static ProcessorTime now() {
    try {
      return of(Files.readAllLines(SYSTEM).getFirst(), Files.readString(SELF));
    } catch (IOException e) {
      return new ProcessorTime(0, 0, 0, 0);
    }
  }

  /// Reads both lines.
  static ProcessorTime of(String system, String self) {
    // user nice system idle iowait irq softirq steal; what follows is counted in user and nice
    // already
    long[] ticks =
        Arrays.stream(system.strip().split("\\s+"))
            .skip(1)
            .limit(8)
            .mapToLong(Long::parseLong)
            .toArray();
    long all = Arrays.stream(ticks).sum();
    long idle = ticks[3] + ticks[4];
    long stolen = ticks.length > 7 ? ticks[7] : 0;
    // the name may hold spaces and parentheses
    String[] after = self.substring(self.lastIndexOf(')') + 2).strip().split("\\s+");
    long own = 0;
    for (int i = 11; i < 15; i++) { // utime stime cutime cstime
      own += Long.parseLong(after[i]);
    }
    return new ProcessorTime(all, all - idle - stolen, stolen, own);
  }

  /// The share of all processors that others took since.
  double othersSince(ProcessorTime earlier) {
    long total = all - earlier.all;
    return total <= 0
        ? Double.NaN
        : Math.max(0, (double) (busy - earlier.busy - (own - earlier.own)) / total);
  }

  /// The share of all processors that the host gave away since.
  double stolenSince(ProcessorTime earlier) {
    long total = all - earlier.all;
    return total <= 0 ? Double.NaN : (double) (stolen - earlier.stolen) / total;
  }
}
