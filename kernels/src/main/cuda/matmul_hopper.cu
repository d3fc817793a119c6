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
//
// matmul_hopper_gated has the gate of a gated feed-forward layer behind the sums of its two products: a tile is 128 columns of both,
// so that a thread has both factors of an element, and nobody reads them again. Of an encoder layer of T5-base (24,576 x 2048) that is
// 201 of 503 MB less to move and a launch, where nothing is learned 403 MB less. But the gate's arithmetic, some 40 instructions an
// element, runs while no product does: about a third of their time where 768 are summed. MatmulPlan weighs both; calculated, none
// measured.
#include "accumulator.cuh"
#include "dropout.cuh"
#include "gated.cuh"
#include "wgmma.cuh"

// The tiles of each operand, 2048 bytes.
struct Maps {
  TileMap a[MATMUL_GROUP];
  TileMap b[MATMUL_GROUP];
};

#define HEIGHT 128
#define READERS 16  // warps of the cluster that read what a block has copied

// end(a tile, the row of its first sum, the sums of a warp: 16 rows) for all tiles. PAIRED: the first half of B's tile is of the one
// matrix, the second half the same columns of the other, so that a thread has both sums of each element.
template <int WIDTH, int STAGES, bool ACROSS_A, bool ACROSS_B, bool PAIRED, class End>
DEVICE void multiply(const Maps& maps, const Products& p, const End& end) {
  typedef Operand<HEIGHT, ACROSS_A> OperandA;
  typedef Operand<WIDTH, ACROSS_B> OperandB;
  const int COLUMNS = PAIRED ? WIDTH / 2 : WIDTH;
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
  int pairs = (p.m + CLUSTER * HEIGHT - 1) / (CLUSTER * HEIGHT) * ((p.n + COLUMNS - 1) / COLUMNS) * p.members * p.parts;
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
        Tile tile = Tile::at(p, CLUSTER * HEIGHT, COLUMNS, pair);
        int first = tile.part * p.steps;
        int index = first / depth, k = (first - index * depth) * 64;
        index += tile.member;
        for (int steps = stepsOf(tile); steps > 0; steps--) {
          awaitBarrier(empty + stage * 8, phase ^ 1);
          arriveExpecting(full + stage * 8, STAGE);
          u32 at = base + stage * STAGE;
          OperandA::load(at, &maps.a[index], full + stage * 8, tile.row + rank * HEIGHT, k);
          // of a pair each block brings one matrix's columns, which lie where its share of a single one's would
          int column = PAIRED ? tile.column - rank * COLUMNS : tile.column;
          OperandB::loadForAll(at + OperandA::BYTES, &maps.b[PAIRED ? rank : index], full + stage * 8, column, k, rank);
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
      Tile tile = Tile::at(p, CLUSTER * HEIGHT, COLUMNS, pair);
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
      hold(sum);
      if (lane() < CLUSTER) arriveAt(empty + before * 8, lane());
      end(tile, tile.row + rank * HEIGHT + half * 64 + (warp() & 3) * 16, sum);
    }
  }
  __syncwarp();
  clusterBarrier();  // nobody ends while another one still says something to its barriers
}

template <int WIDTH, int STAGES, bool ACROSS_A, bool ACROSS_B> DEVICE void multiply(const Maps& maps, const Products& p) {
  multiply<WIDTH, STAGES, ACROSS_A, ACROSS_B, false>(maps, p, [&](const Tile& tile, int top, const float (&sum)[WIDTH / 8][4]) {
    putBlocks<WIDTH / 8>(p, tile, Result::of(p, tile.member, tile.matrix), top, tile.column, sum);
  });
}

// The gate of a gated feed-forward layer, as the host hands it over, 88 bytes (CudaMatmul writes it).
struct Gate {
  DropoutMask mask;  // of the result
  Global<bf16> gate;  // 64: both factors as they were multiplied, for the way back; or none
  Global<bf16> up;
  i32 each;  // 80: rows of the product in a row of the mask
  i32 activation;
};

#define GATED 128  // columns of the result in a tile

