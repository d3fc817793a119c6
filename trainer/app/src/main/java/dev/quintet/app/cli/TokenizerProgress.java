package dev.quintet.app.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;

/// Shows on standard error how far the training of a tokenizer is: how much is read, then what is
/// being done. Short trainings are silent.
final class TokenizerProgress implements Consumer<String>, AutoCloseable {
  private static final long FIRST_NANOS = 3_000_000_000L;
  private static final long NEXT_NANOS = 5_000_000_000L;

  private final long total;
  private final boolean quiet;
  private final PrintStream out = System.err;
  private final long start = System.nanoTime();
  private long due = start + FIRST_NANOS;
  private long calls;

  TokenizerProgress(CorpusFiles corpus, boolean quiet) {
    this.total = corpus.bytes();
    this.quiet = quiet;
  }

  /// Shows how many bytes were read so far.
  void read(long bytes) {
    // The clock costs more than a short line.
    if (!quiet && (++calls & 0xFFF) == 0 && System.nanoTime() >= due) {
      String megabytes = String.format(Locale.ROOT, "%,d MB", bytes >> 20);
      print(
          total == 0
              ? "read " + megabytes
              : String.format(
                  Locale.ROOT, "read %s, %d%%", megabytes, Math.min(100, 100 * bytes / total)));
    }
  }

  @Override
  public void accept(String stage) {
    if (!quiet && System.nanoTime() >= due) {
      print(stage);
    }
  }

  private void print(String message) {
    long now = System.nanoTime();
    out.println("training  " + message + "  " + ProgressLines.clock((now - start) / 1e9));
    due = now + NEXT_NANOS;
  }

  @Override
  public void close() {
    out.flush();
  }
}
