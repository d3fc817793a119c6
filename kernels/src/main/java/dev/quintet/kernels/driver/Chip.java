package dev.quintet.kernels.driver;

/// What kind of GPU a device is.
///
/// @param name as the driver gives it
/// @param major the compute capability before the point
/// @param minor the compute capability behind it
/// @param processors streaming multiprocessors
/// @param sharedBytes the most shared memory that a block may ask for
/// @param memory bytes of device memory
public record Chip(
    String name, int major, int minor, int processors, int sharedBytes, long memory) {

  /// The compute capability in one number, such as 90.
  public int capability() {
    return 10 * major + minor;
  }

  @Override
  public String toString() {
    return name + " with compute capability " + major + "." + minor;
  }
}
