package dev.quintet.core.cpu.decode;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Block;
import dev.quintet.core.backend.StoredMatrix;
import dev.quintet.core.cpu.scalar.ScalarScratch;
import dev.quintet.core.cpu.vector.SkinnyProduct;
import dev.quintet.core.shape.Precision;
import java.util.ArrayList;
import java.util.List;

/// The rows that several products read: as they are computed, and as the products' blocks take them.
///
/// @param count rows
/// @param width elements of a row
/// @param address of `[count, width]`
/// @param panel of [SkinnyProduct#pack], for weights of float32
/// @param values `[count, width]` once more, for small weights; empty where there are none
/// @param wide whether there are weights of float32
record Rows(int count, int width, long address, long panel, float[] values, boolean wide) {

  /// Which weights a call has.
  ///
  /// @param wide whether some are of float32
  /// @param small whether some are not
  record Kinds(boolean wide, boolean small) {
    static Kinds of(DecoderCall call) {
      List<StoredMatrix> all = new ArrayList<>(List.of(call.head()));
      for (Block block : call.blocks()) {
        all.addAll(List.of(block.own().q(), block.own().k(), block.own().v(), block.own().o()));
        all.addAll(List.of(block.cross().q(), block.cross().o()));
        all.add(block.feedForward().gate());
        all.add(block.feedForward().up());
        all.add(block.feedForward().down());
      }
      long wide = all.stream().filter(w -> w.precision() == Precision.F32).count();
      return new Kinds(wide > 0, wide < all.size());
    }
  }

  static Rows in(Room room, int count, int width, Kinds kinds) {
    return new Rows(
        count,
        width,
        room.floats((long) count * width),
        room.floats(SkinnyProduct.panelSize(count, width)),
        kinds.small() ? new float[count * width] : new float[0],
        kinds.wide());
  }

  /// Makes them ready for products, once they are computed.
  void pack() {
    if (wide) {
      SkinnyProduct.pack(count, width, address, width, panel);
    }
    if (values.length > 0) {
      ScalarScratch.load(address, values, 0, values.length);
    }
  }
}
