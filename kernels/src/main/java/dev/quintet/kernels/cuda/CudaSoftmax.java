package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.SoftmaxKernels;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;

/// Launches `softmax.cu`, by the rung that a row's width asks for.
final class CudaSoftmax implements SoftmaxKernels {
  private static final int WARP = 32;
  private static final int HELD =
      32; // elements that a thread holds forwards; backwards half of y and half of dy
  private static final int THREADS = 256;
  private static final int MOST_THREADS = 1024;
  private static final int SHARED = 4 * WARP; // a number of each warp

  private final Cuda cuda;
  private final boolean plain;
  private final Rungs soft;
  private final Rungs softBackward;
  private final Rungs log;
  private final Rungs logBackward;

  CudaSoftmax(Cuda cuda) {
    this(cuda, false);
  }

  /// @param plain whether the kernel that reads rows twice takes rows of any width
  CudaSoftmax(Cuda cuda, boolean plain) {
    this.cuda = cuda;
    this.plain = plain;
    soft = new Rungs(cuda, "soft");
    softBackward = new Rungs(cuda, "soft_backward");
    log = new Rungs(cuda, "log");
    logBackward = new Rungs(cuda, "log_backward");
  }

  /// The kernels of one form.
  private record Rungs(Kernel warp, Kernel block, Kernel twice) {
    Rungs(Cuda cuda, String form) {
      this(
          cuda.kernel("softmax", "softmax_" + form + "_warp"),
          cuda.kernel("softmax", "softmax_" + form + "_block"),
          cuda.kernel("softmax", "softmax_" + form + "_twice"));
    }
  }

  @Override
  public void softmax(long rows, int width, long x, long y) {
    forward(soft, rows, width, x, y);
  }

  @Override
  public void softmaxBackward(long rows, int width, long y, long dy, long dx, boolean accumulate) {
    backward(softBackward, 2, rows, width, y, dy, dx, accumulate);
  }

  @Override
  public void logSoftmax(long rows, int width, long x, long y) {
    forward(log, rows, width, x, y);
  }

  @Override
  public void logSoftmaxBackward(
      long rows, int width, long y, long dy, long dx, boolean accumulate) {
    backward(logBackward, 1, rows, width, y, dy, dx, accumulate);
  }

  private void forward(Rungs rungs, long rows, int width, long x, long y) {
    if (rows == 0 || width == 0) {
      return;
    }
    var rung = Rung.of(width, HELD, plain);
    rung.of(rungs)
        .launch()
        .grid(Blocks.sharing(cuda, rows, rung.rows()))
        .threads(rung.threads)
        .shared(SHARED)
        .address(x)
        .address(y)
        .i64(rows)
        .i32(width)
        .moves(4 * rows * width * (rung.twice ? 3 : 2))
        .run();
  }

  /// @param again operands that a row's sum is made of, which rows that are not held read once more
  private void backward(
      Rungs rungs, int again, long rows, int width, long y, long dy, long dx, boolean add) {
    if (rows == 0 || width == 0) {
      return;
    }
    var rung = Rung.of(width, HELD / 2, plain);
    int operands = 3 + (add ? 1 : 0) + (rung.twice ? again : 0);
    rung.of(rungs)
        .launch()
        .grid(Blocks.sharing(cuda, rows, rung.rows()))
        .threads(rung.threads)
        .shared(SHARED)
        .address(y)
        .address(dy)
        .address(dx)
        .i64(rows)
        .i32(width)
        .i32(add ? 1 : 0)
        .moves(4 * rows * width * operands)
        .run();
  }

  /// Who takes a row: a warp or a block of so many threads, and whether it reads it twice.
  private record Rung(boolean warp, int threads, boolean twice) {
    static Rung of(int width, int held, boolean plain) {
      if (plain || width > held * MOST_THREADS) {
        return new Rung(false, THREADS, true);
      }
      if (width <= held * WARP) {
        return new Rung(true, THREADS, false);
      }
      return new Rung(false, width <= held * THREADS ? THREADS : MOST_THREADS, false);
    }

    /// Rows that a block takes at once.
    int rows() {
      return warp ? threads / WARP : 1;
    }

    Kernel of(Rungs rungs) {
      return twice ? rungs.twice : warp ? rungs.warp : rungs.block;
    }
  }
}
