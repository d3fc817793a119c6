// Matrix products of bfloat16 by Hopper's own instructions (9.0 alone): the fourth rung of matmul.cu's ladder.
//
// What it changes: a product of four warps (wgmma) reads both operands from shared memory, so that their way through registers
// and ldmatrix falls away, and one thread has the copy engine bring whole tiles there. A block is three groups of four warps: one that
// only copies, up to STAGES steps of 64 of the summed size ahead, and gives its registers to the other two, which multiply 64 rows each
// and hold their sums, up to 128 numbers a thread. Nobody waits for a block's barrier: a stage is full when its bytes have
// arrived, and empty when every warp that reads it has said so.
//
// Two blocks are a cluster: their tiles lie one below the other, so each brings half of the B that both need, to both. Clusters stay
// and take one pair of tiles after the other, and the first steps of the next pair come while this one's sums are written.
//
// Operands lie in shared memory as in memory, and wgmma takes them along or across the summed size: all forms but A^T B^T cost
// the same. What lies beyond a matrix the copy engine fills with zeros. Tiles: 128 x 256, 192 or 96 a block; which leaves the fewest
// multiprocessors without work, MatmulPlan reckons. The size of the tile changes no bit of the result, the cut of the summed size does.
//
// Operands begin at a multiple of 16 bytes, and so does each of their rows; there is one matrix of each, without a batch.
#include "accumulator.cuh"
#include "wgmma.cuh"

// The tiles of each operand, 2048 bytes.
struct Maps {
  TileMap a[MATMUL_GROUP];
  TileMap b[MATMUL_GROUP];
};

#define HEIGHT 128
#define READERS 16  // warps of the cluster that read what a block has copied

template <int WIDTH, int STAGES, bool ACROSS_A, bool ACROSS_B> DEVICE void multiply(const Maps& maps, const Products& p) {
  typedef Operand<HEIGHT, ACROSS_A> OperandA;
  typedef Operand<WIDTH, ACROSS_B> OperandB;
  const int STAGE = OperandA::BYTES + OperandB::BYTES;
  const u32 base = shared<u8>(0).address(0), full = base + STAGES * STAGE, empty = full + STAGES * 8;
  const int rank = clusterRank();
  if (thread() == 0) {
    for (int s = 0; s < STAGES; s++) {
      openBarrier(full + s * 8, 1);
      openBarrier(empty + s * 8, READERS);
    }
    showBarriers();
  }
  clusterBarrier();

  int depth = (p.k + 63) / 64;  // steps of a term
  int pairs = (p.m + CLUSTER * HEIGHT - 1) / (CLUSTER * HEIGHT) * ((p.n + WIDTH - 1) / WIDTH) * p.members * p.parts;
  int stage = 0;
  u32 phase = 0;
  auto next = [&]() {
    if (++stage == STAGES) {
      stage = 0;
      phase ^= 1;
    }
  };
  auto stepsOf = [&](const Tile& tile) { return min(p.steps, depth * p.terms - tile.part * p.steps); };

  if (warp() < 4) {
    giveRegisters<40>();
    if (thread() == 0) {
      for (int pair = blockIdx.x / CLUSTER; pair < pairs; pair += gridDim.x / CLUSTER) {
        Tile tile = Tile::at(p, CLUSTER * HEIGHT, WIDTH, pair);
        int first = tile.part * p.steps;
        int index = first / depth, k = (first - index * depth) * 64;
        index += tile.member;
        for (int steps = stepsOf(tile); steps > 0; steps--) {
          awaitBarrier(empty + stage * 8, phase ^ 1);
          arriveExpecting(full + stage * 8, STAGE);
          u32 at = base + stage * STAGE;
          OperandA::load(at, &maps.a[index], full + stage * 8, tile.row + rank * HEIGHT, k);
          OperandB::loadForAll(at + OperandA::BYTES, &maps.b[index], full + stage * 8, tile.column, k, rank);
          k += 64;
          if (k >= p.k) {
            k = 0;
            index++;
          }
          next();
        }
      }
    }
  } else {
    takeRegisters<232>();
    const int half = warp() / 4 - 1;
    const u32 own = OperandA::BYTES / 2 * half;
    float sum[WIDTH / 8][4];
    for (int pair = blockIdx.x / CLUSTER; pair < pairs; pair += gridDim.x / CLUSTER) {
      Tile tile = Tile::at(p, CLUSTER * HEIGHT, WIDTH, pair);
      u32 before = 0;  // the stage of the step before
      int steps = stepsOf(tile);
      for (int step = 0; step < steps; step++) {
        awaitBarrier(full + stage * 8, phase);
        u32 at = base + stage * STAGE;
        fenceProducts();
#pragma unroll
        for (int part = 0; part < 4; part++) {
          multiplyTiles<WIDTH, ACROSS_A, ACROSS_B>(sum, OperandA::slice(at + own, part), OperandB::slice(at + OperandA::BYTES, part), step > 0 || part > 0);
        }
        commitProducts();
        waitProducts<1>();
        if (step > 0 && lane() < CLUSTER) arriveAt(empty + before * 8, lane());
        before = stage;
        next();
      }
      waitProducts<0>();
      if (lane() < CLUSTER) arriveAt(empty + before * 8, lane());
      Result c = Result::of(p, tile.member, tile.matrix);
      putBlocks<WIDTH / 8>(p, tile, c, tile.row + rank * HEIGHT + half * 64 + (warp() & 3) * 16, tile.column, sum);
    }
  }
  __syncwarp();
  clusterBarrier();  // nobody ends while another one still says something to its barriers
}

#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define MULTIPLY(width, stages, acrossA, acrossB) multiply<width, stages, acrossA, acrossB>(maps, p)
#else
#define MULTIPLY(width, stages, acrossA, acrossB)
#endif

// Shared memory of matmul_hopper_*_256: 196672 bytes
// Shared memory of matmul_hopper_*_192: 204880 bytes
// Shared memory of matmul_hopper_*_96: 196704 bytes
#define TILES(form, acrossA, acrossB)                                                                                             \
  KERNEL_BESIDE(384, 1, matmul_hopper_##form##_256)(IN_PLACE const Maps maps, IN_PLACE const Products p) { MULTIPLY(256, 4, acrossA, acrossB); } \
  REGISTER(matmul_hopper_##form##_256);                                                                                           \
  KERNEL_BESIDE(384, 1, matmul_hopper_##form##_192)(IN_PLACE const Maps maps, IN_PLACE const Products p) { MULTIPLY(192, 5, acrossA, acrossB); } \
  REGISTER(matmul_hopper_##form##_192);                                                                                           \
  KERNEL_BESIDE(384, 1, matmul_hopper_##form##_96)(IN_PLACE const Maps maps, IN_PLACE const Products p) { MULTIPLY(96, 6, acrossA, acrossB); }   \
  REGISTER(matmul_hopper_##form##_96);

TILES(nn, false, true)
TILES(nt, false, false)
TILES(tn, true, true)
