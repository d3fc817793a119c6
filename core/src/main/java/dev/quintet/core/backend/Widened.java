package dev.quintet.core.backend;

import dev.quintet.core.shape.DType;
import org.jspecify.annotations.Nullable;

/// Float32 copies of bfloat16 operands, for kernels that compute in float32 alone: what they read is widened, and what
/// they write is narrowed at [#close]. A float32 operand stays where it is.
public final class Widened implements AutoCloseable {
  private final Backend backend;
  private @Nullable Borrowed
      borrowed; // made when the first operand needs it: most calls are of float32 alone
  private Runnable narrowing = () -> {};

  /// Nothing is widened yet.
  public Widened(Backend backend) {
    this.backend = backend;
  }

  /// The address of an operand's values in float32; 0 stays 0.
  ///
  /// @param count elements
  public long read(DType type, long address, long count) {
    if (type == DType.F32 || address == 0) {
      return address;
    }
    long wide = room(count);
    backend.layout().cast(type, DType.F32, address, wide, count);
    return wide;
  }

  /// The address where a result is to be written in float32; 0 stays 0.
  ///
  /// @param count elements
  public long write(DType type, long address, long count) {
    if (type == DType.F32 || address == 0) {
      return address;
    }
    long wide = room(count);
    Runnable earlier = narrowing;
    narrowing =
        () -> {
          earlier.run();
          backend.layout().cast(DType.F32, type, wide, address, count);
        };
    return wide;
  }

  /// Where a gradient is to be put, or added, in float32.
  ///
  /// @param count elements
  public Gradient write(DType type, Gradient gradient, long count) {
    if (type == DType.F32 || !gradient.wanted()) {
      return gradient;
    }
    long wide = write(type, gradient.address(), count);
    if (gradient.add()) {
      backend.layout().cast(type, DType.F32, gradient.address(), wide, count);
    }
    return new Gradient(wide, gradient.add());
  }

  private long room(long count) {
    Borrowed mine = borrowed;
    if (mine == null) {
      mine = new Borrowed(backend);
      borrowed = mine;
    }
    return mine.floats(count);
  }

  /// Narrows what was written and frees the copies.
  @Override
  public void close() {
    narrowing.run();
    if (borrowed != null) {
      borrowed.close();
    }
  }
}
