package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Block;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Launches of attention to the encoder's states: a block for each head, split of the states, and input.
final class CrossLaunch {
  /// The most bytes of shared memory that a block takes.
  static final int MOST_SHARED = 96 << 10;

  private static final int BYTES = 36;

  private final Kernel kernel;
  private final DecoderCall call;
  private final DecoderRoom room;
  private final ByteBuffer sizes;

  CrossLaunch(Cuda cuda, DecoderCall call, DecoderRoom room) {
    this.call = call;
    this.room = room;
    Sizes z = call.sizes();
    this.kernel = ProductLaunch.of(call.type(), z.beams()).kernel(cuda, "cross");
    this.sizes = struct(call, room);
  }

  /// The struct `CrossSizes` of the kernels.
  static ByteBuffer struct(DecoderCall call, DecoderRoom room) {
    Sizes z = call.sizes();
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(z.rows())
        .putInt(z.beams())
        .putInt(call.embedding().columns())
        .putInt(z.heads())
        .putInt(z.headWidth())
        .putInt(z.sources())
        .putInt(room.splits())
        .putInt(room.few() ? z.heads() : 0)
        .putFloat(z.epsilon())
        .flip();
  }

  /// Bytes of shared memory of a block.
  ///
  /// @param width D
  static int shared(Sizes z, int width) {
    long before =
        4L * CudaDecoder.MOST_ROWS + 4L * z.beams() * z.headWidth() + 32L * (2 + z.headWidth());
    long all = (before + 15 & -16) + 4L * z.beams() * width;
    return (int) Math.min(all, Integer.MAX_VALUE);
  }

  void run(Block block) {
    Sizes z = call.sizes();
    int width = call.embedding().columns();
    long blocks = (long) z.heads() * room.splits() * z.inputs();
    int warps = (z.headWidth() + ProductLaunch.each(z.beams()) - 1) / ProductLaunch.each(z.beams());
    int team = (int) call.type().bytes(z.headWidth()) / 16;
    long states =
        2 * call.type().bytes((long) z.sources() * z.headWidth()) + 4L * z.sources() * team;
    long results = room.splits() * 4L * (z.headWidth() + (room.splits() > 1 ? 2 : 0));
    long each =
        4L * z.beams() * width * (1 + (room.few() ? z.heads() : 0))
            + call.type().bytes((long) width * (z.headWidth() + warps))
            + 4L * ProductLaunch.THREADS;
    kernel
        .launch()
        .grid(z.heads(), room.splits(), z.inputs())
        .threads(ProductLaunch.THREADS)
        .shared(shared(z, width))
        .address(room.h())
        .address(room.sums())
        .address(block.cross().norm())
        .address(block.cross().q().address())
        .address(block.cross().keys())
        .address(block.cross().values())
        .address(call.mask())
        .address(room.limits())
        .address(room.splits() > 1 ? room.parts() : room.mixed())
        .address(room.statistics())
        .struct(sizes, 4)
        .moves(blocks * each + (states + results) * z.heads() * z.rows())
        .run();
  }
}
