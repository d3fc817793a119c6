package dev.quintet.core.backend;

/// How near one of a device's own instructions came to what its kernels were proved with; see [Backend#calibrate].
///
/// @param instruction what was tried
/// @param values how many results were compared
/// @param apart by how much they differ at most, or how many do
/// @param allowed how much is documented
/// @param unit what both are counted in
public record Calibration(String instruction, int values, double apart, double allowed, Unit unit) {

  /// How results are compared.
  public enum Unit {
    /// How many results have other bits.
    OTHER_BITS,
    /// Units in the last place of a float32.
    ULPS,
    /// The difference itself.
    DIFFERENCE
  }

  /// Whether it does what kernels take it for.
  public boolean passed() {
    return apart <= allowed;
  }
}
