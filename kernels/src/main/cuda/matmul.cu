// Matrix products C = op(A) op(B) and C += op(A) op(B), in float32.
//
// A ladder of four. matmul_plain takes every form, type, stride and alignment: 32 x 32 tiles, each element of A and B read once
// a tile. matmul_float32_* keeps 128 x 128 tiles (64 x 64 for small ones), 8 x 8 of them in a thread's registers: four times less
// is read, and 16 shared loads feed 64 multiplications instead of 4 feeding 4. The third, for bfloat16, is matmul_bf16.cu, the fourth,
// for bfloat16 on Hopper, matmul_hopper.cu.
//
// The order of every sum is the same on the first two: runs of 256 along the summed size, each in order, are added to what C
// held, one after the other. So C += A B twice has the bits of their sum in one launch, and long sums lose little.
#include "matmul.cuh"

#define RUN 256

// One element of A or B in shared memory, 0 outside.
DEVICE float element(Global<const bf16> from, bool narrow, bool there, i64 i) {
  if (!there) return 0.f;
  return narrow ? toFloat(from.load(i)) : from.as<const float>().load(i);
}

// Shared memory of matmul_plain: 8448 bytes
KERNEL_BESIDE(256, 2, matmul_plain)(Products p) {
  const int STEP = 32, LINE = 33;
  Shared<float> as = shared<float>(0), bs = shared<float>(STEP * LINE * 4);
  Tile tile = Tile::of(p, 32, 32);
  bool narrowA = p.form & NARROW_A, narrowB = p.form & NARROW_B, turnedA = p.form & TURNED_A, turnedB = p.form & TURNED_B;
  i64 firstA = tile.matrix * p.nextA, firstB = tile.matrix * p.nextB;
  Result c = Result::of(p, tile.member, tile.matrix);
  int y = thread() >> 4, x = thread() & 15;
  int row = tile.row + y, column = tile.column + x;
  bool live = row < p.m && column < p.n;
  float total[2][2], sum[2][2];
#pragma unroll
  for (int i = 0; i < 2; i++) {
#pragma unroll
    for (int j = 0; j < 2; j++) {
      bool old = (p.form & ACCUMULATE) && row + 16 * i < p.m && column + 16 * j < p.n;
      total[i][j] = old ? c.load((i64)(row + 16 * i) * p.rowC + column + 16 * j) : 0.f;
      sum[i][j] = 0.f;
    }
  }
  for (int term = 0; term < p.terms; term++) {
    Global<const bf16> a = p.a[tile.member + term], b = p.b[tile.member + term];
    for (int k = 0; k < p.k; k += STEP) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int slow = (thread() >> 5) + 8 * e, fast = lane();  // neighbours read neighbours
        int m = turnedA ? fast : slow, ka = turnedA ? slow : fast;
        bool there = tile.row + m < p.m && k + ka < p.k;
        i64 at = turnedA ? (i64)(k + ka) * p.rowA + tile.row + m : (i64)(tile.row + m) * p.rowA + k + ka;
        as.set(ka * LINE + m, element(a, narrowA, there, firstA + at));
        int n = turnedB ? slow : fast, kb = turnedB ? fast : slow;
        there = tile.column + n < p.n && k + kb < p.k;
        at = turnedB ? (i64)(tile.column + n) * p.rowB + k + kb : (i64)(k + kb) * p.rowB + tile.column + n;
        bs.set(kb * LINE + n, element(b, narrowB, there, firstB + at));
      }
      __syncthreads();
      if (live) {
        int count = min(STEP, p.k - k);
#pragma unroll 8
        for (int l = 0; l < count; l++) {
          float a0 = as.get(l * LINE + y), a1 = as.get(l * LINE + y + 16);
          float b0 = bs.get(l * LINE + x), b1 = bs.get(l * LINE + x + 16);
          sum[0][0] += a0 * b0;
          sum[0][1] += a0 * b1;
          sum[1][0] += a1 * b0;
          sum[1][1] += a1 * b1;
        }
        if (k % RUN == RUN - STEP || k + STEP >= p.k) {
#pragma unroll
          for (int i = 0; i < 2; i++) {
#pragma unroll
            for (int j = 0; j < 2; j++) {
              total[i][j] += sum[i][j];
              sum[i][j] = 0.f;
            }
          }
        }
      }
      __syncthreads();
    }
  }
#pragma unroll
  for (int i = 0; i < 2; i++) {
#pragma unroll
    for (int j = 0; j < 2; j++) {
      if (row + 16 * i < p.m && column + 16 * j < p.n) {
        c.store((i64)(row + 16 * i) * p.rowC + column + 16 * j, total[i][j]);
      }
    }
  }
}
REGISTER(matmul_plain);

