package dev.quintet.tokenizers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;

/// Encodes many texts on several threads; the results stand in the texts' order.
final class Parallel {

  /// Large enough that taking one costs nothing.
  private static final int LARGEST_CHUNK = 64;

  /// Enough chunks per thread to share out texts of different lengths evenly.
  private static final int CHUNKS_A_THREAD = 8;

  private Parallel() {}

  /// The results of a function on all texts.
  ///
  /// @throws IllegalArgumentException when it fails; the message names the first text on which it does, whatever the
  ///     number of threads
  static <T> List<T> encode(
      List<? extends CharSequence> texts,
      int threads,
      IntFunction<T[]> array,
      Function<CharSequence, T> encode) {
    if (threads < 1) {
      throw new IllegalArgumentException("encodeAll: expected at least 1 thread, got " + threads);
    }
    CharSequence[] in = texts.toArray(CharSequence[]::new);
    T[] out = array.apply(in.length);
    int chunk = Math.clamp(in.length / (CHUNKS_A_THREAD * threads), 1, LARGEST_CHUNK);
    int chunks = (in.length + chunk - 1) / chunk;
    int workers = Math.min(threads, chunks);
    AtomicInteger next = new AtomicInteger();
    RuntimeException[] failures = new RuntimeException[in.length];
    // Chunks are taken in order, so the first text that fails is always among those tried.
    Runnable work =
        () -> {
          for (int c = next.getAndIncrement(); c < chunks; c = next.getAndIncrement()) {
            for (int i = c * chunk; i < Math.min(in.length, (c + 1) * chunk); i++) {
              try {
                out[i] = encode.apply(Objects.requireNonNull(in[i], "it is null"));
              } catch (RuntimeException failed) {
                failures[i] = failed;
                next.set(chunks);
                return;
              }
            }
          }
        };
    if (workers <= 1) {
      work.run();
    } else {
      runAll(work, workers);
    }
    for (int i = 0; i < failures.length; i++) {
      if (failures[i] != null) {
        throw new IllegalArgumentException(
            "encodeAll: text " + i + " cannot be encoded: " + failures[i].getMessage(),
            failures[i]);
      }
    }
    return Arrays.asList(out);
  }

  private static void runAll(Runnable work, int workers) {
    try (var pool = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        running.add(pool.submit(work));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException("encodeAll: a worker failed", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("encodeAll: interrupted", interrupted);
    }
  }
}
