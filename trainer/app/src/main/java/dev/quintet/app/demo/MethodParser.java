package dev.quintet.app.demo;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// Reads the methods of a [SourceTree] with the JDK's own parser, on several threads.
///
/// Only syntax is looked at (`JavacTask.parse`), so nothing needs to be on a class path, and a file
/// that does not parse is counted and passed over. Results are in the order of the tree's paths and
/// do not depend on the number of threads.
public final class MethodParser {
  /// Files a task parses together: enough to pay for setting javac up, few enough that one
  /// thread's syntax trees stay small.
  private static final int BATCH = 32;

  /// Nested expressions are parsed by recursion; generated sources nest them deeply.
  private static final long STACK_BYTES = 64L << 20;

  private MethodParser() {}

  /// Hears how far the parser is; called from the parsing threads, one call at a time.
  @FunctionalInterface
  public interface Progress {
    /// @param files files read so far, ascending
    /// @param total files in all
    void parsed(int files, int total);
  }

  /// Parses every file of the tree.
  ///
  /// @throws IOException when the tree as a whole cannot be read or the thread is interrupted
  /// @throws IllegalStateException when this Java has no compiler
  public static ParsedMethods parse(SourceTree tree, int threads) throws IOException {
    return parse(tree, threads, (files, total) -> {});
  }

  /// Parses every file of the tree and reports progress.
  ///
  /// @throws IOException when the tree as a whole cannot be read or the thread is interrupted
  /// @throws IllegalStateException when this Java has no compiler
  public static ParsedMethods parse(SourceTree tree, int threads, Progress progress)
      throws IOException {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "MethodParser.parse: expected at least 1 thread, got " + threads);
    }
    if (ToolProvider.getSystemJavaCompiler() == null) {
      throw new IllegalStateException(
          "MethodParser.parse: this Java has no compiler (module jdk.compiler); run it on a JDK,"
              + " not a JRE. java.home is "
              + System.getProperty("java.home"));
    }
    var run = new Run(tree, progress);
    var workers = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(threads, run.batches); i++) {
      var worker = new Thread(null, run, "method-parser-" + i, STACK_BYTES);
      // An exception elsewhere must not leave the program waiting for its parser.
      worker.setDaemon(true);
      worker.start();
      workers.add(worker);
    }
    return run.await(workers);
  }

  private static final class Run implements Runnable {
    private final SourceTree tree;
    private final Progress progress;
    private final List<String> paths;
    private final int batches;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<ParsedMethods> results;
    private int done;

    Run(SourceTree tree, Progress progress) {
      this.tree = tree;
      this.progress = progress;
      this.paths = tree.paths();
      this.batches = (paths.size() + BATCH - 1) / BATCH;
      this.results = new ArrayList<>(Collections.nCopies(batches, ParsedMethods.NONE));
    }

    @Override
    public void run() {
      try (var batchParser = new BatchParser(tree)) {
        for (int batch = next.getAndIncrement();
            batch < batches && failure.get() == null;
            batch = next.getAndIncrement()) {
          var part = paths.subList(batch * BATCH, Math.min(paths.size(), (batch + 1) * BATCH));
          finished(batch, batchParser.parse(part), part.size());
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      }
    }

    private synchronized void finished(int batch, ParsedMethods methods, int files) {
      results.set(batch, methods);
      done += files;
      progress.parsed(done, paths.size());
    }

    ParsedMethods await(List<Thread> workers) throws IOException {
      try {
        for (Thread worker : workers) {
          worker.join();
        }
      } catch (InterruptedException e) {
        failure.compareAndSet(null, e);
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("Parsing " + tree.description() + " was interrupted");
      }
      Throwable thrown = failure.get();
      if (thrown instanceof IOException e) {
        throw e;
      }
      if (thrown instanceof Error e) {
        throw e;
      }
      if (thrown != null) {
        throw new IllegalStateException("Parsing " + tree.description() + " failed", thrown);
      }
      return ParsedMethods.concatenate(results);
    }
  }
}