// A tile of A or B, 16 of the summed size by ROWS, on its way from global to shared memory through a thread's registers.
//
// ALONG: whether memory runs along the summed size. Shared memory always has a line for each of the 16.
template <int ROWS, int THREADS, bool ALONG> struct Panel {
  static const int LINE = ROWS + 4, BYTES = 16 * LINE * 4, COUNT = ROWS * 4 / THREADS;
  float v[COUNT][4];

  static DEVICE int row(int i) { return ALONG ? i >> 2 : i % (ROWS / 4) * 4; }
  static DEVICE int deep(int i) { return ALONG ? (i & 3) * 4 : i / (ROWS / 4); }

  DEVICE void fetch(Global<const float> from, i32 stride, int first, int rows, int k, int depth) {
#pragma unroll
    for (int c = 0; c < COUNT; c++) {
      int i = thread() + c * THREADS;
      int r = first + row(i), d = k + deep(i);
      i64 at = ALONG ? (i64)r * stride + d : (i64)d * stride + r;
      int there = ALONG ? (r < rows ? depth - d : 0) : (d < depth ? rows - r : 0);
      if (there >= 4) {
        Lanes<float>::spread(from.loadWide(at), v[c]);
      } else {
#pragma unroll
        for (int e = 0; e < 4; e++) v[c][e] = e < there ? from.load(at + e) : 0.f;
      }
    }
  }

  DEVICE void put(Shared<float> to) const {
#pragma unroll
    for (int c = 0; c < COUNT; c++) {
      int i = thread() + c * THREADS;
      if (ALONG) {
#pragma unroll
        for (int e = 0; e < 4; e++) to.set((deep(i) + e) * LINE + row(i), v[c][e]);
      } else {
        to.template setAs<Wide>(deep(i) * LINE + row(i), Lanes<float>::gather(v[c]));
      }
    }
  }
};

// A thread has rows 4 y .. 4 y + 3 of every 4 x HEIGHT / TALL rows of its tile, and columns likewise.
template <int HEIGHT, int WIDTH, int TALL, int BROAD, bool ALONG_A, bool ALONG_B> DEVICE void multiplyFloats(const Products& p) {
  const int ACROSS = WIDTH / BROAD, THREADS = HEIGHT / TALL * ACROSS;
  typedef Panel<HEIGHT, THREADS, ALONG_A> PanelA;
  typedef Panel<WIDTH, THREADS, ALONG_B> PanelB;
  const int STAGE = (PanelA::BYTES + PanelB::BYTES) / 4;
  Shared<float> as = shared<float>(0), bs = as + PanelA::BYTES / 4;
  Tile tile = Tile::of(p, HEIGHT, WIDTH);
  Result c = Result::of(p, tile.member, tile.matrix);
  int y = thread() / ACROSS * 4, x = thread() % ACROSS * 4;
  bool whole = p.parts == 1, wide = p.form & WIDE_C;
  float total[TALL][BROAD], sum[TALL][BROAD];
#pragma unroll
  for (int i = 0; i < TALL; i++) {
    int row = tile.row + i / 4 * (HEIGHT / TALL * 4) + y + i % 4;
#pragma unroll
    for (int j = 0; j < BROAD / 4; j++) {
      int column = tile.column + j * ACROSS * 4 + x;
      float old[4] = {0.f, 0.f, 0.f, 0.f};
      if (whole && (p.form & ACCUMULATE) && row < p.m) c.load((i64)row * p.rowC + column, p.n - column, wide, old);
#pragma unroll
      for (int e = 0; e < 4; e++) {
        total[i][4 * j + e] = old[e];
        sum[i][4 * j + e] = 0.f;
      }
    }
  }
  int depth = (p.k + 15) / 16;  // steps of a term
  int step = tile.part * p.steps, end = min(step + p.steps, depth * p.terms);
  int term = step / depth, k = (step - term * depth) * 16;
  PanelA panelA;
  PanelB panelB;
  auto fetch = [&]() {
    int index = tile.member + term;
    Global<const float> a = p.a[index].template as<const float>() + tile.matrix * p.nextA;
    Global<const float> b = p.b[index].template as<const float>() + tile.matrix * p.nextB;
    panelA.fetch(a, p.rowA, tile.row, p.m, k, p.k);
    panelB.fetch(b, p.rowB, tile.column, p.n, k, p.k);
  };
  int stage = 0;
  fetch();
  panelA.put(as);
  panelB.put(bs);
  __syncthreads();
  for (; step < end; step++) {
    bool run = k % RUN == RUN - 16 || k + 16 >= p.k || step + 1 == end;
    k += 16;
    if (k >= p.k) {
      k = 0;
      term++;
    }
    if (step + 1 < end) fetch();
#pragma unroll
    for (int l = 0; l < 16; l++) {
      float left[TALL], right[BROAD];
#pragma unroll
      for (int i = 0; i < TALL; i += 4) {
        int at = stage * STAGE + l * PanelA::LINE + i * (HEIGHT / TALL) + y;
        float v[4];
        Lanes<float>::spread(as.template getAs<Wide>(at), v);
#pragma unroll
        for (int e = 0; e < 4; e++) left[i + e] = v[e];
      }
#pragma unroll
      for (int j = 0; j < BROAD; j += 4) {
        float v[4];
        Lanes<float>::spread(bs.template getAs<Wide>(stage * STAGE + l * PanelB::LINE + j * ACROSS + x), v);
#pragma unroll
        for (int e = 0; e < 4; e++) right[j + e] = v[e];
      }
#pragma unroll
      for (int i = 0; i < TALL; i++) {
#pragma unroll
        for (int j = 0; j < BROAD; j++) sum[i][j] += left[i] * right[j];
      }
    }
    if (run) {
#pragma unroll
      for (int i = 0; i < TALL; i++) {
#pragma unroll
        for (int j = 0; j < BROAD; j++) {
          total[i][j] += sum[i][j];
          sum[i][j] = 0.f;
        }
      }
    }
    stage ^= 1;
    if (step + 1 < end) {
      panelA.put(as + stage * STAGE);
      panelB.put(bs + stage * STAGE);
    }
    __syncthreads();
  }
  i64 sums = whole ? 0 : sumsOf(p, tile);
#pragma unroll
  for (int i = 0; i < TALL; i++) {
    int row = tile.row + i / 4 * (HEIGHT / TALL * 4) + y + i % 4;
    if (row >= p.m) continue;
#pragma unroll
    for (int j = 0; j < BROAD / 4; j++) {
      int column = tile.column + j * ACROSS * 4 + x;
      float v[4];
#pragma unroll
      for (int e = 0; e < 4; e++) v[e] = total[i][4 * j + e];
      if (whole) {
        c.store((i64)row * p.rowC + column, p.n - column, wide, v);
      } else if (column < p.rowSums) {
        p.sums.storeWide(sums + (i64)row * p.rowSums + column, Lanes<float>::gather(v));
      }
    }
  }
}

