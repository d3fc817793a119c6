// A decoder's step for 5 to 16 rows and weights of bfloat16: products on the tensor cores, 5 launches a layer.
//
// The rows are the 16 rows of a product's first operand, a row of the matrix is a column of its second, which goes from memory
// into registers 16 bytes a lane and is read once. Which of 32 numbers a place of two products of 16 means is of no account as
// long as both operands mean the same: a lane's 8 neighbouring weights are its columns 2 t, 2 t + 1, 2 t + 8 and 2 t + 9 of the
// one, and then of the other. Float32 rows are cut into three bfloat16 each whose sum they are, exactly: so products
// are as exact as in float32, at three times the work, of which tensor cores have plenty. Places of the summed size are the
// warps' by turns, and their sums are added in the warps' order: a row's sums do not depend on how many rows there are.
//
// Attention and O are one launch, of the tokens so far and of the encoder's states: blocks of O load their weights, and wait
// for those of attention by a counter.
#pragma once
#include "counters.cuh"
#include "decodeattention.cuh"
#include "decodeproduct.cuh"

// Of `counters`: two launches' tickets, and how many blocks, or heads of inputs, of each have ended; then how many splits of a head
// and input. All are 0 before a layer's attention.
#define OWN_TICKET 0
#define OWN_DONE 1
#define CROSS_TICKET 2
#define CROSS_DONE 3
#define SPLITS_DONE 16

// Shared memory of a block: its ticket or other numbers, each warp's squares, and sums.
#define SQUARES 64
#define SUMS 576

// A pair of float32 as three pairs of bfloat16.
DEVICE void split(float x, float y, u32 (&part)[3]) {
#pragma unroll
  for (int p = 0; p < 3; p++) {
    u32 a = floatToBits(x), b = floatToBits(y);
    part[p] = a >> 16 | (b & 0xffff0000u);
    x -= bitsToFloat(a & 0xffff0000u);
    y -= bitsToFloat(b & 0xffff0000u);
  }
}

// A warp's share of a product of up to 16 rows with 8 TILES rows of a matrix, as mma lays it down: lane 4 g + t has rows g and
// g + 8 of the result, and columns 2 t and 2 t + 1 of each tile.
//
// AHEAD: how many pieces of 32 of the summed size are on their way at once
template <int TILES, int AHEAD> struct TensorProduct {
  Global<const bf16> w[TILES];  // the lane's row of each tile, from its first number on
  i32 width;
  Wide raw[AHEAD][TILES];
  float sum[TILES][4];
  float squares[2];  // of rows g and g + 8, what this lane has seen

  // matrix(n): where row n of all tiles begins
  template <class Matrix> DEVICE void begin(i32 columns, const Matrix& matrix) {
    width = columns;
#pragma unroll
    for (int i = 0; i < TILES; i++) w[i] = matrix(8 * i + (lane() >> 2)) + 8 * (lane() & 3);
    load(warp());
  }
  DEVICE void load(i32 first) {
#pragma unroll
    for (int u = 0; u < AHEAD; u++) {
      i32 k = 32 * (first + 8 * u);
      bool there = k + 8 * (lane() & 3) < width;
#pragma unroll
      for (int i = 0; i < TILES; i++) raw[u][i] = there ? w[i].loadWide(k) : Wide{{0, 0, 0, 0}};
    }
  }
  // x: [rows, width]; norm: what its columns are multiplied by, or none
  DEVICE void run(Global<const float> x, Global<const bf16> norm, i32 rows) {
#pragma unroll
    for (int i = 0; i < TILES; i++) {
#pragma unroll
      for (int e = 0; e < 4; e++) sum[i][e] = 0;
    }
    squares[0] = squares[1] = 0;
    i32 row = lane() >> 2, pieces = (width + 31) >> 5;
    for (i32 first = warp(); first < pieces; first += 8 * AHEAD) {
#pragma unroll
      for (int u = 0; u < AHEAD; u++) {
        i32 k = 32 * (first + 8 * u) + 8 * (lane() & 3);
        if (first + 8 * u >= pieces) break;
        u32 a[2][3][4];
        float factor[8];
        if (norm) Lanes<bf16>::spread(k < width ? norm.loadWide(k) : Wide{{0, 0, 0, 0}}, factor);
#pragma unroll
        for (int half = 0; half < 2; half++) {
          bool there = k < width && row + 8 * half < rows;
#pragma unroll
          for (int step = 0; step < 2; step++) {
            float v[4] = {0, 0, 0, 0};
            if (there) fourOf(x, (i64)(row + 8 * half) * width + k + 4 * step, v);
            squares[half] += v[0] * v[0] + v[1] * v[1] + (v[2] * v[2] + v[3] * v[3]);
#pragma unroll
            for (int pair = 0; pair < 2; pair++) {
              float low = v[2 * pair], high = v[2 * pair + 1];
              if (norm) {
                low *= factor[4 * step + 2 * pair];
                high *= factor[4 * step + 2 * pair + 1];
              }
              u32 part[3];
              split(low, high, part);
#pragma unroll
              for (int p = 0; p < 3; p++) a[step][p][2 * pair + half] = part[p];
            }
          }
        }
#pragma unroll
        for (int i = 0; i < TILES; i++) {
#pragma unroll
          for (int step = 0; step < 2; step++) {
#pragma unroll
            for (int p = 2; p >= 0; p--) {
              multiplyAdd(sum[i], a[step][p], raw[u][i].word[2 * step], raw[u][i].word[2 * step + 1]);
            }
          }
        }
      }
      load(first + 8 * AHEAD);
    }
  }
  // Lays down what the warp has; a barrier has to follow, and one before.
  DEVICE void lay() const {
    Shared<float> sums = shared<float>(SUMS);
#pragma unroll
    for (int i = 0; i < TILES; i++) sums.setAs<Wide>((warp() * TILES + i) * 128 + 4 * lane(), Lanes<float>::gather(sum[i]));
    Shared<float> all = shared<float>(SQUARES);
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float s = squares[half];
      s += __shfl_xor_sync(ALL_LANES, s, 1);
      s += __shfl_xor_sync(ALL_LANES, s, 2);
      if ((lane() & 3) == 0) all.set(16 * warp() + 8 * half + (lane() >> 2), s);
    }
  }
  // The sum of all warps: element e of 128 TILES.
  static DEVICE float summed(int e) {
    Shared<float> sums = shared<float>(SUMS);
    float s = 0;
#pragma unroll
    for (int w = 0; w < 8; w++) s += sums.get(w * TILES * 128 + e);
    return s;
  }
  // What a row is to be scaled by: 1 / sqrt(mean square + epsilon).
  DEVICE float scale(int row, float epsilon) const {
    Shared<float> all = shared<float>(SQUARES);
    float s = 0;
#pragma unroll
    for (int w = 0; w < 8; w++) s += all.get(16 * w + row);
    return 1.f / sqrtf(s / width + epsilon);
  }
  static DEVICE int rowOf(int e) { return (e >> 4 & 7) + 8 * (e >> 1 & 1); }
  static DEVICE int columnOf(int e) { return 8 * (e >> 7) + 2 * (e >> 2 & 3) + (e & 1); }
};

