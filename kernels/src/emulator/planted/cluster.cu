// C[128, 96] = A[128, k] B[96, k]ᵀ by a cluster of two blocks, which bring each other half of B, by one stage. Wrong 1: a block ends
// while the other one still says something to its barriers; wrong 2: nobody tells the other block that a stage is empty, so that it
// overwrites what is still read; wrong 3: products are not told of the registers before them.
#include "../../main/cuda/wgmma.cuh"

KERNEL_BESIDE(256, 1, planted_cluster)(IN_PLACE const TileMap left, IN_PLACE const TileMap right, Global<float> y, i32 k, i32 wrong) {
  typedef Operand<64, false> OperandA;
  typedef Operand<96, false> OperandB;
  const u32 base = shared<u8>(0).address(0), full = base + OperandA::BYTES + OperandB::BYTES, empty = full + 8;
  const int rank = clusterRank();
  if (thread() == 0) {
    openBarrier(full, 1);
    openBarrier(empty, wrong == 2 ? 4 : 8);
    showBarriers();
  }
  clusterBarrier();
  if (warp() < 4) {
    if (thread() == 0) {
      for (int step = 0; step < k / 64; step++) {
        awaitBarrier(empty, (step & 1) ^ 1);
        arriveExpecting(full, OperandA::BYTES + OperandB::BYTES);
        OperandA::load(base, &left, full, 64 * rank, 64 * step);
        OperandB::loadForAll(base + OperandA::BYTES, &right, full, 0, 64 * step, rank);
      }
    }
  } else {
    float d[12][4];
    for (int step = 0; step < k / 64; step++) {
      awaitBarrier(full, step & 1);
      if (wrong != 3) fenceProducts();
#pragma unroll
      for (int part = 0; part < 4; part++) {
        multiplyTiles<96, false, false>(d, OperandA::slice(base, part), OperandB::slice(base + OperandA::BYTES, part), step > 0 || part > 0);
      }
      commitProducts();
      waitProducts<0>();
      if (lane() < (wrong == 2 ? 1 : 2)) arriveAt(empty, wrong == 2 ? rank : lane());
    }
#pragma unroll
    for (int i = 0; i < 48; i++) {
      int row = rank * 64 + (warp() & 3) * 16 + (lane() >> 2) + ((i >> 1) & 1) * 8, column = (i >> 2) * 8 + (lane() & 3) * 2 + (i & 1);
      y.store(row * 96 + column, d[i >> 2][i & 3]);
    }
  }
  __syncwarp();
  if (wrong != 1) clusterBarrier();
}
REGISTER(planted_cluster);
