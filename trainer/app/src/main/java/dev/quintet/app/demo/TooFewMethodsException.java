package dev.quintet.app.demo;

/// The sources are too small for the task; the message says what would be enough.
public final class TooFewMethodsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooFewMethodsException(String message) {
    super(message);
  }
}