// A block's number of those of its launch, in the order in which they begin.
DEVICE i32 ticketOf(Global<u32> counters, int which) {
  Shared<i32> at = shared<i32>(0);
  if (thread() == 0) at.set(0, (i32)take(counters, which));
  __syncthreads();
  return at.get(0);
}

// q, k and v of a layer's own attention behind its norm, 16 of their columns a block; k and v go straight into the caches.
// Counters of the layer's attention become 0.
DEVICE void projectOnTensorCores(Global<const float> x, Global<const bf16> norm, Global<const bf16> wq, Global<const bf16> wk,
                                 Global<const bf16> wv, Global<float> q, Global<bf16> keys, Global<bf16> values,
                                 Global<const i32> state, Global<u32> counters, i32 counts, i32 rows, i32 width, i32 inner,
                                 i32 capacity, float epsilon) {
  for (i32 i = blockIdx.x * blockDim.x + thread(); i < counts; i += gridDim.x * blockDim.x) counters.store(i, 0);
  i32 n0 = 16 * blockIdx.x;
  TensorProduct<2, 3> product;
  product.begin(width, [&](i32 n) {
    i32 at = n0 + n < 3 * inner ? n0 + n : n0, which = at / inner;
    return (which == 0 ? wq : which == 1 ? wk : wv) + (i64)(at - which * inner) * width;
  });
  product.run(x, norm, rows);
  product.lay();
  __syncthreads();
  int e = thread();
  i32 row = product.rowOf(e), at = n0 + product.columnOf(e);
  if (row >= rows || at >= 3 * inner) return;
  float v = product.summed(e) * product.scale(row, epsilon);
  i32 which = at / inner, n = at - which * inner;
  if (which == 0) {
    q.store((i64)row * inner + n, v);
  } else {
    (which == 1 ? keys : values).store(((i64)row * capacity + state.load(POSITION)) * inner + n, fromFloat<bf16>(v));
  }
}

