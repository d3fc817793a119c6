package dev.quintet.app.demo;

/// A demo cannot be started or continued in a folder; the message says why and what to do.
public final class DemoFolderException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Says why and what to do.
  public DemoFolderException(String message) {
    super(message);
  }
}
