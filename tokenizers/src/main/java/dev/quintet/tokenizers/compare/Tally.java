package dev.quintet.tokenizers.compare;

import java.util.Optional;

/// Counts for one tokenizer and one type of texts.
final class Tally {

  private final long[] counts;
  private final int unknown;
  private long texts;
  private long bytes;
  private long characters;
  private long tokens;
  private long lossy;
  private Optional<Loss> first = Optional.empty();

  Tally(int size, int unknown) {
    this.counts = new long[size];
    this.unknown = unknown;
  }

  void add(int[] ids, long textBytes, long textCharacters, Optional<Loss> loss) {
    texts++;
    bytes += textBytes;
    characters += textCharacters;
    tokens += ids.length;
    for (int id : ids) {
      counts[id]++;
    }
    if (loss.isPresent()) {
      lossy++;
      first = first.or(() -> loss);
    }
  }

  Measures measures() {
    int used = 0;
    for (long count : counts) {
      used += count > 0 ? 1 : 0;
    }
    return new Measures(
        texts,
        bytes,
        characters,
        tokens,
        unknown >= 0 && unknown < counts.length ? counts[unknown] : 0,
        used,
        Measures.renyiEfficiency(counts),
        lossy,
        first);
  }
}
