package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutCall;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.NormCall;
import dev.quintet.core.backend.NormKernels;
import dev.quintet.core.backend.NormRows;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import dev.quintet.kernels.driver.Launch;
import org.jspecify.annotations.Nullable;

/// Norms on the device: the kernels of `norm.cu`.
final class CudaNorm implements NormKernels {
  static final String FAMILY = "norm";

  /// The most elements of a row that a warp holds.
  private static final int WARP_WIDTH = 1024;

  /// The most elements of a row that a block holds.
  private static final int BLOCK_WIDTH = 8192;

  private final Cuda cuda;
  private final Backend backend;
  private final boolean plain;
  private final Kernel plainForward;
  private final Kernel plainSum;
  private final NormBackward backward;
  private final Fast floats;
  private final Fast narrowing;
  private final Fast widening;
  private final Fast narrow;

  /// The kernels that hold rows in registers, for one choice of types.
  record Fast(Kernel warp, Kernel block, Kernel backward) {
    static Fast of(Cuda cuda, String types) {
      return new Fast(
          cuda.kernel(FAMILY, "norm_warp_" + types),
          cuda.kernel(FAMILY, "norm_block_" + types),
          cuda.kernel(FAMILY, "norm_backward_" + types));
    }
  }

  CudaNorm(Cuda cuda, Backend backend) {
    this(cuda, backend, false);
  }

  /// @param plain whether the plain kernels run whatever the operands
  CudaNorm(Cuda cuda, Backend backend, boolean plain) {
    this.cuda = cuda;
    this.backend = backend;
    this.plain = plain;
    this.plainForward = cuda.kernel(FAMILY, "norm_plain");
    this.plainSum = cuda.kernel(FAMILY, "norm_plain_sum");
    this.floats = Fast.of(cuda, "f32");
    this.narrowing = Fast.of(cuda, "narrowing");
    this.widening = Fast.of(cuda, "widening");
    this.narrow = Fast.of(cuda, "bf16");
    this.backward = new NormBackward(cuda, this);
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void norm(NormCall call, NormRows rows, long y) {
    forward(call, none(call), rows.x(), 0, rows, y);
  }

  @Override
  public void residualNorm(
      NormCall call, DropoutCall dropout, long x, long branch, NormRows rows, long y) {
    if (cuts(call, dropout)) {
      NormKernels.super.residualNorm(call, dropout, x, branch, rows, y);
      return;
    }
    forward(call, dropout, x, branch, rows, y);
  }

  @Override
  public void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias) {
    backward.run(call, none(call), rows, dy, dx, Gradient.NONE, dWeight, dBias);
  }

  @Override
  public void residualNormBackward(
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dSum,
      Gradient dBranch,
      Gradient dWeight) {
    if (cuts(call, dropout)) {
      NormKernels.super.residualNormBackward(call, dropout, rows, dy, dSum, dBranch, dWeight);
      return;
    }
    backward.run(call, dropout, rows, dy, dSum, dBranch, dWeight, Gradient.NONE);
  }

  /// The norm of x, or of x and a branch, whose sum is written to the rows' x.
  private void forward(
      NormCall call, DropoutCall dropout, long x, long branch, NormRows rows, long y) {
    if (call.elements() == 0) {
      return;
    }
    long sum = branch == 0 ? 0 : rows.x();
    Fast fast = fast(call, dropout, x | branch | sum | y);
    if (fast == null || (fast == widening && branch != 0)) {
      if (branch != 0) {
        plainSum(call, dropout, x, branch, sum);
      }
      plain(call, rows, branch == 0 ? x : sum, y);
    } else if (rows.centred() || call.width() > WARP_WIDTH) {
      int threads = threads(call);
      int blocks = blocks(call.rows(), threads);
      launch(fast.block, blocks, threads, 128)
          .address(x)
          .address(branch)
          .address(sum)
          .address(rows.weight())
          .address(rows.bias())
          .address(rows.mean())
          .address(rows.rstd())
          .address(y)
          .i32((int) call.rows())
          .i32((int) (dropout.width() / call.width()))
          .i32(call.width())
          .f32(call.epsilon())
          .i32(narrowWeight(call))
          .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
          .moves(
              forwardBytes(call, dropout, branch)
                  + call.rows() * (rows.centred() ? 8 : 4)
                  + (long) blocks * weightBytes(call) * (rows.centred() ? 2 : 1)
                  + drawn(dropout, branch, call.rows() * (threads / 32), (long) blocks * threads))
          .run();
    } else {
      int blocks = blocks((call.rows() + 7) / 8, 256);
      launch(fast.warp, blocks, 256, 4 * call.width())
          .address(x)
          .address(branch)
          .address(sum)
          .address(rows.weight())
          .address(rows.rstd())
          .address(y)
          .i32((int) call.rows())
          .i32((int) (dropout.width() / call.width()))
          .i32(call.width())
          .f32(call.epsilon())
          .i32(narrowWeight(call))
          .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
          .moves(
              forwardBytes(call, dropout, branch)
                  + 4 * call.rows()
                  + (long) blocks * weightBytes(call)
                  + drawn(dropout, branch, call.rows(), blocks * 256L))
          .run();
    }
  }

