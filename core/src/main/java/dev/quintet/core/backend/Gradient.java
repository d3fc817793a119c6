package dev.quintet.core.backend;

/// Where a kernel puts a gradient.
///
/// @param address of its first element; 0 leaves the gradient out
/// @param add whether to add to what is there; if not, that is undefined and written over
public record Gradient(long address, boolean add) {
  /// A gradient that nobody wants.
  public static final Gradient NONE = new Gradient(0, false);

  /// Whether the gradient is to be computed.
  public boolean wanted() {
    return address != 0;
  }

  /// The gradient of the elements that lie this many bytes further on, if it is wanted.
  public Gradient plus(long bytes) {
    return wanted() ? new Gradient(address + bytes, add) : this;
  }
}
