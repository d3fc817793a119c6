package dev.quintet.trainer.loop;

/// A training run cannot go on; the message says where and what to do.
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Says where and what to do.
  public TrainingException(String message) {
    super(message);
  }
}
