package dev.quintet.benchmarks.step;

import java.util.Arrays;
import java.util.Locale;

/// The last times that something took, of which the median says more than a mean on a processor that others share.
final class Times {
  private final long[] nanoseconds = new long[4096];
  private int count;

  void add(long time) {
    nanoseconds[count++ % nanoseconds.length] = time;
  }

  /// Prints the best and the median of the later half, when all is compiled.
  void print(String what) {
    int kept = Math.min(count, nanoseconds.length);
    int from = count <= nanoseconds.length ? kept / 2 : 0;
    long[] late = Arrays.copyOfRange(nanoseconds, from, kept);
    Arrays.sort(late);
    if (late.length > 0) {
      System.out.printf(
          Locale.ROOT,
          "%n%s: best %.4f, median %.4f of %d%n",
          what,
          late[0] / 1e9,
          late[late.length / 2] / 1e9,
          late.length);
    }
  }
}
