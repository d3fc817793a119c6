package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Block;
import dev.quintet.core.backend.DecoderCall.Cross;
import dev.quintet.core.backend.DecoderCall.FeedForward;
import dev.quintet.core.backend.DecoderCall.Own;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.DecoderKernels;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Precision;
import dev.quintet.kernels.driver.Cuda;
import java.util.EnumSet;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Plans a decoder's steps on the device: the kernels of `decode.cu`, for up to 16 rows in float32 or bfloat16, with
/// heads of a power of two columns that fill 16 bytes and at most a warp's 512, as those of all published models do.
final class CudaDecoder implements DecoderKernels {
  static final String FAMILY = "decode";

  /// The most rows that a step reads, beams of all inputs.
  static final int MOST_ROWS = 16;

  private static final EnumSet<Unary> ACTIVATIONS =
      EnumSet.of(Unary.RELU, Unary.GELU_ERF, Unary.GELU_TANH, Unary.SILU);

  private final Cuda cuda;
  private final boolean plain;

  CudaDecoder(Cuda cuda) {
    this(cuda, false);
  }

  /// @param plain whether the chain of a few rows is not used
  CudaDecoder(Cuda cuda, boolean plain) {
    this.cuda = cuda;
    this.plain = plain;
  }

  @Override
  public long room(DecoderCall call) {
    return fits(call) ? DecoderRoom.of(cuda.chip(), call, plain, 0).floats() : 0;
  }

  @Override
  public Optional<DecoderStep> plan(DecoderCall call, int length, long room) {
    var parts = DecoderRoom.of(cuda.chip(), call, plain, room);
    return Optional.of(new CudaStep(cuda, call, new DecoderChain(cuda, call, parts), parts));
  }

  private static boolean fits(DecoderCall call) {
    Sizes sizes = call.sizes();
    int width = call.embedding().columns();
    return (call.type() == DType.F32 || call.type() == DType.BF16)
        && sizes.rows() > 0
        && sizes.rows() <= MOST_ROWS
        && sizes.sources() > 0
        && sizes.capacity() > 0
        && (long) sizes.rows() * sizes.capacity() <= Integer.MAX_VALUE
        && Integer.bitCount(sizes.headWidth()) == 1
        && sizes.headWidth() >= 8
        && sizes.headWidth() <= 32 * 16 / call.type().bytes()
        && width % 8 == 0
        && CrossLaunch.shared(sizes, width) <= CrossLaunch.MOST_SHARED
        && lies(call.norm())
        && plain(call.embedding(), call.head())
        && !call.blocks().isEmpty()
        && call.blocks().stream().allMatch(CudaDecoder::fits);
  }

  private static boolean fits(Block block) {
    Own own = block.own();
    Cross cross = block.cross();
    FeedForward last = block.feedForward();
    return plain(own.q(), own.k(), own.v(), own.o(), cross.q(), cross.o())
        && plain(last.gate(), last.up(), last.down())
        && lies(own.norm(), own.keys(), own.values(), cross.norm(), cross.keys(), cross.values())
        && lies(last.norm())
        && own.bias() != 0
        && ACTIVATIONS.contains(last.activation());
  }

  /// Whether matrices lie as parameters do, in rows of whole groups of eight.
  private static boolean plain(StoredMatrix... matrices) {
    return Stream.of(matrices)
        .allMatch(matrix ->
            matrix.precision() == Precision.F32
                && matrix.columns() % 8 == 0
                && lies(matrix.address()));
  }

  /// Whether 16 bytes can be taken at once.
  private static boolean lies(long... addresses) {
    return LongStream.of(addresses).allMatch(address -> address != 0 && (address & 15) == 0);
  }
}
