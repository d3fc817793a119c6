// What the tiled kernels of attention share: tiles of 64 rows in shared memory, their products, and what is added to scores.
//
// A block has 4 warps and 64 rows of its own, 16 a warp, which stay in registers, and goes through the other side in tiles of 64
// rows. Accumulators lie as mma.sync leaves them: a lane 4 g + t holds rows g and g + 8, of each 8 columns 2 t and 2 t + 1.
#pragma once
#include "attention.cuh"

#define TILE 64
#define TILE_THREADS 128

// Where 16 bytes of a tile's row lie, so that neither rows nor columns of 8 meet in a bank. W is the width, 32, 64 or 128.
template <int W> DEVICE int place(int row, int chunk) {
  return W == 32 ? row * 64 + ((chunk ^ ((row >> 1) & 3)) << 4) : row * (2 * W) + ((chunk ^ (row & 7)) << 4);
}

// Begins to copy rows to a tile, zeros where there is none.
template <int W> DEVICE void copyTile(u32 to, Global<const bf16> from, i64 base, i64 step, int rows) {
  const int CHUNKS = W / 8, APART = TILE_THREADS / CHUNKS;
  int row = thread() / CHUNKS, chunk = thread() % CHUNKS;
  u32 at = to + place<W>(row, chunk);
  i64 first = base + row * step + chunk * 8;
#pragma unroll
  for (int n = 0; n < TILE / APART; n++) {
    copyAsync(at + n * APART * W * 2, from, first + n * APART * step, row + n * APART < rows);
  }
}

// The warp's 16 rows of a tile, as a product takes them.
template <int W> DEVICE void loadOwn(u32 (&own)[W / 16][4], u32 tile) {
#pragma unroll
  for (int k = 0; k < W / 16; k++) loadMatrices(own[k], tile + place<W>(16 * warp() + (lane() & 15), 2 * k + (lane() >> 4)));
}

DEVICE void zero(float (&s)[8][4]) {
#pragma unroll
  for (int j = 0; j < 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++) s[j][e] = 0.f;
}

// s = own rows times a tile's rows.
template <int W> DEVICE void timesRows(float (&s)[8][4], const u32 (&own)[W / 16][4], u32 tile) {
  zero(s);
#pragma unroll
  for (int k = 0; k < W / 16; k++) {
#pragma unroll
    for (int n = 0; n < 4; n++) {
      u32 b[4];
      loadMatrices(b, tile + place<W>(16 * n + (lane() & 7) + ((lane() >> 4) << 3), 2 * k + ((lane() >> 3) & 1)));
      multiplyAdd(s[2 * n], own[k], b[0], b[1]);
      multiplyAdd(s[2 * n + 1], own[k], b[2], b[3]);
    }
  }
}

// 16 columns of results, rounded to bfloat16, as a product takes them on its left.
DEVICE void packOwn(u32 (&own)[4], const float (&left)[4], const float (&right)[4]) {
  own[0] = pack(left[0], left[1]);
  own[1] = pack(left[2], left[3]);
  own[2] = pack(right[0], right[1]);
  own[3] = pack(right[2], right[3]);
}

// sum += p, rounded to bfloat16, times a tile.
template <int W> DEVICE void addProduct(float (&sum)[W / 8][4], const float (&p)[8][4], u32 tile) {
#pragma unroll
  for (int k = 0; k < 4; k++) {
    u32 a[4];
    packOwn(a, p[2 * k], p[2 * k + 1]);
#pragma unroll
    for (int n = 0; n < W / 16; n++) {
      u32 b[4];
      loadMatricesTurned(b, tile + place<W>(16 * k + (((lane() >> 3) & 1) << 3) + (lane() & 7), 2 * n + (lane() >> 4)));
      multiplyAdd(sum[2 * n], a, b[0], b[1]);
      multiplyAdd(sum[2 * n + 1], a, b[2], b[3]);
    }
  }
}

