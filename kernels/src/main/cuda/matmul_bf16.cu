// Matrix products of bfloat16 on the tensor cores, summed in float32: the third rung of matmul.cu's ladder.
//
// What it changes: mma.sync does 16 x 8 x 16 multiplications at once (16 times float32's rate on an A100), and cp.async brings the
// tiles of the next three steps of 32 to shared memory while this one is multiplied, so that no thread waits for memory or holds
// what is on its way in registers. Rows in shared memory are cut into chunks of 16 bytes whose places are xor-ed with the row,
// so that neither a copy nor ldmatrix meets a bank twice. An operand that lies across the summed size is turned by ldmatrix: all
// forms but A^T B^T cost the same, and nothing is transposed in memory.
//
// Tiles: 128 x 256 with 64 x 64 a warp, which reads the fewest bytes of shared memory for a multiplication; 128 x 128 with 64 x 32
// a warp, for two blocks a multiprocessor; 64 x 64 for small products. Where there are few tiles the summed size is cut in
// parts, whose sums matmul_parts adds in their order. The size of the tile changes no bit of the result, the cut does.
//
// Operands begin at a multiple of 16 bytes, and so does each of their rows, which are multiples of 8 long.
#include "accumulator.cuh"

#define STAGES 4  // a power of 2
#define STEP 32

// A tile of A or B in shared memory: ROWS by STEP of the summed size. ALONG: whether memory runs along the summed size.
template <int ROWS, int THREADS, bool ALONG> struct Side {
  static const int BYTES = ROWS * STEP * 2;
  static const int LINE = ALONG ? STEP * 2 : ROWS * 2;  // bytes
  static const int CHUNKS = LINE / 16;
  static const int COPIES = BYTES / 16 / THREADS;
  static const int LINES = THREADS / CHUNKS;  // that are copied at once

  i64 at;  // of this thread's first chunk at the summed size's 0
  int line;
  int first;  // of the first chunk, along memory
  int place;  // in shared memory

  // The tile from `row` on of a matrix whose lines lie so far apart.
  static DEVICE Side of(int row, i32 stride) {
    Side s;
    int l = thread() / CHUNKS, chunk = thread() % CHUNKS;
    s.line = l + (ALONG ? row : 0);
    s.first = chunk * 8 + (ALONG ? 0 : row);
    s.at = (i64)s.line * stride + s.first;
    s.place = l * LINE + ((chunk ^ (ALONG ? (l >> 1) & 3 : l & 7)) << 4);
    return s;
  }

  // The places of a thread's lines repeat: a line 8 further on has its chunks where this one has.
  DEVICE void copy(u32 to, Global<const bf16> from, i32 stride, int rows, int k, int depth) const {
    static_assert(LINES % 8 == 0, "places");
    i64 start = at + (ALONG ? (i64)k : (i64)k * stride);
    bool along = first < (ALONG ? depth - k : rows);
#pragma unroll
    for (int c = 0; c < COPIES; c++) {
      bool there = along && line < (ALONG ? rows : depth - k) - c * LINES;
      copyAsync(to + place + c * LINES * LINE, from, start + (i64)(c * LINES) * stride, there);
    }
  }
};

// Where a lane's ldmatrix addresses lie in a tile of A: of the 16 x 16 block at row `row`, with a warp's further blocks and the
// second half of the step reached by `fragment`.
template <int ROWS, bool ALONG> struct Fragments {
  static const int LINE = ALONG ? STEP * 2 : ROWS * 2;
  u32 place;

  // `high` and `deep` say which of the four 8 x 8 matrices this lane addresses: the lower rows, the later half of the 16.
  static DEVICE Fragments of(int row, int high, int deep) {
    Fragments f;
    int inside = lane() & 7;
    if (ALONG) {
      f.place = (row + inside + 8 * high) * LINE + ((deep ^ ((inside >> 1) & 3)) << 4);
    } else {
      f.place = (inside + 8 * deep) * LINE + ((((row >> 3) | high) ^ inside) << 4);
    }
    return f;
  }

  // Block i of 16 rows, half h of the step.
  DEVICE void load(u32 tile, int i, int h, u32 (&r)[4]) const {
    if (ALONG) {
      loadMatrices(r, tile + i * 16 * LINE + (place ^ (h << 5)));
    } else {
      loadMatricesTurned(r, tile + h * 16 * LINE + (place ^ (i << 5)));
    }
  }
};

