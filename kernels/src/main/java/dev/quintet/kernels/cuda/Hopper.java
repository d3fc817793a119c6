package dev.quintet.kernels.cuda;

import dev.quintet.kernels.driver.Cuda;
import java.lang.System.Logger.Level;
import java.util.Optional;

/// Whether a device takes the kernels of Hopper's own instructions, which chips of compute capability 9.0 alone have.
final class Hopper {
  private static final System.Logger LOG = System.getLogger(Hopper.class.getName());

  private Hopper() {}

  /// Says so where the chip has the instructions, and this library no machine code for them.
  ///
  /// @param family of the kernels
  /// @param what does without them then
  static boolean takes(Cuda cuda, String family, String what) {
    if (cuda.chip().capability() != 90) {
      return false;
    }
    Optional<String> missing = cuda.missing(family);
    missing.ifPresent(why ->
        LOG.log(Level.WARNING, "{0}; {1} does without Hopper''s own instructions", why, what));
    return missing.isEmpty();
  }
}
