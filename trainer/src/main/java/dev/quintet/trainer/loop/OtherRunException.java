package dev.quintet.trainer.loop;

/// A folder or a checkpoint is not this run's: it belongs to one with other data, another model or other settings, one
/// that is running, or to somebody who put other files there.
public final class OtherRunException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Says what differs, or what is in the way.
  public OtherRunException(String message) {
    super(message);
  }
}