  private void plain(NormCall call, NormRows rows, long x, long y) {
    Types types = call.types();
    boolean centred = rows.centred();
    launch(plainForward, blocks((call.rows() + 7) / 8, 256), 256, 0)
        .address(x)
        .address(rows.weight())
        .address(rows.bias())
        .address(rows.mean())
        .address(rows.rstd())
        .address(y)
        .i64(call.rows())
        .i32(call.width())
        .f32(call.epsilon())
        .i32(narrow(call))
        .moves(
            call.elements()
                    * ((centred ? 3L : 2L) * types.in().bytes()
                        + (centred ? 2L : 1L) * types.weight().bytes()
                        + types.out().bytes())
                + call.rows() * (centred ? 8 : 4))
        .run();
  }

  private void plainSum(NormCall call, DropoutCall dropout, long x, long branch, long sum) {
    int blocks = blocks((call.rows() + 7) / 8, 256);
    launch(plainSum, blocks, 256, 0)
        .address(x)
        .address(branch)
        .address(sum)
        .i64(call.rows())
        .i64(dropout.width() / call.width())
        .i32(call.width())
        .i32(narrow(call, dropout))
        .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
        .moves(
            call.elements() * (2L * call.types().in().bytes() + dropout.types().in().bytes())
                + drawn(dropout, branch, call.rows(), blocks * 256L))
        .run();
  }

  /// The kernels that take 16 bytes at a time, if operands let them.
  ///
  /// @param addresses of the operands, all ones laid together
  @Nullable Fast fast(NormCall call, DropoutCall dropout, long addresses) {
    Types types = call.types();
    if (plain
        || (addresses & 15) != 0
        || call.width() % 8 != 0
        || call.width() > BLOCK_WIDTH
        || call.rows() > Integer.MAX_VALUE - 8L * 65536
        || dropout.types().in() != types.out()
        || dropout.mask().active() && call.width() % 64 != 0) {
      return null;
    }
    if (types.in() == DType.F32) {
      return types.out() == DType.F32 ? floats : narrowing;
    }
    return types.out() == DType.F32 ? widening : narrow;
  }

  /// Whether a row of the mask ends within one of the norm's, which the kernels do not expect.
  private static boolean cuts(NormCall call, DropoutCall dropout) {
    return call.width() > 0 && dropout.width() % call.width() != 0;
  }

  /// A dropout of nothing.
  private static DropoutCall none(NormCall call) {
    return new DropoutCall(DropoutMask.NONE, 1, call.width(), Types.of(call.types().out()));
  }

  static Launch launch(Kernel kernel, int blocks, int threads, int shared) {
    return kernel.launch().grid(blocks).threads(threads).shared(shared);
  }

  /// As many blocks as the chip holds at once, where there is work for them.
  int blocks(long work, int threads) {
    return (int) Math.min(work, (long) cuda.chip().processors() * Math.max(1, 1024 / threads));
  }

  /// Threads of a block that holds a row, 8 elements each.
  static int threads(NormCall call) {
    return (call.width() / 8 + 31) & -32;
  }

  static int narrowWeight(NormCall call) {
    return call.types().weight() == DType.BF16 ? 1 : 0;
  }

  /// Which operands are bfloat16, as the plain kernels take it.
  private static int narrow(NormCall call) {
    Types types = call.types();
    return (types.in() == DType.BF16 ? 1 : 0)
        | (types.weight() == DType.BF16 ? 2 : 0)
        | (types.out() == DType.BF16 ? 4 : 0);
  }

  static int narrow(NormCall call, DropoutCall dropout) {
    return narrow(call) | (dropout.types().in() == DType.BF16 ? 8 : 0);
  }

  static long weightBytes(NormCall call) {
    return call.types().weight().bytes(call.width());
  }

  /// Bytes of x and y, and of the branch and the sum where there is one.
  private static long forwardBytes(NormCall call, DropoutCall dropout, long branch) {
    Types types = call.types();
    long sum = branch == 0 ? 0 : types.in().bytes() + dropout.types().in().bytes();
    return call.elements() * (types.in().bytes() + types.out().bytes() + sum);
  }

  /// Bytes read to draw a mask: places of rows by warps, and the state by threads.
  static long drawn(DropoutCall dropout, long branch, long warps, long threads) {
    DropoutMask mask = dropout.mask();
    return (branch != 0 && mask.places() != 0 ? 8 * warps : 0)
        + (mask.active() && mask.state() != 0 ? 24 * threads : 0);
  }
}
