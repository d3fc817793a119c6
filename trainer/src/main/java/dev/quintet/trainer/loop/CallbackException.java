package dev.quintet.trainer.loop;

/// A callback has thrown an exception, which is the cause.
final class CallbackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RuntimeException thrown;

  CallbackException(RuntimeException thrown) {
    super(thrown);
    this.thrown = thrown;
  }

  RuntimeException thrown() {
    return thrown;
  }
}
