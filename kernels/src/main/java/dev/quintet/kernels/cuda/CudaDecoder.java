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
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

  private static final System.Logger LOG = System.getLogger(CudaDecoder.class.getName());

  /// Reasons that were said.
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private final Cuda cuda;
  private final boolean plain;

  CudaDecoder(Cuda cuda) {
    this(cuda, false);
  }

  /// @param plain whether the plain chain is taken, which is float32's alone
  CudaDecoder(Cuda cuda, boolean plain) {
    this.cuda = cuda;
    this.plain = plain;
  }

  @Override
  public long room(DecoderCall call) {
    if (fits(call)) {
      return DecoderRoom.of(cuda.chip(), call, plain, 0).floats();
    }
    against(call)
        .filter(SAID::add)
        .ifPresent(reason ->
            LOG.log(
                Level.WARNING,
                "a decoder with {0} is not planned: its tokens take the launches of single operations",
                reason));
    return 0;
  }

  /// What of a model, not of its batch, keeps its steps from being planned.
  private static Optional<String> against(DecoderCall call) {
    int columns = call.sizes().headWidth();
    if (!fits(columns, call.type())) {
      return Optional.of("heads of %d columns in %s".formatted(columns, call.type()));
    }
    return call.blocks().stream()
        .map(block -> block.feedForward().activation())
        .filter(activation -> !ACTIVATIONS.contains(activation))
        .map(activation -> "the activation " + activation)
        .findFirst();
  }

  /// Whether heads of so many columns are shared out evenly to a warp's lanes, 16 bytes each.
  private static boolean fits(int headWidth, DType type) {
    return Integer.bitCount(headWidth) == 1
        && headWidth >= 8
        && headWidth <= 32 * 16 / type.bytes();
  }

  @Override
  public Optional<DecoderStep> plan(DecoderCall call, int length, long room) {
    var parts = DecoderRoom.of(cuda.chip(), call, plain, room);
    return Optional.of(new CudaStep(cuda, call, new DecoderChain(cuda, call, parts), parts));
  }

  private boolean fits(DecoderCall call) {
    Sizes sizes = call.sizes();
    int width = call.embedding().columns();
    return (call.type() == DType.F32 || (call.type() == DType.BF16 && !plain))
        && sizes.rows() > 0
        && sizes.rows() <= MOST_ROWS
        && sizes.sources() > 0
        && sizes.capacity() > 0
        && (long) sizes.rows() * sizes.capacity() <= Integer.MAX_VALUE
        && fits(sizes.headWidth(), call.type())
        && width % 8 == 0
        && (DecoderRoom.tensor(call, plain)
            || CrossLaunch.shared(sizes, width) <= CrossLaunch.MOST_SHARED)
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
