package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DropoutMask;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Dropout on the device.
final class CudaDropout {
  /// The size of the mask that `dropout.cuh` declares.
  static final int MASK_BYTES = 64;

  /// The alignment of that mask.
  static final int MASK_ALIGNMENT = 8;

  private CudaDropout() {}

  /// A mask as kernels take it by value: `DropoutMask` of `dropout.cuh`.
  static ByteBuffer mask(DropoutMask mask) {
    return ByteBuffer.allocate(MASK_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(mask.seed())
        .putLong(mask.step())
        .putLong(mask.site())
        .putLong(mask.firstRow())
        .putLong(mask.state())
        .putLong(mask.places())
        .putInt(mask.threshold())
        .putFloat(mask.scale())
        .putLong(0)
        .flip();
  }
}
