package dev.quintet.kernels.driver;

import java.util.List;
import java.util.Set;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;

/// Whether a device still answers, and whom its late answers are about. For the holder of the queue's lock.
///
/// A kernel that fails does so while the host goes on: the driver says it at a later call, of whatever kind. So the
/// names of what was launched are kept until the next wait.
final class Health {
  /// Names kept of what was launched since the last wait.
  private static final int KEPT = 4;

  /// Errors after which the driver refuses all further work of the process on a device.
  private static final Set<Integer> LAST =
      Set.of(
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_UNKNOWN);

  private final String device;
  private final @Nullable Watcher watcher = Watcher.find();
  private final String[] recent = new String[KEPT];
  private long launches;
  private long ended;
  private @Nullable String end;

  Health(String device) {
    this.device = device;
  }

  /// Notes a launch; how many there were.
  long launched(String kernel) {
    recent[(int) (launches++ % KEPT)] = kernel;
    return launches;
  }

  /// How many launches there were so far.
  long launches() {
    return launches;
  }

  /// Notes that so many launches have ended well, counted from the first.
  void ended(long count) {
    ended = Math.max(ended, count);
  }

  boolean alive() {
    return end == null;
  }

  /// @throws CudaException if the device has failed for good
  void requireAlive() {
    if (end != null) {
      throw new CudaException(
          device + " failed before and takes no more work from this process: " + end);
    }
  }

  /// @throws CudaException unless a call went well
  void check(int result, String call) {
    if (result != CUresult.CUDA_SUCCESS) {
      throw failure(result, call);
    }
  }

  /// What a failed call means.
  CudaException failure(int result, String call) {
    String message = call + ": " + CUresult.stringFor(result);
    if (LAST.contains(result)) {
      message += suspects();
    }
    if (watcher != null && !watcher.said().isEmpty()) {
      message += " (" + watcher.said() + ")";
    }
    if (LAST.contains(result)) {
      end = message;
    }
    return new CudaException(device + ": " + message);
  }

  private String suspects() {
    long since = launches - ended;
    if (since == 0) {
      return "";
    }
    int known = (int) Math.min(since, KEPT);
    var names = new String[known];
    for (int i = 0; i < known; i++) {
      names[i] = recent[(int) ((launches - known + i) % KEPT)];
    }
    return since == 1
        ? ", in " + names[0]
        : ", in one of "
            + since
            + " launches since the last wait, at the end "
            + String.join(", ", List.of(names))
            + "; -Dquintet.cuda.wait=true finds out which";
  }
}
