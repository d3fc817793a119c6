package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutKernels;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Launches `dropout.cu`.
final class CudaDropout implements DropoutKernels {
  /// The size of the mask that `dropout.cuh` declares.
  static final int MASK_BYTES = 64;

  /// The alignment of that mask.
  static final int MASK_ALIGNMENT = 8;

  private static final int THREADS = 256;
  private static final int BLOCK =
      64; // elements of one block of the mask, which eight threads share
  private static final int SHARERS = 8;
  private static final int STATE_BYTES = 24; // what a thread reads of a run state
  private static final int PLACE_BYTES = 8;

  private final Cuda cuda;
  private final Kernel[] kernels; // by the types of what is dropped from and of the result

  CudaDropout(Cuda cuda) {
    this.cuda = cuda;
    kernels =
        new Kernel[] {
          cuda.kernel("dropout", "dropout_f32_f32"),
          cuda.kernel("dropout", "dropout_f32_bf16"),
          cuda.kernel("dropout", "dropout_bf16_f32"),
          cuda.kernel("dropout", "dropout_bf16_bf16")
        };
  }

  @Override
  public void dropout(DropoutCall call, long x, Gradient y) {
    dropped(call, x, y.add() ? y.address() : 0, y.address());
  }

  @Override
  public void residual(DropoutCall call, long x, long branch, long y) {
    dropped(call, branch, x, y);
  }

  /// y = base + mask x scale.
  ///
  /// @param base 0 for none
  private void dropped(DropoutCall call, long x, long base, long y) {
    if (call.elements() == 0) {
      return;
    }
    DType in = call.types().in();
    DType out = call.types().out();
    int bytes = in.bytes() + (base == 0 ? 1 : 2) * out.bytes();
    Kernel kernel = kernels[(in == DType.BF16 ? 2 : 0) + (out == DType.BF16 ? 1 : 0)];
    launch(cuda, kernel, call, bytes)
        .address(x)
        .address(base)
        .address(y)
        .i32(call.rows())
        .i64(call.width())
        .run();
  }

  /// A launch of a kernel whose elements `masked.cuh` walks through, with the mask as its first argument.
  ///
  /// @param bytes what is moved an element
  static Launch launch(Cuda cuda, Kernel kernel, DropoutCall call, int bytes) {
    DropoutMask mask = call.mask();
    boolean places = mask.active() && mask.places() != 0;
    long row = (call.width() + BLOCK - 1) / BLOCK + (places && call.width() % BLOCK != 0 ? 1 : 0);
    long blocks = call.rows() * row;
    long grid = Blocks.sharing(cuda, blocks, THREADS / SHARERS);
    long state = mask.active() && mask.state() != 0 ? grid * THREADS * STATE_BYTES : 0;
    return kernel
        .launch()
        .grid(grid)
        .threads(THREADS)
        .struct(mask(mask), MASK_ALIGNMENT)
        .moves(call.elements() * bytes + state + (places ? blocks * PLACE_BYTES : 0));
  }

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
