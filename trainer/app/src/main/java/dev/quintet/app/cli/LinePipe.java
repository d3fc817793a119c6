package dev.quintet.app.cli;

import dev.quintet.trainer.data.LineBlocks;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.data.TextLines;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Turns lines into lines on several threads: in order, in bounded memory, whatever the length of the input.
///
/// Input is UTF-8. A line ends at a line feed; a carriage return before it belongs to the line's end. Results are
/// written as soon as the input has nothing more to give at once, so that two programs can talk through it.
final class LinePipe {
  private static final int BLOCKS_A_THREAD = 4;

  /// What becomes of one line; called from several threads.
  interface Work {
    /// Appends the result, with its line end; nothing where the line is passed over.
    ///
    /// @throws IllegalArgumentException when something is wrong with the line; the message says what
    void line(String line, StringBuilder out);
  }

  private final int threads;
  private final PrintWriter out;

  /// @param threads how many threads work, at least 1
  LinePipe(int threads, PrintWriter out) {
    this.threads = threads;
    this.out = out;
  }

  /// Works through files one after the other, until the end or until nobody reads the results any more.
  ///
  /// @throws MalformedDataException when something is wrong with a line, after the results of those before it
  void run(List<Path> files, Work work) {
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      var running = new ArrayDeque<Future<Done>>();
      for (Path file : files) {
        try (LineBlocks lines = StandardInput.blocks(file)) {
          if (!run(lines, work, pool, running)) {
            return;
          }
        }
      }
    }
  }

  private boolean run(
      LineBlocks lines, Work work, ExecutorService pool, ArrayDeque<Future<Done>> running) {
    boolean more = true;
    while (more) {
      if (!lines.ready() && !write(running, 0)) {
        return false;
      }
      Optional<LineBlocks.Block> block = lines.next();
      more = block.isPresent();
      if (more) {
        Callable<Done> task = () -> work(block.get(), work);
        running.add(pool.submit(task));
      }
      if (!write(running, more ? BLOCKS_A_THREAD * threads : 0)) {
        return false;
      }
    }
    return true;
  }

  /// Writes results, the oldest first, until only so many are left; says whether somebody still reads.
  private boolean write(ArrayDeque<Future<Done>> running, int left) {
    while (!running.isEmpty() && (running.size() > left || running.element().isDone())) {
      Done done = get(running.remove());
      out.append(done.results);
      if (out.checkError()) { // it flushes too
        return false;
      }
      if (done.failure.isPresent()) {
        throw done.failure.get();
      }
    }
    return true;
  }

  private static Done get(Future<Done> running) {
    try {
      return running.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// The results of a block, and what ended it early.
  private record Done(StringBuilder results, Optional<RuntimeException> failure) {}

  private static Done work(LineBlocks.Block block, Work work) {
    var results = new StringBuilder(2 * block.size());
    long number = block.firstLine();
    byte[] bytes = block.bytes();
    int before = 0;
    try {
      for (int from = 0; from < block.size(); number++) {
        int to = from;
        while (to < block.size() && bytes[to] != '\n') {
          to++;
        }
        boolean returned = to < block.size() && to > from && bytes[to - 1] == '\r';
        before = results.length();
        String line = TextLines.text(bytes, from, returned ? to - 1 : to);
        work.line(line, results);
        from = to + 1;
      }
    } catch (IllegalArgumentException e) {
      results.setLength(before); // nothing of the line itself
      return new Done(
          results,
          Optional.of(
              new MalformedDataException(block.name(), number, String.valueOf(e.getMessage()))));
    } catch (RuntimeException e) {
      results.setLength(before);
      return new Done(results, Optional.of(e));
    }
    return new Done(results, Optional.empty());
  }
}
