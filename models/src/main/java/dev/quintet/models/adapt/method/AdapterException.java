package dev.quintet.models.adapt.method;

/// An adapter that cannot be: its files do not fit the model, its settings contradict each other, or ask for what there
/// is not.
public final class AdapterException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /// Says what was expected, what came, where, and what to do.
  public AdapterException(String message) {
    super(message);
  }

  /// Says so of something that failed below.
  public AdapterException(String message, Throwable cause) {
    super(message, cause);
  }
}