// Which of 16 rows by GATED columns are kept: bit 2 b + e of kept[h] for column 8 b + 2 t + e of row g + 8 h. The 16 columns that a
// lane has of a block of 64 are those of the counters t and t + 4.
DEVICE void drawGated(const Products& p, const Gate& of, const Dropper& dropper, int top, int left, u32 (&kept)[2]) {
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int y = min(top + (lane() >> 2) + 8 * h, p.m - 1);
    i64 row, token;
    if (of.mask.places) {
      row = of.mask.places.load(2 * y);
      token = of.mask.places.load(2 * y + 1);
    } else {
      row = y / of.each;
      token = y - row * of.each;
    }
    i64 block = (token * p.n + left) >> 6;
    kept[h] = 0;
#pragma unroll
    for (int i = 0; i < GATED / 64 * 2; i++) {
      u32 w[4];
      dropper.words(row, block + (i >> 1), (lane() & 3) + 4 * (i & 1), w);
#pragma unroll
      for (int j = 0; j < 4; j++) {
#pragma unroll
        for (int e = 0; e < 2; e++) kept[h] |= dropper.keeps(w, j, e) ? 1u << (16 * (i >> 1) + 4 * j + 2 * (i & 1) + e) : 0u;
      }
    }
  }
}

// Stores 32 columns of a row: packed[j] are columns 8 j + 2 t and the next.
DEVICE void putGated(const Products& p, Global<bf16> to, int y, int x, u32 (&packed)[4]) {
  turn(packed);  // now this lane has columns 8 t .. 8 t + 7
  x += 8 * (lane() & 3);
  Wide w = {{packed[0], packed[1], packed[2], packed[3]}};
  if (y < p.m && x < p.n) to.storeWide((i64)y * p.n + x, w);
}

// C = mask f(gate) up scale of 16 rows from `top` on and GATED columns from `left` on. Both sums are rounded first, as if they had
// been stored and read again: forward and backward then see the same, whether or not they are stored.
DEVICE void putGated(const Products& p, const Gate& of, int top, int left, const float (&sum)[GATED / 4][4]) {
  Dropper dropper = Dropper::of(of.mask);
  float scale = dropper.active() ? dropper.scale : 1.f;
  u32 kept[2] = {~0u, ~0u};
  if (dropper.active()) drawGated(p, of, dropper, top, left, kept);
  chooseGate(of.activation, [&](auto f) {
#pragma unroll
    for (int h = 0; h < 2; h++) {
      int y = top + (lane() >> 2) + 8 * h;
#pragma unroll
      for (int q = 0; q < GATED / 8; q += 4) {
        u32 gate[4], up[4], both[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
          const float(&g)[4] = sum[q + j], (&u)[4] = sum[q + j + GATED / 8];
          gate[j] = pack(g[2 * h], g[2 * h + 1]);
          up[j] = pack(u[2 * h], u[2 * h + 1]);
          float v0 = value<decltype(f)::N>(lower(gate[j]), 0.f) * lower(up[j]) * scale;
          float v1 = value<decltype(f)::N>(upper(gate[j]), 0.f) * upper(up[j]) * scale;
          u32 bits = kept[h] >> 2 * (q + j);
          both[j] = pack(bits & 1 ? v0 : 0.f, bits & 2 ? v1 : 0.f);
        }
        if (of.gate) {
          putGated(p, of.gate, y, left + 8 * q, gate);
          putGated(p, of.up, y, left + 8 * q, up);
        }
        putGated(p, p.c[0], y, left + 8 * q, both);
      }
    }
  });
}

DEVICE void multiplyGated(const Maps& maps, const Products& p, const Gate& of) {
  multiply<2 * GATED, 4, false, false, true>(
      maps, p, [&](const Tile& tile, int top, const float (&sum)[GATED / 4][4]) { putGated(p, of, top, tile.column, sum); });
}

#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define MULTIPLY(width, stages, acrossA, acrossB) multiply<width, stages, acrossA, acrossB>(maps, p)
#define MULTIPLY_GATED multiplyGated(maps, p, of)
#else
#define MULTIPLY(width, stages, acrossA, acrossB)
#define MULTIPLY_GATED
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

// Shared memory of matmul_hopper_gated: 196672 bytes
KERNEL_BESIDE(384, 1, matmul_hopper_gated)(IN_PLACE const Maps maps, IN_PLACE const Products p, IN_PLACE const Gate of) { MULTIPLY_GATED; }
REGISTER(matmul_hopper_gated);
