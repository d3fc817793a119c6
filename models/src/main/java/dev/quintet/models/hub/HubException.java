package dev.quintet.models.hub;

/// A model could not be fetched; the message says what, from where, and what to do next.
public final class HubException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// Says what failed.
  public HubException(String message) {
    super(message);
  }

  /// Says what failed and why.
  public HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
