// C[M, N] = A[M, K] B[N, K]ᵀ in tiles of 64 by Hopper's instructions: one warp has tiles of bfloat16 copied through three stages, a
// warpgroup multiplies them. Wrong 1: a stage is given back before the products that read it have ended; wrong 2: they do not
// wait for their tiles; wrong 3: the result's tile is written over before its store has read it.
#include "../../main/cuda/hopper.cuh"

KERNEL(160, planted_hopper)(IN_PLACE const TileMap left, IN_PLACE const TileMap right, IN_PLACE const TileMap result, i32 k, i32 wrong) {
  const int STAGES = 3;
  const int tid = thread(), steps = k / 64;
  Shared<u8> memory = shared<u8>(0);
  const u32 base = memory.address(0), full = base + (2 * STAGES + 1) * 8192, empty = full + 64;
  if (tid == 0) {
    for (int i = 0; i < STAGES; i++) {
      openBarrier(full + i * 8, 1);
      openBarrier(empty + i * 8, 128);
    }
    showBarriers();
  }
  __syncthreads();
  if (tid >= 128) {
    if (tid == 128) {
      for (int i = 0; i < steps; i++) {
        int stage = i % STAGES;
        awaitBarrier(empty + stage * 8, ((i / STAGES) & 1) ^ 1);
        arriveExpecting(full + stage * 8, 16384);
        loadTile(base + stage * 16384, &left, full + stage * 8, i * 64, blockIdx.y * 64);
        loadTile(base + stage * 16384 + 8192, &right, full + stage * 8, i * 64, blockIdx.x * 64);
      }
    }
    return;
  }
  float d[32];
#pragma unroll
  for (int i = 0; i < 32; i++) d[i] = 0.f;
  for (int i = 0; i < steps; i++) {
    int stage = i % STAGES;
    if (wrong != 2) awaitBarrier(full + stage * 8, (i / STAGES) & 1);
    fenceProducts();
#pragma unroll
    for (int part = 0; part < 4; part++) {
      multiplyTiles(d, tile(base + stage * 16384 + part * 32), tile(base + stage * 16384 + 8192 + part * 32));
    }
    commitProducts();
    if (wrong == 1) arrive(empty + stage * 8);
    waitProducts<0>();
    if (wrong != 1) arrive(empty + stage * 8);
  }
  const int w = tid >> 5, l = tid & 31;
  Shared<u8> out = memory + 2 * STAGES * 8192;
#pragma unroll
  for (int i = 0; i < 32; i += 2) {
    int row = w * 16 + (l >> 2) + ((i >> 1) & 1) * 8, column = (i >> 2) * 8 + (l & 3) * 2;
    int at = row * 128 + column * 2;
    out.setAs<u32>(at ^ (((at >> 7) & 7) << 4), pack(d[i], d[i + 1]));
  }
  showShared();
  namedBarrier(1, 128);
  if (tid == 0) {
    storeTile(&result, out.address(0), blockIdx.x * 64, blockIdx.y * 64);
    commitStores();
    if (wrong == 3) out.setAs<u32>(0, 0);
    waitStores<0>();
  }
}
REGISTER(planted_hopper);