// Shared memory of matmul_float32_*_128: 33792 bytes
// Shared memory of matmul_float32_*_64: 17408 bytes
#define FLOATS(form, alongA, alongB)                                                                                     \
  KERNEL(256, matmul_float32_##form##_128)(Products p) { multiplyFloats<128, 128, 8, 8, alongA, alongB>(p); }            \
  REGISTER(matmul_float32_##form##_128);                                                                                 \
  KERNEL(128, matmul_float32_##form##_64)(Products p) { multiplyFloats<64, 64, 8, 4, alongA, alongB>(p); }               \
  REGISTER(matmul_float32_##form##_64);

FLOATS(nn, true, false)
FLOATS(nt, true, true)
FLOATS(tn, false, false)

// C = sums of parts, in their order, or C += them. A row of sums is a multiple of 4 long.
KERNEL_BESIDE(256, 4, matmul_parts)(Products p) {
  i64 matrix = (i64)p.m * p.rowSums, all = matrix * p.members * p.batch;
  for (i64 i = ((i64)blockIdx.x * 256 + thread()) * 4; i < all; i += (i64)gridDim.x * 1024) {
    int which = (int)(i / matrix);
    i64 inside = i - which * matrix;
    int row = (int)(inside / p.rowSums), column = (int)(inside - (i64)row * p.rowSums);
    Result c = Result::of(p, which / p.batch, which % p.batch);
    i64 at = (i64)row * p.rowC + column;
    bool wide = p.form & WIDE_C;
    float total[4] = {0.f, 0.f, 0.f, 0.f};
    if (p.form & ACCUMULATE) c.load(at, p.n - column, wide, total);
#pragma unroll 4
    for (int part = 0; part < p.parts; part++) {
      float v[4];
      Lanes<float>::spread(p.sums.loadWide(part * all + i), v);
#pragma unroll
      for (int e = 0; e < 4; e++) total[e] += v[e];
    }
    c.store(at, p.n - column, wide, total);
  }
}
REGISTER(matmul_parts);
