package dev.quintet.trainer.search;

/// A trial whose settings do not work, such as a rate at which the loss is no number: it counts as the worst so far, and
/// the search goes on.
public final class TrialFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// A failure.
  ///
  /// @param reason one line for the journal
  /// @param cause what happened
  public TrialFailedException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
