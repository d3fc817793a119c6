package dev.quintet.kernels.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// A launch of a kernel: its grid, then its arguments in the order of the kernel's parameters, then [#run].
///
/// The driver wants an array of pointers to the arguments. Both lie in one block outside the heap, made once, since
/// JCuda takes microseconds for each argument that it has to look up.
public final class Launch {
  private static final int MOST_ARGUMENTS = 63;
  private static final int VALUES = 8 * (MOST_ARGUMENTS + 1);
  private static final int MOST_BYTES = 4096;

  private final MemorySegment block = Arena.ofAuto().allocate(VALUES + MOST_BYTES, 256);
  private final Pointer pointers = Address.host(block.address());
  private final char[] kinds = new char[MOST_ARGUMENTS];
  private final int[] places = new int[MOST_ARGUMENTS];
  private @Nullable Kernel kernel;
  private long gridX;
  private int gridY;
  private int gridZ;
  private int threads;
  private int shared;
  private int arguments;
  private int end;
  private int cluster;
  private boolean overlapping;
  private long moves;

  Launch() {}

  Launch of(Kernel next) {
    kernel = next;
    gridX = 1;
    gridY = 1;
    gridZ = 1;
    threads = 1;
    shared = 0;
    arguments = 0;
    end = VALUES;
    cluster = 1;
    overlapping = false;
    moves = 0;
    return this;
  }

  /// So many blocks.
  public Launch grid(long x) {
    return grid(x, 1, 1);
  }

  /// So many blocks along each axis.
  public Launch grid(long x, int y, int z) {
    if (x < 1 || x > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a grid has from 1 to 2^31 - 1 blocks, not " + x);
    }
    gridX = x;
    gridY = y;
    gridZ = z;
    return this;
  }

  /// So many threads in a block.
  public Launch threads(int x) {
    threads = x;
    return this;
  }

  /// So many bytes of shared memory for a block.
  public Launch shared(int bytes) {
    shared = bytes;
    return this;
  }

  /// So many blocks in a cluster, along x; for chips from compute capability 9.0 on.
  public Launch cluster(int blocks) {
    cluster = blocks;
    return this;
  }

  /// Lets the kernel begin while the launch before it ends; it waits for its results itself. For chips from compute
  /// capability 9.0 on.
  public Launch overlapping() {
    overlapping = true;
    return this;
  }

  /// The next argument, an address; 0 for none.
  public Launch address(long address) {
    block.set(ValueLayout.JAVA_LONG, place('a', 8, 8), address);
    return this;
  }

  /// The next argument.
  public Launch i32(int value) {
    block.set(ValueLayout.JAVA_INT, place('i', 4, 4), value);
    return this;
  }

  /// The next argument.
  public Launch i64(long value) {
    block.set(ValueLayout.JAVA_LONG, place('l', 8, 8), value);
    return this;
  }

  /// The next argument.
  public Launch f32(float value) {
    block.set(ValueLayout.JAVA_FLOAT, place('f', 4, 4), value);
    return this;
  }

  /// The next argument.
  public Launch f64(double value) {
    block.set(ValueLayout.JAVA_DOUBLE, place('d', 8, 8), value);
    return this;
  }

  /// The next argument, a struct by value: the bytes between the buffer's position and its limit, which stay.
  ///
  /// @param alignment the struct's in C++
  public Launch struct(ByteBuffer littleEndian, int alignment) {
    MemorySegment bytes = MemorySegment.ofBuffer(littleEndian);
    int size = Math.toIntExact(bytes.byteSize());
    MemorySegment.copy(bytes, 0, block, place('s', size, alignment), size);
    return this;
  }

  /// How many bytes of global memory this launch loads and stores, what it loads again included.
  public Launch moves(long bytes) {
    moves = bytes;
    return this;
  }

  /// Launches the kernel, behind all that was called on the device's queue before.
  ///
  /// @throws CudaException if the driver refuses; what goes wrong in the kernel is found at the next wait
  public void run() {
    Kernel launched = kernel;
    if (launched == null) {
      throw new IllegalStateException("a launch runs once: describe it anew by Kernel.launch()");
    }
    kernel = null;
    block.set(ValueLayout.JAVA_LONG, 8L * arguments, 0);
    launched.cuda().queue().launch(launched, this, moves);
  }

  int shared() {
    return shared;
  }

  /// Calls the driver.
  int call(DirectCalls direct, Address.Function function, Address.Stream stream) {
    if (attributes()) {
      var grid =
          new DirectCalls.Grid((int) gridX, gridY, gridZ, threads, shared, cluster, overlapping);
      return direct.launch(function.address(), stream.address(), grid, block);
    }
    return JCudaDriver.cuLaunchKernel(
        function, (int) gridX, gridY, gridZ, threads, 1, 1, shared, stream, pointers, null);
  }

  /// The place of an argument in the block; a pointer to it is laid down.
  private int place(char kind, int size, int alignment) {
    if (arguments == MOST_ARGUMENTS || end + size + alignment > block.byteSize()) {
      throw new IllegalArgumentException(
          "a launch takes at most %d arguments and %d bytes of them"
              .formatted(MOST_ARGUMENTS, MOST_BYTES));
    }
    int place = (end + alignment - 1) & -alignment;
    block.set(ValueLayout.JAVA_LONG, 8L * arguments, block.address() + place);
    kinds[arguments] = kind;
    places[arguments] = place;
    arguments++;
    end = place + size;
    return place;
  }

  private boolean attributes() {
    return cluster > 1 || overlapping;
  }

  /// The launch as errors name it.
  String text(String name) {
    var text = new StringBuilder(attributes() ? "cuLaunchKernelEx" : "cuLaunchKernel");
    text.append(" of ").append(name);
    text.append(" (grid ").append(gridX).append(" x ").append(gridY).append(" x ").append(gridZ);
    text.append(", ").append(threads).append(" threads, ").append(shared);
    text.append(" bytes of shared memory, arguments");
    for (int i = 0; i < arguments; i++) {
      int at = places[i];
      text.append(i == 0 ? " " : ", ")
          .append(
              switch (kinds[i]) {
                case 'a' -> "0x" + Long.toHexString(block.get(ValueLayout.JAVA_LONG, at));
                case 'i' -> block.get(ValueLayout.JAVA_INT, at);
                case 'l' -> block.get(ValueLayout.JAVA_LONG, at) + "L";
                case 'f' -> block.get(ValueLayout.JAVA_FLOAT, at) + "f";
                case 'd' -> block.get(ValueLayout.JAVA_DOUBLE, at);
                default -> "a struct";
              });
    }
    return text.append(')').toString();
  }
}
