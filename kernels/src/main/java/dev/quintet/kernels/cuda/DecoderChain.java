package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.kernels.driver.Cuda;
import dev.quintet.kernels.driver.Kernel;

/// The launches of a decoder's step, the same for every token: what changes is in the device's memory.
final class DecoderChain {
  private static final int BEGIN_THREADS = 128;
  private static final int FINISH_THREADS = 512;

  private final Cuda cuda;
  private final DecoderCall call;
  private final Sizes sizes;
  private final DecoderRoom room;
  private final int width;
  private final DecoderLayers layers;
  private final Kernel begin;
  private final Kernel finish;

  DecoderChain(Cuda cuda, DecoderCall call, DecoderRoom room) {
    this.cuda = cuda;
    this.call = call;
    this.room = room;
    sizes = call.sizes();
    width = call.embedding().columns();
    layers = room.tensor() ? new TensorChain(cuda, call, room) : new FloatChain(cuda, call, room);
    begin = cuda.kernel(CudaDecoder.FAMILY, "decode_begin_" + ProductLaunch.suffix(call.type()));
    finish = cuda.kernel(CudaDecoder.FAMILY, "decode_finish");
  }

  /// Reads the mask, once for all steps.
  void prepare() {
    cuda.kernel(CudaDecoder.FAMILY, "decode_shown")
        .launch()
        .grid(sizes.inputs())
        .threads(256)
        .shared(128)
        .address(call.mask())
        .address(room.limits())
        .i32(sizes.sources())
        .moves(4L * sizes.inputs() * (sizes.sources() + 1))
        .run();
  }

  /// From the ids to the logits.
  void run() {
    begin();
    call.blocks().forEach(layers::run);
    layers.head();
  }

  private void begin() {
    int rows = sizes.rows();
    long table = room.places() == 0 ? 0 : 4L * sizes.capacity() + 12L * BEGIN_THREADS;
    begin
        .launch()
        .grid(rows)
        .threads(BEGIN_THREADS)
        .address(room.state())
        .address(call.embedding().address())
        .address(room.h())
        .address(room.places())
        .address(cuda.fault())
        .i32(rows)
        .i32(call.embedding().rows())
        .i32(width)
        .i32(sizes.capacity())
        .moves(rows * (call.type().bytes(width) + 4L * width + table + 4L * BEGIN_THREADS))
        .run();
  }

  /// Goes on to the next token: the likeliest, or what a chooser has chosen.
  void finish(boolean likeliest) {
    int parts = likeliest ? room.headBlocks() : 0;
    finish
        .launch()
        .grid(1)
        .threads(FINISH_THREADS)
        .shared(4 * CudaDecoder.MOST_ROWS)
        .address(room.state())
        .address(room.best())
        .address(room.where())
        .i32(parts)
        .i32(sizes.rows())
        .moves(8L * parts * sizes.rows() + 4L * FINISH_THREADS + 24L * sizes.rows() + 16)
        .run();
  }
}
