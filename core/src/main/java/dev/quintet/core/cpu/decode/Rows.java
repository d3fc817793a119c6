package dev.quintet.core.cpu.decode;

import dev.quintet.core.cpu.vector.SkinnyProduct;

/// The rows that several products read: as they are computed, and as the products' blocks take them.
///
/// @param count rows
/// @param width elements of a row
/// @param address of `[count, width]`
/// @param panel of [SkinnyProduct#pack]
record Rows(int count, int width, long address, long panel) {
  static Rows in(Room room, int count, int width) {
    return new Rows(
        count,
        width,
        room.floats((long) count * width),
        room.floats(SkinnyProduct.panelSize(count, width)));
  }

  /// Makes them ready for products, once they are computed.
  void pack() {
    SkinnyProduct.pack(count, width, address, width, panel);
  }
}