// HEIGHT x WIDTH a block, TALL x BROAD a warp. EARLY: whether the next 16 of the summed size are loaded to registers while these
// are multiplied, which two blocks a multiprocessor do for each other.
template <int HEIGHT, int WIDTH, int TALL, int BROAD, bool EARLY, bool ALONG_A, bool ALONG_B> DEVICE void multiplyTiles(const Products& p) {
  const int ACROSS = WIDTH / BROAD, THREADS = HEIGHT / TALL * ACROSS * 32;
  const int BLOCKS = TALL / 16, PAIRS = BROAD / 16;
  typedef Side<HEIGHT, THREADS, ALONG_A> SideA;
  typedef Side<WIDTH, THREADS, ALONG_B> SideB;
  const int STAGE = SideA::BYTES + SideB::BYTES;
  u32 base = shared<bf16>(0).address(0);
  Tile tile = Tile::of(p, HEIGHT, WIDTH);
  int row = warp() / ACROSS * TALL, column = warp() % ACROSS * BROAD;  // of this warp, in the tile
  SideA sideA = SideA::of(tile.row, p.rowA);
  SideB sideB = SideB::of(tile.column, p.rowB);
  int l = lane();
  // ldmatrix fills registers in the order that mma takes them: A's by rows first, B's by depth first
  auto fragmentsA = Fragments<HEIGHT, ALONG_A>::of(row, (l >> 3) & 1, l >> 4);
  auto fragmentsB = Fragments<WIDTH, ALONG_B>::of(column, l >> 4, (l >> 3) & 1);

  int depth = (p.k + STEP - 1) / STEP;  // steps of a term
  int first = tile.part * p.steps;
  u32 steps = min(p.steps, depth * p.terms - first);
  int index = first / depth, k = (first - index * depth) * STEP;  // the next operands to copy
  index += tile.member;
  auto stageOf = [&](u32 step) { return base + step % STAGES * STAGE; };
  auto copy = [&](u32 step) {
    if (step < steps) {
      u32 stage = stageOf(step);
      sideA.copy(stage, p.a[index] + tile.matrix * p.nextA, p.rowA, p.m, k, p.k);
      sideB.copy(stage + SideA::BYTES, p.b[index] + tile.matrix * p.nextB, p.rowB, p.n, k, p.k);
      k += STEP;
      if (k >= p.k) {
        k = 0;
        index++;
      }
    }
    commitCopies();  // an empty group too: waits count groups
  };

  float sum[BLOCKS][2 * PAIRS][4];
#pragma unroll
  for (int i = 0; i < BLOCKS; i++) {
#pragma unroll
    for (int j = 0; j < 2 * PAIRS; j++) {
#pragma unroll
      for (int e = 0; e < 4; e++) sum[i][j][e] = 0.f;
    }
  }
  u32 a[1 + EARLY][BLOCKS][4], b[1 + EARLY][PAIRS][4];
  auto load = [&](u32 stage, int half) {
    const int at = EARLY ? half : 0;
#pragma unroll
    for (int i = 0; i < BLOCKS; i++) fragmentsA.load(stage, i, half, a[at][i]);
#pragma unroll
    for (int j = 0; j < PAIRS; j++) fragmentsB.load(stage + SideA::BYTES, j, half, b[at][j]);
  };
  auto multiply = [&](int half) {
    const int at = EARLY ? half : 0;
#pragma unroll
    for (int i = 0; i < BLOCKS; i++) {
#pragma unroll
      for (int j = 0; j < PAIRS; j++) {
        multiplyAdd(sum[i][2 * j], a[at][i], b[at][j][0], b[at][j][1]);
        multiplyAdd(sum[i][2 * j + 1], a[at][i], b[at][j][2], b[at][j][3]);
      }
    }
  };

#pragma unroll
  for (int s = 0; s < STAGES - 1; s++) copy(s);
  waitCopies<STAGES - 2>();
  __syncthreads();
  if (EARLY) load(base, 0);
  for (u32 step = 0; step < steps; step++) {
    u32 stage = stageOf(step);
    if (EARLY) load(stage, 1);
    copy(step + STAGES - 1);  // to the stage that everybody left before the last barrier
    if (EARLY) {
      multiply(0);
    } else {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        load(stage, half);
        multiply(half);
      }
    }
    waitCopies<STAGES - 2>();
    __syncthreads();
    if (EARLY) {
      if (step + 1 < steps) load(stageOf(step + 1), 0);
      multiply(1);
    }
  }

  Result c = Result::of(p, tile.member, tile.matrix);
#pragma unroll
  for (int i = 0; i < BLOCKS; i++) putBlocks<2 * PAIRS>(p, tile, c, tile.row + row + 16 * i, tile.column + column, sum[i]);
}

// Shared memory of matmul_bf16_*_256: 98304 bytes
// Shared memory of matmul_bf16_*_128: 65536 bytes
// Shared memory of matmul_bf16_*_64: 32768 bytes
#define TILES(form, alongA, alongB)                                                                                               \
  KERNEL(256, matmul_bf16_##form##_256)(Products p) { multiplyTiles<128, 256, 64, 64, true, alongA, alongB>(p); }                       \
  REGISTER(matmul_bf16_##form##_256);                                                                                             \
  KERNEL_BESIDE(256, 2, matmul_bf16_##form##_128)(Products p) { multiplyTiles<128, 128, 64, 32, false, alongA, alongB>(p); }                       \
  REGISTER(matmul_bf16_##form##_128);                                                                                             \
  KERNEL(128, matmul_bf16_##form##_64)(Products p) { multiplyTiles<64, 64, 32, 32, true, alongA, alongB>(p); }                          \
  REGISTER(matmul_bf16_##form##_64);

TILES(nn, true, false)
TILES(nt, true, true)
TILES(tn, false, false)
