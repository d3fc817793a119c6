package dev.quintet.core.cpu.decode;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Block;
import dev.quintet.core.backend.DecoderCall.FeedForward;
import dev.quintet.core.backend.DecoderCall.Own;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.DecoderKernels;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.backend.ElementwiseKernels.Unary;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.lane.Lanes;
import dev.quintet.core.cpu.vector.SkinnyProduct;
import dev.quintet.core.cpu.work.EarlyForms;
import dev.quintet.core.shape.DType;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/// Plans steps of up to sixteen rows of decoders whose sizes fill whole vectors, as those of all published models do,
/// once products have left their plain forms.
///
/// @param products how long products take those
public record VectorDecoder(EarlyForms products) implements DecoderKernels {
  private static final EnumSet<Unary> ACTIVATIONS =
      EnumSet.of(Unary.RELU, Unary.GELU_ERF, Unary.GELU_TANH, Unary.SILU);

  @Override
  public long room(DecoderCall call) {
    if (!fits(call)) {
      return 0;
    }
    var counted = new Room(0);
    var _ = new PlannedStep(call, counted);
    return counted.taken();
  }

  @Override
  public Optional<DecoderStep> plan(DecoderCall call, int length, long room) {
    if (products.going()) {
      return Optional.empty();
    }
    var step = new PlannedStep(call, new Room(room));
    step.begin(length);
    return Optional.of(step);
  }

  private static boolean fits(DecoderCall call) {
    Sizes sizes = call.sizes();
    boolean whole =
        call.type() == DType.F32
            && sizes.rows() <= SkinnyProduct.ROWS
            && sizes.rows() > 0
            && sizes.sources() > 0
            && sizes.capacity() > 0
            && sizes.headWidth() % QueryAttention.COLUMNS == 0
            && (long) sizes.capacity() * sizes.attentionWidth() <= Integer.MAX_VALUE
            && whole(call.embedding(), call.head())
            && !call.blocks().isEmpty();
    for (Block block : call.blocks()) {
      Own own = block.own();
      FeedForward last = block.feedForward();
      whole &=
          whole(own.q(), own.k(), own.v(), own.o(), block.cross().q(), block.cross().o())
              && whole(last.gate(), last.up(), last.down())
              && own.bias() != 0
              && ACTIVATIONS.contains(last.activation());
    }
    return whole;
  }

  /// Whether rows are of whole vectors and no narrow ones, whose norms have bits of their own.
  private static boolean whole(StoredMatrix... weights) {
    return List.of(weights).stream()
        .allMatch(w -> w.columns() % Lanes.N == 0 && w.columns() >= EarlyForms.WIDE);
  }
}
