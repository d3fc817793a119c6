package dev.quintet.models.checkpoint;

/// A model folder whose files are sound but do not make a model: something is missing, misshapen or unexpected.
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// Says which folder, what was expected and what is there.
  public CheckpointException(String message) {
    super(message);
  }
}