// Stores the warp's rows of results, row g times factor[0] and row g + 8 times factor[1], by 16 bytes through shared memory from
// byte 0 on; or adds them to what is there.
template <int W>
DEVICE void putRows(Global<bf16> to, i64 base, i64 step, int rows, bool add, const float (&sum)[W / 8][4], float factor0,
                    float factor1) {
  int g = lane() >> 2, t = lane() & 3;
#pragma unroll
  for (int r = 0; r < 2; r++) {
    int row = 16 * warp() + g + 8 * r;
    float factor = r == 0 ? factor0 : factor1;
#pragma unroll
    for (int j = 0; j < W / 8; j++) {
      float x = sum[j][2 * r] * factor, y = sum[j][2 * r + 1] * factor;
      if (!add) {
        shared<u8>(0).setAs<u32>(place<W>(row, j) + 4 * t, pack(x, y));
      } else if (row < rows) {
        i64 at = base + row * step + 8 * j + 2 * t;
        u32 had = to.loadPair(at);
        to.storePair(at, pack(lower(had) + x, upper(had) + y));
      }
    }
  }
  if (add) return;
  __syncwarp();
#pragma unroll
  for (int n = 0; n < W / 16; n++) {
    int e = lane() + 32 * n, row = 16 * warp() + e / (W / 8), chunk = e % (W / 8);
    if (row < rows) to.storeWide(base + row * step + chunk * 8, shared<u8>(0).getAs<Wide>(place<W>(row, chunk)));
  }
}

// What lies beside a pair of tiles, twice: one is read while the next one's is made. Byte offsets from `at`.
//
// The window has what is added to the scores of all 127 distances of a column and a row: window[column - row + 63], log2 e times the
// bias, or HIDDEN where the causal rule hides. A second copy, moved by one, lets any two neighbours be read as 8 bytes.
struct Beside {
  u32 at;
  static const int WINDOWS = 0;  // 2 x 256 float32
  static const int NUMBERS = 2048;  // 2 x 64 int32, of the other side's rows
  static const int RANGES = 2560;  // 2 x 2 warps x (least, most) of them, then the same of own rows
  static const int FLAGS = 2624;  // one a warp
  static const int BYTES = 2640;

  DEVICE Shared<float> window(int stage) const { return shared<float>(at + WINDOWS + 1024 * stage); }
  DEVICE Shared<i32> numbers(int stage) const { return shared<i32>(at + NUMBERS + 256 * stage); }
  DEVICE Shared<i32> ranges(int stage) const { return shared<i32>(at + RANGES + 16 * stage); }
  DEVICE Shared<i32> flags() const { return shared<i32>(at + FLAGS); }
};

// What a thread loads for the next pair of tiles before it works on this one, and lays down behind it.
struct Ahead {
  float window;
  i32 number;
};

// What is added to the score of a key this far behind its query.
DEVICE float windowAt(const Attention& a, int h, int distance) {
  if (a.causal && distance > 0) return HIDDEN;
  if (!a.bias) return 0.f;
  float bias = a.bias.load(h * a.biasHead + clampTo(distance, a.reach) + a.reach) * LOG2_OF_E;
  return bias < HIDDEN ? HIDDEN : bias;  // a bias may hide by itself
}

DEVICE bool windowed(const Attention& a) { return a.causal || a.bias; }

// Leaves the range of 64 numbers, one a thread of the first two warps.
DEVICE void layRange(Shared<i32> to, i32 number) {
  i32 least = number, most = number;
#pragma unroll
  for (int o = 16; o > 0; o >>= 1) {
    least = min(least, __shfl_xor_sync(ALL_LANES, least, o));
    most = max(most, __shfl_xor_sync(ALL_LANES, most, o));
  }
  if (lane() == 0) {
    to.set(2 * warp(), least);
    to.set(2 * warp() + 1, most);
  }
}

