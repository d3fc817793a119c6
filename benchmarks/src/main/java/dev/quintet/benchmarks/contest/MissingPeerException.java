package dev.quintet.benchmarks.contest;

/// A peer cannot be measured here, which is no fault of the benchmark: its column says why.
public final class MissingPeerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// By this the reason is found in what a measured process prints.
  public static final String MARK = MissingPeerException.class.getName() + ": ";

  /// @param reason what is missing, and how to get it
  public MissingPeerException(String reason) {
    super(reason.replace('\n', ' '));
  }

  /// @param reason what is missing, and how to get it
  /// @param cause what was tried
  public MissingPeerException(String reason, Throwable cause) {
    super(reason.replace('\n', ' '), cause);
  }
}
