package dev.quintet.kernels.driver;

/// A matrix of bfloat16 that Hopper's copy engine takes by tiles (`TileMap` of `hopper.cuh`), swizzled in 128 bytes.
///
/// @param address of the matrix, a multiple of 16
/// @param rows of the matrix
/// @param columns of the matrix
/// @param stride elements from row to row, a multiple of 8
/// @param tileRows of a tile, at most 256
/// @param tileColumns of a tile, 64
public record Tiles(
    long address, long rows, long columns, long stride, int tileRows, int tileColumns) {}
