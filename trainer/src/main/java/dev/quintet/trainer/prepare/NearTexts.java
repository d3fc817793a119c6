package dev.quintet.trainer.prepare;

import java.util.OptionalInt;

/// Texts to compare others with, which are no more than fit beside rows that are streamed.
final class NearTexts {
  /// What they may take beside streamed rows, of a heap that may have no more than 256 MB.
  static final long STREAMED = 48L << 20;

  private final NearDuplicates texts = new NearDuplicates();
  private final long most;

  /// @param most bytes that they may take, about
  NearTexts(long most) {
    this.most = most;
  }

  /// Whether no text is added any more.
  boolean full() {
    return texts.bytes() >= most;
  }

  int size() {
    return texts.size();
  }

  OptionalInt find(String text) {
    return texts.find(text);
  }

  void add(String text) {
    if (!full()) {
      texts.add(text);
    }
  }

  OptionalInt addUnlessFound(String text) {
    return full() ? texts.find(text) : texts.addUnlessFound(text);
  }
}