DEVICE void lay(const Attention& a, const Beside& beside, int stage, const Ahead& ahead) {
  if (windowed(a) && thread() < 2 * TILE - 1) {
    beside.window(stage).set(thread(), ahead.window);
    if (thread() > 0) beside.window(stage).set(2 * TILE + thread() - 1, ahead.window);
  }
  if (numbered(a) && thread() < TILE) {
    beside.numbers(stage).set(thread(), ahead.number);
    layRange(beside.ranges(stage), ahead.number);
  }
}

// Whether no number of a tile is one of own rows.
DEVICE bool apart(const Beside& beside, int stage) {
  Shared<i32> tile = beside.ranges(stage), own = beside.ranges(2);
  i32 least = min(tile.get(0), tile.get(2)), most = max(tile.get(1), tile.get(3));
  return most < min(own.get(0), own.get(2)) || least > max(own.get(1), own.get(3));
}

DEVICE void neighbours(Shared<float> window, int i, float& x, float& y) {
  Half both = window.getAs<Half>((i & 1) ? 2 * TILE + i - 1 : i);
  x = bitsToFloat(both.word[0]);
  y = bitsToFloat(both.word[1]);
}

// s = s factor + window. What row g + 8 needs of 8 columns is what row g needs of those before: one read serves four scores.
DEVICE void addWindow(float (&s)[8][4], Shared<float> window, float factor) {
  int base = 2 * (lane() & 3) - (16 * warp() + (lane() >> 2)) + TILE - 1;
  float x0, y0;
  neighbours(window, base - 8, x0, y0);
#pragma unroll
  for (int j = 0; j < 8; j++) {
    float x, y;
    neighbours(window, base + 8 * j, x, y);
    s[j][0] = s[j][0] * factor + x;
    s[j][1] = s[j][1] * factor + y;
    s[j][2] = s[j][2] * factor + x0;
    s[j][3] = s[j][3] * factor + y0;
    x0 = x;
    y0 = y;
  }
}

DEVICE void scaleScores(float (&s)[8][4], float factor) {
#pragma unroll
  for (int j = 0; j < 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++) s[j][e] *= factor;
}

// Hides where the numbers of a row and a column differ.
DEVICE void hideOthers(float (&s)[8][4], Shared<i32> numbers, i32 own0, i32 own1) {
#pragma unroll
  for (int j = 0; j < 8; j++) {
    Half both = numbers.getAs<Half>(8 * j + 2 * (lane() & 3));
    i32 x = (i32)both.word[0], y = (i32)both.word[1];
    if (x != own0) s[j][0] = HIDDEN;
    if (y != own0) s[j][1] = HIDDEN;
    if (x != own1) s[j][2] = HIDDEN;
    if (y != own1) s[j][3] = HIDDEN;
  }
}

// Hides columns from `seen` on, and takes away those that are not there.
DEVICE void hideBehind(float (&s)[8][4], int seen, int there) {
#pragma unroll
  for (int j = 0; j < 8; j++) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      int column = 8 * j + 2 * (lane() & 3) + (e & 1);
      if (column >= seen) s[j][e] = HIDDEN;
      if (column >= there) s[j][e] = -infinity();
    }
  }
}

// Sets to 0 what dropout drops where rows are queries, from `query` and `query + 8` on, and columns the keys of a block of 64: the
// 16 columns of a lane are those of the counters t and t + 4.
DEVICE void drop(float (&s)[8][4], const Dropping& dropping, int row, int query, int block) {
#pragma unroll
  for (int r = 0; r < 2; r++) {
    Dropper dropper = dropping.query(query + 8 * r);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      u32 w[4];
      dropper.words(row, block, (lane() & 3) + 4 * half, w);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        if (!dropper.keeps(w, j, 0)) s[2 * j + half][2 * r] = 0.f;
        if (!dropper.keeps(w, j, 1)) s[2 * j + half][2 * r + 1] = 0.f;
      }
    }
  }
}