// h += x W^T, 8 columns a block, whose weights are on their way already.
template <int AHEAD>
DEVICE void addTensorProduct(TensorProduct<1, AHEAD>& product, Global<const float> x, Global<float> h, i32 n0, i32 rows, i32 out) {
  product.run(x, Global<const bf16>{nullptr}, rows);
  product.lay();
  __syncthreads();
  int e = thread();
  i32 row = product.rowOf(e & 127), n = n0 + product.columnOf(e & 127);
  if (e >= 128 || row >= rows || n >= out) return;
  i64 at = (i64)row * out + n;
  h.store(at, h.load(at) + product.summed(e));
}
DEVICE void addOnTensorCores(Global<const float> x, Global<const bf16> matrix, Global<float> h, i32 block, i32 rows, i32 width,
                             i32 out, Global<u32> counters, int which, u32 count) {
  TensorProduct<1, 4> product;
  product.begin(width, [&](i32 n) { return matrix + (i64)(8 * block + n < out ? 8 * block + n : out - 1) * width; });
  if (counters) {
    if (thread() == 0) awaitCount(counters, which, count);
    __syncthreads();
  }
  addTensorProduct(product, x, h, 8 * block, rows, out);
}

// Attention to the tokens so far, a block for each head and row, and O, 8 columns a block.
struct OwnTensorSizes {
  i32 rows, width, heads, headWidth, capacity, reach;
};
DEVICE void attendOnTensorCores(Global<const float> q, Global<const bf16> keys, Global<const bf16> values,
                                Global<const float> table, Global<const i32> places, Global<const i32> state,
                                Global<float> mixed, Global<const bf16> wo, Global<float> h, Global<u32> counters,
                                const OwnTensorSizes& z) {
  i32 ticket = ticketOf(counters, OWN_TICKET), pairs = z.rows * z.heads;
  if (ticket >= pairs) {
    addOnTensorCores(mixed.as<const float>(), wo, h, ticket - pairs, z.rows, z.heads * z.headWidth, z.width, counters, OWN_DONE,
                     pairs);
    return;
  }
  i32 row = ticket / z.heads, head = ticket - row * z.heads;
  attendOwn<bf16, 8>(q, keys, values, table, places, state, mixed, head, row, z.rows, z.heads, z.headWidth, z.capacity, z.reach,
                     shared<float>(SQUARES));
  __syncthreads();
  if (thread() == 0) countUp(counters, OWN_DONE);
}

// Attention of an input's rows to the encoder's states, with its norm and query, a block for each head, split of the states, and
// input; the last split of a head and input puts their parts together. And O, 8 columns a block.
DEVICE void crossOnTensorCores(Global<float> h, Global<const bf16> norm, Global<const bf16> wq, Global<const bf16> keys,
                               Global<const bf16> values, Global<const i32> mask, Global<const i32> limits, Global<float> mixed,
                               Global<float> parts, Global<float> statistics, Global<const bf16> wo, Global<u32> counters, const CrossSizes& z) {
  i32 ticket = ticketOf(counters, CROSS_TICKET), inputs = z.rows / z.beams, pairs = inputs * z.heads;
  i32 inner = z.heads * z.headWidth;
  if (ticket >= pairs * z.splits) {
    addOnTensorCores(mixed.as<const float>(), wo, h, ticket - pairs * z.splits, z.rows, inner, z.width, counters,
                     CROSS_DONE, pairs);
    return;
  }
  // splits of a head and input follow each other: the last one's weights and states are those of the others
  i32 pair = ticket / z.splits, part = ticket - pair * z.splits;
  i32 input = pair / z.heads, head = pair - input * z.heads, first = input * z.beams;
  Shared<float> query = shared<float>(SUMS + 32768);  // [beams, K]
  for (i32 n0 = 0; n0 < z.headWidth; n0 += 64) {
    TensorProduct<8, 1> product;
    product.begin(z.width, [&](i32 n) {
      return wq + ((i64)head * z.headWidth + (n0 + n < z.headWidth ? n0 + n : n0)) * z.width;
    });
    product.run(h.as<const float>() + (i64)first * z.width, norm, z.beams);
    if (n0 > 0) __syncthreads();
    product.lay();
    __syncthreads();
    for (int e = thread(); e < 8 * 128; e += 256) {
      i32 row = product.rowOf(e), n = n0 + product.columnOf(e);
      if (row < z.beams && n < z.headWidth) query.set(row * z.headWidth + n, product.summed(e) * product.scale(row, z.epsilon));
    }
  }
  __syncthreads();
  Global<float> to = z.splits == 1 ? mixed : parts;
  attendStates<bf16>(query, shared<float>(SUMS), keys, values, mask, limits, to, statistics, head, part, input,
                     z.beams == 1 ? 8 : z.beams == 2 ? 4 : z.beams <= 4 ? 2 : 1, z);
  __syncthreads();
  if (z.splits > 1) {
    Shared<i32> before = shared<i32>(0);
    if (thread() == 0) before.set(0, (i32)countUp(counters, SPLITS_DONE + pair));
    __syncthreads();
    if (before.get(0) < z.splits - 1) return;
    for (i32 i = thread(); i < z.beams * z.headWidth; i += blockDim.x) {
      i32 row = i / z.headWidth;
      i64 at = (i64)(first + row) * inner + head * z.headWidth + i - row * z.headWidth;
      mixed.store(at, mergedOf(parts.as<const float>(), statistics.as<const float>(), z.splits, z.rows * z.heads,
                               (first + row) * z.heads + head, (i64)z.rows * inner, at));
    }
    __syncthreads();
  }
  if (thread() == 0) countUp(counters, CROSS_DONE);
}

