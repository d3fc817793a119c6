package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.kernels.driver.Cuda;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A call of attention as kernels take it by value: `Attention` of `attention.cuh`.
final class AttentionStruct {
  /// Its alignment.
  static final int ALIGNMENT = 8;

  private static final int BYTES = 120;

  private AttentionStruct() {}

  static ByteBuffer of(Cuda cuda, AttentionCall call, Inputs in) {
    return ByteBuffer.allocate(BYTES + CudaDropout.MASK_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(in.q())
        .putLong(in.k())
        .putLong(in.v())
        .putLong(call.bias().address())
        .putLong(call.masks().queries())
        .putLong(call.masks().keys())
        .putLong(call.sizes().keyBatchStride())
        .putLong(call.bias().batchStride())
        .putLong(call.bias().headStride())
        .putInt(call.batch())
        .putInt(call.heads())
        .putInt(call.queries())
        .putInt(call.keys())
        .putInt(call.width())
        .putInt(call.masks().kind().ordinal())
        .putInt(call.masks().causal() ? 1 : 0)
        .putInt(call.masks().queryOffset())
        .putInt(call.bias().reach())
        .putFloat(call.scale())
        .putLong(cuda.fault())
        .put(CudaDropout.mask(call.dropout()))
        .flip();
  }
}
