package dev.quintet.kernels.driver;

/// A matrix of bfloat16, or several behind each other, that Hopper's copy engine takes by tiles (`TileMap` of `hopper.cuh`),
/// swizzled in 128 bytes.
///
/// @param address of the matrix, a multiple of 16
/// @param rows of the matrix
/// @param columns of the matrix
/// @param stride elements from row to row, a multiple of 8
/// @param matrices how many there are; 0 for one whose tiles are named by two coordinates alone
/// @param next elements from matrix to matrix, a multiple of the stride
/// @param tileRows of a tile, at most 256
/// @param tileColumns of a tile, 64
public record Tiles(
    long address,
    long rows,
    long columns,
    long stride,
    long matrices,
    long next,
    int tileRows,
    int tileColumns) {

  /// Tiles of a single matrix.
  public Tiles(long address, long rows, long columns, long stride, int tileRows, int tileColumns) {
    this(address, rows, columns, stride, 0, 0, tileRows, tileColumns);
  }
}
