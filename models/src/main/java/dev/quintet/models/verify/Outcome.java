package dev.quintet.models.verify;

/// How a comparison came out.
public enum Outcome {
  /// Within the tolerance.
  PASS("pass"),
  /// Beyond the tolerance.
  FAIL("FAIL"),
  /// Recorded, but nothing here computes it.
  UNSUPPORTED("not supported yet"),
  /// Computed here, but the recording does not have it.
  NOT_RECORDED("not recorded");

  private final String text;

  Outcome(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
