package dev.quintet.tokenizers.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// Encodes many texts on several threads; the results stand in the texts' order.
final class Batch {

  /// Small enough to share out evenly, large enough that taking one costs nothing.
  private static final int CHUNK = 64;

  private Batch() {}

  static List<Encoding> encode(
      Tokenizer tokenizer, List<? extends CharSequence> texts, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("encodeAll: expected at least 1 thread, got " + threads);
    }
    CharSequence[] in = texts.toArray(CharSequence[]::new);
    Encoding[] out = new Encoding[in.length];
    int chunks = (in.length + CHUNK - 1) / CHUNK;
    int workers = Math.min(threads, chunks);
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int c = next.getAndIncrement(); c < chunks; c = next.getAndIncrement()) {
            for (int i = c * CHUNK; i < Math.min(in.length, (c + 1) * CHUNK); i++) {
              out[i] = tokenizer.encode(in[i]);
            }
          }
        };
    if (workers <= 1) {
      work.run();
    } else {
      runAll(work, workers);
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
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
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
