package dev.quintet.core.cpu.work;

/// Cuts the work of kernels into parts, by shape alone.
///
/// A part is some microseconds of work, several times what handing it out costs; what is no larger than two
/// parts runs in the caller at once.
public final class Cuts {
  /// Elements of a part.
  public static final int PART = 1 << 14;

  /// Elements that one call of a loop sees. A loop that is called seldom and runs long is compiled before anything is
  /// known of its first lines, and these are then left out of line.
  private static final int RUN = 1 << 12;

  private Cuts() {}

  /// The work on some elements.
  @FunctionalInterface
  public interface Range {
    /// Does `count` elements from `from` on.
    void run(long from, int count);
  }

  /// Runs `body` over `count` elements.
  public static void elements(long count, Range body) {
    items(
        count,
        1,
        (from, n) -> {
          for (int done = 0; done < n; done += RUN) {
            body.run(from + done, Math.min(RUN, n - done));
          }
        });
  }

  /// Runs `body` over `count` items, such as rows, of `size` elements each.
  public static void items(long count, long size, Range body) {
    long each = Math.max(1, PART / Math.max(1, size));
    if (count <= 2 * each) {
      if (count > 0) {
        body.run(0, (int) count);
      }
      return;
    }
    int parts = Math.toIntExact((count + each - 1) / each);
    WorkerPool.shared()
        .run(
            parts,
            part -> {
              long from = part * each;
              body.run(from, (int) Math.min(each, count - from));
            });
  }
}
