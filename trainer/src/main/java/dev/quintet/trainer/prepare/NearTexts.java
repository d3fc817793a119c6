package dev.quintet.trainer.prepare;

import java.util.Optional;
import java.util.OptionalInt;

/// Texts to compare others with, which are no more than fit beside rows that are streamed.
final class NearTexts {
  /// What they may take beside millions of streamed rows, of a heap that may have no more than 256 MB.
  static final long STREAMED = 24L << 20;

  private Optional<NearDuplicates> texts = Optional.of(new NearDuplicates());
  private boolean full;
  private int size;
  private final long most;

  /// @param most bytes that they may take, about
  NearTexts(long most) {
    this.most = most;
  }

  /// Whether no text is added any more.
  boolean full() {
    return full;
  }

  int size() {
    return size;
  }

  OptionalInt find(String text) {
    return texts.orElseThrow().find(text);
  }

  void add(String text) {
    if (!full) {
      texts.orElseThrow().add(text);
      count();
    }
  }

  OptionalInt addUnlessFound(String text) {
    if (full) {
      return find(text);
    }
    OptionalInt found = texts.orElseThrow().addUnlessFound(text);
    count();
    return found;
  }

  private void count() {
    size = texts.orElseThrow().size();
    full = texts.orElseThrow().bytes() >= most;
  }

  /// Lets go of the texts, with which nothing is compared any more.
  void release() {
    texts = Optional.empty();
  }
}
