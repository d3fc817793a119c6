package dev.quintet.tokenizers.sentencepiece.train;

import java.util.List;

/// Keeps a random sample of a stream of unknown length (Vitter 1985, algorithm R).
///
/// @param <T> what is sampled
final class Reservoir<T> {

  private final List<T> sample;
  private final int size;
  private final MersenneTwister random;
  private long seen;

  Reservoir(List<T> sample, int size, int seed) {
    this.sample = sample;
    this.size = size;
    this.random = new MersenneTwister(seed);
  }

  void add(T item) {
    if (size == 0) {
      return;
    }
    seen++;
    if (sample.size() < size) {
      sample.add(item);
      return;
    }
    long place = random.below(seen);
    if (place < size) {
      sample.set((int) place, item);
    }
  }
}
