package dev.quintet.models.hub;

/// A model could not be fetched; the message says what, from where, and what to do next.
public final class HubException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean requested;

  /// Says what failed.
  public HubException(String message) {
    super(message);
    this.requested = false;
  }

  /// Says what failed and why.
  public HubException(String message, Throwable cause) {
    super(message, cause);
    this.requested = false;
  }

  private HubException(String message, boolean requested) {
    super(message);
    this.requested = requested;
  }

  /// Says what is wrong with what was asked for; asking again would not help.
  static HubException ofRequest(String message) {
    return new HubException(message, true);
  }

  /// Whether what was asked for is at fault (there is no such model, or none that may be read), and not a server, a
  /// connection or a disk.
  public boolean isOfRequest() {
    return requested;
  }
}
