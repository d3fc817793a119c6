package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.GateCall;
import dev.quintet.core.backend.Product;
import dev.quintet.core.backend.Types;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.cuda.CudaMatmul.Group;
import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A call of [dev.quintet.core.backend.GateKernels#gatedProduct], as `matmul_hopper_gated` takes it.
record GatedProduct(
    GateCall call,
    Product product,
    long x,
    long gateWeight,
    long upWeight,
    long gate,
    long up,
    long y) {
  private static final int STRUCT_BYTES = 88;

  /// Elements of a block of a mask.
  private static final int BLOCK = 64;

  /// Bytes that a thread reads of a run state for each tile, and of the places of its rows.
  private static final int STATE_BYTES = 24;

  private static final int PLACES_BYTES = 2 * 8;

  /// Threads of a block that have sums.
  private static final int SUMMING = 256;

  /// Whether the kernel can take the operands: bfloat16, rows at multiples of 16 bytes, and blocks of the mask that begin where
  /// its tiles do.
  boolean fits() {
    Product p = product;
    long n = p.n();
    return p.types().equals(Types.of(DType.BF16))
        && call.dropout().elements() > 0
        && p.batch() == 1
        && p.k() > 0
        && !p.accumulate()
        && !p.a().transposed()
        && p.b().transposed()
        && p.c().row() == n
        && ((x | gateWeight | upWeight | gate | up | y) & 15) == 0
        && ((p.k() | p.a().row() | p.b().row() | n) & 7) == 0
        && maskFits();
  }

  private boolean maskFits() {
    DropoutMask mask = call.dropout().mask();
    long width = call.dropout().width();
    int n = product.n();
    return !mask.active() || n % BLOCK == 0 && (mask.places() == 0 ? width % n == 0 : width == n);
  }

  /// The products, without what is done with them.
  Group group() {
    return new Group(product, new long[] {x}, new long[] {gateWeight, upWeight}, new long[] {y});
  }

  /// Bytes beside those of A and B: results, and what a mask is drawn from.
  long bytes(Tile tile) {
    Product p = product;
    DropoutMask mask = call.dropout().mask();
    long threads = tile.down(p.m()) * tile.across(p.n()) * tile.cluster * SUMMING;
    long drawn =
        !mask.active()
            ? 0
            : (mask.state() != 0 ? STATE_BYTES : 0) + (mask.places() != 0 ? PLACES_BYTES : 0);
    return 2L * p.m() * p.n() * (gate != 0 ? 3 : 1) + threads * drawn;
  }

  /// `Gate` of `matmul_hopper.cu`.
  ByteBuffer struct() {
    boolean rows = call.dropout().mask().active() && call.dropout().mask().places() == 0;
    return ByteBuffer.allocate(STRUCT_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(CudaDropout.mask(call.dropout().mask()))
        .putLong(gate)
        .putLong(up)
        .putInt(rows ? Math.toIntExact(call.dropout().width() / product.n()) : 1)
        .putInt(call.activation().ordinal())
        .flip();
  }
}
