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
  private static final String FAMILY = "norm";

  /// The most elements of a row that a warp holds.
  private static final int WARP_WIDTH = 1024;

  /// The most elements of a row that a block holds.
  private static final int BLOCK_WIDTH = 8192;

  /// Rows are cut into no more strips than this, of which each leaves a row of sums behind.
  private static final int MOST_STRIPS = 2048;

  /// A strip has so many rows at least, or its sums would be a good part of what it reads.
  private static final int STRIP_ROWS = 8;

  private final Cuda cuda;
  private final Backend backend;
  private final boolean plain;
  private final Kernel plainForward;
  private final Kernel plainSum;
  private final Kernel plainBackward;
  private final Kernel plainColumns;
  private final Kernel columns;
  private final Fast floats;
  private final Fast narrowing;
  private final Fast widening;
  private final Fast narrow;

  /// The kernels that hold rows in registers, for one choice of types.
  private record Fast(Kernel warp, Kernel block, Kernel backward) {
    static Fast of(Cuda cuda, String types) {
      return new Fast(
          cuda.kernel(FAMILY, "norm_warp_" + types),
          cuda.kernel(FAMILY, "norm_block_" + types),
          cuda.kernel(FAMILY, "norm_backward_" + types));
    }
  }

  /// Where rows are cut into strips: by their number alone, so that sums are the same on every chip.
  private record Strips(int rows, int count) {
    static Strips of(NormCall call) {
      long rows = Math.max(STRIP_ROWS, (call.rows() + MOST_STRIPS - 1) / MOST_STRIPS);
      return new Strips(Math.toIntExact(rows), (int) ((call.rows() + rows - 1) / rows));
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
    this.plainBackward = cuda.kernel(FAMILY, "norm_plain_backward");
    this.plainColumns = cuda.kernel(FAMILY, "norm_plain_columns");
    this.columns = cuda.kernel(FAMILY, "norm_columns");
    this.floats = Fast.of(cuda, "f32");
    this.narrowing = Fast.of(cuda, "narrowing");
    this.widening = Fast.of(cuda, "widening");
    this.narrow = Fast.of(cuda, "bf16");
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
    if (dropout.width() % call.width() != 0) { // a row of the mask ends within a row
      NormKernels.super.residualNorm(call, dropout, x, branch, rows, y);
      return;
    }
    forward(call, dropout, x, branch, rows, y);
  }

  @Override
  public void normBackward(
      NormCall call, NormRows rows, long dy, Gradient dx, Gradient dWeight, Gradient dBias) {
    backward(call, none(call), rows, dy, dx, Gradient.NONE, dWeight, dBias);
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
    if (dropout.width() % call.width() != 0) {
      NormKernels.super.residualNormBackward(call, dropout, rows, dy, dSum, dBranch, dWeight);
      return;
    }
    backward(call, dropout, rows, dy, dSum, dBranch, dWeight, Gradient.NONE);
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

  private void backward(
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dx,
      Gradient dBranch,
      Gradient dWeight,
      Gradient dBias) {
    if (!dx.wanted() && !dWeight.wanted() && !dBias.wanted()) {
      return;
    }
    Strips strips = Strips.of(call);
    int pitch = call.width() + 3 & -4;
    long bytes = 4L * strips.count * pitch;
    int sums = (dWeight.wanted() ? 1 : 0) + (dBias.wanted() ? 1 : 0);
    long room = cuda.memory().allocate(sums * bytes);
    try {
      long weights = dWeight.wanted() ? room : 0;
      long biases = dBias.wanted() ? room + (sums - 1) * bytes : 0;
      long all = rows.x() | dy | dx.address() | dBranch.address();
      Fast fast = fast(call, dropout, all);
      if (call.elements() > 0 && fast == null) {
        plainBackward(call, dropout, rows, dy, dx, dBranch, strips, pitch, weights, biases);
      } else if (call.elements() > 0) {
        backward(fast.backward, call, dropout, rows, dy, dx, dBranch, strips, weights, biases);
      }
      add(call, strips, pitch, weights, dWeight);
      add(call, strips, pitch, biases, dBias);
    } finally {
      cuda.memory().release(room, sums * bytes);
    }
  }

  private void backward(
      Kernel kernel,
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dx,
      Gradient dBranch,
      Strips strips,
      long weights,
      long biases) {
    Types types = call.types();
    int threads = threads(call);
    int warps = threads / 32;
    int sums = (weights == 0 ? 0 : 1) + (biases == 0 ? 0 : 1);
    launch(kernel, strips.count, threads, 16 * warps)
        .address(rows.x())
        .address(dy)
        .address(rows.weight())
        .address(rows.mean())
        .address(rows.rstd())
        .address(dx.address())
        .address(dBranch.address())
        .address(weights)
        .address(biases)
        .i32((int) call.rows())
        .i32((int) (dropout.width() / call.width()))
        .i32(strips.rows)
        .i32(call.width())
        .i32(narrowWeight(call))
        .i32(dx.add() ? 1 : 0)
        .i32(dBranch.add() ? 1 : 0)
        .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
        .moves(
            call.elements()
                    * (types.in().bytes()
                        + types.out().bytes()
                        + bytes(dx, types.in())
                        + bytes(dBranch, types.out()))
                + call.rows() * warps * (rows.centred() ? 8 : 4)
                + strips.count * (weightBytes(call) + 4L * sums * call.width())
                + drawn(
                    dropout, dBranch.address(), call.rows() * warps, (long) strips.count * threads))
        .run();
  }

  private void plainBackward(
      NormCall call,
      DropoutCall dropout,
      NormRows rows,
      long dy,
      Gradient dx,
      Gradient dBranch,
      Strips strips,
      int pitch,
      long weights,
      long biases) {
    Types types = call.types();
    int statistics = rows.centred() ? 8 : 4;
    if (weights != 0 || biases != 0) {
      int sums = (weights == 0 ? 0 : 1) + (biases == 0 ? 0 : 1);
      int across = (pitch + 255) / 256;
      plainColumns
          .launch()
          .grid(strips.count, across, 1)
          .threads(256)
          .address(rows.x())
          .address(dy)
          .address(rows.mean())
          .address(rows.rstd())
          .address(weights)
          .address(biases)
          .i64(call.rows())
          .i32(strips.rows)
          .i32(call.width())
          .i32(pitch)
          .i32(narrow(call, dropout))
          .moves(
              call.elements() * ((weights == 0 ? 0 : types.in().bytes()) + types.out().bytes())
                  + call.rows() * across * 8 * statistics
                  + 4L * sums * strips.count * pitch)
          .run();
    }
    if (dx.wanted()) {
      int blocks = blocks((call.rows() + 7) / 8, 256);
      launch(plainBackward, blocks, 256, 0)
          .address(rows.x())
          .address(dy)
          .address(rows.weight())
          .address(rows.mean())
          .address(rows.rstd())
          .address(dx.address())
          .address(dBranch.address())
          .i64(call.rows())
          .i64(dropout.width() / call.width())
          .i32(call.width())
          .i32(narrow(call, dropout))
          .i32(dx.add() ? 1 : 0)
          .i32(dBranch.add() ? 1 : 0)
          .struct(CudaDropout.mask(dropout.mask()), CudaDropout.MASK_ALIGNMENT)
          .moves(
              call.elements()
                      * (2L * (types.in().bytes() + types.out().bytes() + types.weight().bytes())
                          + bytes(dx, types.in())
                          + (dBranch.wanted() ? types.in().bytes() : 0)
                          + bytes(dBranch, dropout.types().in()))
                  + call.rows() * statistics
                  + drawn(dropout, dBranch.address(), call.rows(), blocks * 256L))
          .run();
    }
  }

  /// Adds the strips' sums.
  private void add(NormCall call, Strips strips, int pitch, long parts, Gradient sums) {
    if (!sums.wanted() || call.width() == 0) {
      return;
    }
    launch(columns, (call.width() + 31) / 32, 256, 4 * 32 * 32)
        .address(strips.count == 0 ? 0 : parts)
        .address(sums.address())
        .i64(strips.count)
        .i32(call.width())
        .i32(pitch)
        .i32(sums.add() ? 1 : 0)
        .moves(4L * strips.count * pitch + call.width() * bytes(sums, DType.F32))
        .run();
  }

  /// The kernels that take 16 bytes at a time, if operands let them.
  ///
  /// @param addresses of the operands, all ones laid together
  private @Nullable Fast fast(NormCall call, DropoutCall dropout, long addresses) {
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

  /// A dropout of nothing.
  private static DropoutCall none(NormCall call) {
    return new DropoutCall(DropoutMask.NONE, 1, call.width(), Types.of(call.types().out()));
  }

  private static Launch launch(Kernel kernel, int blocks, int threads, int shared) {
    return kernel.launch().grid(blocks).threads(threads).shared(shared);
  }

  /// As many blocks as the chip holds at once, where there is work for them.
  private int blocks(long work, int threads) {
    return (int) Math.min(work, (long) cuda.chip().processors() * Math.max(1, 1024 / threads));
  }

  /// Threads of a block that holds a row, 8 elements each.
  private static int threads(NormCall call) {
    return (call.width() / 8 + 31) & -32;
  }

  private static int narrowWeight(NormCall call) {
    return call.types().weight() == DType.BF16 ? 1 : 0;
  }

  /// Which operands are bfloat16, as the plain kernels take it.
  private static int narrow(NormCall call) {
    Types types = call.types();
    return (types.in() == DType.BF16 ? 1 : 0)
        | (types.weight() == DType.BF16 ? 2 : 0)
        | (types.out() == DType.BF16 ? 4 : 0);
  }

  private static int narrow(NormCall call, DropoutCall dropout) {
    return narrow(call) | (dropout.types().in() == DType.BF16 ? 8 : 0);
  }

  private static long weightBytes(NormCall call) {
    return call.types().weight().bytes(call.width());
  }

  /// Bytes of x and y, and of the branch and the sum where there is one.
  private static long forwardBytes(NormCall call, DropoutCall dropout, long branch) {
    Types types = call.types();
    long sum = branch == 0 ? 0 : types.in().bytes() + dropout.types().in().bytes();
    return call.elements() * (types.in().bytes() + types.out().bytes() + sum);
  }

  /// Bytes of an element of a gradient: none, what is stored, or what is read and stored.
  private static long bytes(Gradient gradient, DType type) {
    return gradient.wanted() ? (gradient.add() ? 2L : 1L) * type.bytes() : 0;
  }

  /// Bytes read to draw a mask: places of rows by warps, and the state by threads.
  private static long drawn(DropoutCall dropout, long branch, long warps, long threads) {
    DropoutMask mask = dropout.mask();
    return (branch != 0 && mask.places() != 0 ? 8 * warps : 0)
        + (mask.active() && mask.state() != 0 ? 24 * threads : 0);
  }
}