// The first half of a feed-forward layer behind its norm: f(x W), or f(x W) (x V); 16 rows of matrices a block.
DEVICE void widenOnTensorCores(Global<const float> x, Global<const bf16> norm, Global<const bf16> gate, Global<const bf16> up,
                               Global<float> y, i32 rows, i32 width, i32 inner, i32 activation, float epsilon) {
  i32 each = up ? 8 : 16, n0 = each * blockIdx.x;
  TensorProduct<2, 3> product;
  product.begin(width, [&](i32 n) {
    i32 at = n0 + (n & (each - 1));
    return (up && n >= 8 ? up : gate) + (i64)(at < inner ? at : inner - 1) * width;
  });
  product.run(x, norm, rows);
  product.lay();
  __syncthreads();
  int e = thread();
  i32 row = product.rowOf(e), n = n0 + product.columnOf(e);
  if (e >= 16 * each || row >= rows || n >= inner) return;
  float scale = product.scale(row, epsilon);
  float v = activated(product.summed(e) * scale, activation);
  if (up) v *= product.summed(e + 128) * scale;
  y.store((i64)row * inner + n, v);
}

// The head behind the last norm: logits, and the best of each block.
//
// best, where: [blocks, rows]
DEVICE void headOnTensorCores(Global<const float> x, Global<const bf16> norm, Global<const bf16> matrix, Global<float> logits,
                              Global<float> best, Global<i32> where, i32 rows, i32 width, i32 vocabulary, float epsilon,
                              float factor) {
  const int COLUMNS = 32;
  float mineBest = -infinity();
  i32 mineWhere = 0x7fffffff;
  int row = TensorProduct<4, 2>::rowOf(thread());  // the same of all elements that are this thread's
  for (i32 n0 = COLUMNS * blockIdx.x; n0 < vocabulary; n0 += gridDim.x * COLUMNS) {
    TensorProduct<4, 2> product;
    product.begin(width, [&](i32 n) { return matrix + (i64)(n0 + n < vocabulary ? n0 + n : vocabulary - 1) * width; });
    product.run(x, norm, rows);
    __syncthreads();  // everybody has read the sums before
    product.lay();
    __syncthreads();
    float scale = product.scale(row, epsilon) * factor;
#pragma unroll
    for (int i = 0; i < 2; i++) {
      int e = thread() + 256 * i;
      i32 n = n0 + product.columnOf(e);
      if (row >= rows || n >= vocabulary) continue;
      float v = product.summed(e) * scale;
      logits.store((i64)row * vocabulary + n, v);
      if (mineWhere == 0x7fffffff || before(v, n, mineBest, mineWhere)) {
        mineBest = v;
        mineWhere = n;
      }
    }
  }
  __syncthreads();
  Shared<float> bests = shared<float>(SUMS);
  Shared<i32> wheres = shared<i32>(SUMS + 1024);
  bests.set(thread(), mineBest);
  wheres.set(thread(), mineWhere);
  __syncthreads();
  if (thread() >= rows) return;
  // a row's threads are 16, of two places in each four of sixteen
  mineWhere = 0x7fffffff;
  int from = (thread() & 7) * 16 + (thread() >> 3) * 2;
  for (int i = 0; i < 16; i++) {
    int at = from + (i & 1) + 4 * (i >> 1 & 3) + 128 * (i >> 3);
    i32 w = wheres.get(at);
    float v = bests.get(at);
    if (w != 0x7fffffff && (mineWhere == 0x7fffffff || before(v, w, mineBest, mineWhere))) {
      mineBest = v;
      mineWhere = w;
    }
  }
  best.store((i64)blockIdx.x * rows + thread(), mineBest);
  where.store((i64)blockIdx.x * rows + thread(), mineWhere);
}
