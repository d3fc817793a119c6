package dev.quintet.trainer.loop;

/// A checkpoint belongs to another run: other data, another model or other settings.
public final class OtherRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Says what differs.
  public OtherRunException(String message) {
    super(message);
  }
}
