// A decoder's step by one token for up to 16 rows, planned once by CudaDecoder: what a product reads is a few rows, so it is
// the weights that cost, and each is read once for all rows.
//
// Two chains, each held to the same test:
// 1. plain, 7 launches a layer: norm with q, k and v; attention to the tokens so far; O; norm with cross attention's q and
//    that attention; its O; norm with the feed-forward layer's first half; its second.
// 2. of up to 4 rows, 5 launches: the first three are decode_own, a few blocks a head. Each of them computes the head's q, k
//    and v and its attention once more, which the second cache gives quicker than a launch, and a part of O's rows
//    for the head's columns. The heads' sums are added, in their order, by who reads the residual stream next.
//
// Norms have no pass of their own: a product's sums are of the raw rows, with the norm's weight in the matrix, and are scaled at
// their end. All between is float32, whatever the weights and caches are. Sums have one order: nothing depends on how
// blocks follow one another.
#include "functions.cuh"

// The step's numbers in device memory, which the host writes before a step and reads behind one. CudaStep has the same places.
enum Place {
  POSITION = 0,  // tokens before the one that is read
  CHOSEN = 1,    // tokens that were chosen since the host wrote
  DONE = 2,      // how many those were when all rows had ended; 0 before
  STRAIGHT = 3,  // whether each row has all its tokens in itself, before `FROM` is looked at
  END_COUNT = 4,
  PAD = 5,
  IDS = 8,         // [16] what is read
  ENDED = 24,      // [16]
  FROM = 40,       // [16] the row whose tokens a row takes over
  END_IDS = 56,    // [32]
  NEXT = 88,       // [16] what a chooser has chosen
  HISTORY = 104,   // [tokens, rows]
  MOST_ROWS = 16
};

DEVICE void fourOf(Global<const float> x, i64 i, float (&v)[4]) { Lanes<float>::spread(x.loadWide(i), v); }
DEVICE void fourOf(Shared<float> x, i64 i, float (&v)[4]) { Lanes<float>::spread(x.getAs<Wide>((int)i), v); }

// sum[n][r] = the dot product of a row of a matrix and row r of x, the same in all lanes of the warp. Rows of x behind `rows`
// give 0.
//
// w: rows of the matrix; norm: what its columns are multiplied by, or none
// U: how many pieces of a row are on their way at once
template <class T, int R, int N, int U, class X>
DEVICE void products(const Global<const T> (&w)[N], const X& x, Global<const T> norm, i32 rows, i32 width, float (&sum)[N][R]) {
  const int C = Lanes<T>::COUNT;
#pragma unroll
  for (int n = 0; n < N; n++) {
#pragma unroll
    for (int r = 0; r < R; r++) sum[n][r] = 0;
  }
  for (i32 first = C * lane(); first < width; first += U * 32 * C) {
    Wide raw[U][N], factors[U];
#pragma unroll
    for (int u = 0; u < U; u++) {
      i32 k = first + u * 32 * C;
#pragma unroll
      for (int n = 0; n < N; n++) raw[u][n] = k < width ? w[n].loadWide(k) : Wide{{0, 0, 0, 0}};
      factors[u] = norm && k < width ? norm.loadWide(k) : Wide{{0, 0, 0, 0}};
    }
#pragma unroll
    for (int u = 0; u < U; u++) {
      i32 k = first + u * 32 * C;
      if (k >= width) break;
      float f[N][C];
#pragma unroll
      for (int n = 0; n < N; n++) Lanes<T>::spread(raw[u][n], f[n]);
      if (norm) {
        float factor[C];
        Lanes<T>::spread(factors[u], factor);
#pragma unroll
        for (int n = 0; n < N; n++) {
#pragma unroll
          for (int c = 0; c < C; c++) f[n][c] *= factor[c];
        }
      }
#pragma unroll
      for (int r = 0; r < R; r++) {
        if (r < rows) {
#pragma unroll
          for (int c = 0; c < C; c += 4) {
            float v[4];
            fourOf(x, (i64)r * width + k + c, v);
#pragma unroll
            for (int n = 0; n < N; n++) {
#pragma unroll
              for (int i = 0; i < 4; i++) sum[n][r] += f[n][c + i] * v[i];
            }
          }
        }
      }
    }
  }
#pragma unroll
  for (int n = 0; n < N; n++) {
#pragma unroll
    for (int r = 0; r < R; r++) {
      if (r < rows) sum[n][r] = warpSum(sum[n][r]);
    }
  }
}

// Lane r's sum of row r.
template <int R, int N> DEVICE float mine(const float (&sum)[N][R], int n) {
  float v = 0;
#pragma unroll
  for (int r = 0; r < R; r++) v = lane() == r ? sum[n][r] : v;
  return v;
}

// What the block's rows are to be scaled by, into shared memory: 1 / sqrt(mean square + epsilon). A barrier has to follow.
template <class X> DEVICE void scales(const X& x, i32 rows, i32 width, float epsilon, Shared<float> to) {
  int warps = blockDim.x >> 5;
  for (i32 r = warp(); r < rows; r += warps) {
    float squares = 0;
#pragma unroll 4
    for (i32 k = 4 * lane(); k < width; k += 128) {
      float v[4];
      fourOf(x, (i64)r * width + k, v);
      squares += v[0] * v[0] + v[1] * v[1] + (v[2] * v[2] + v[3] * v[3]);
    }
    squares = warpSum(squares);
    if (lane() == 0) to.set(r, 1.f / sqrtf(squares / width + epsilon));
  }
}

// How many rows of a matrix a warp takes at once, and how many pieces of each.
template <int R> struct Tile {
  static const int N = R == 1 ? 2 : 4;
  static const int U = R == 1 ? 4 : R == 4 ? 2 : 1;
};

// The rows first .. first + N - 1 of a matrix; the last one again where there are no more.
template <class T, int N> DEVICE void rowsOf(Global<const T> matrix, i32 first, i32 count, i32 width, Global<const T> (&w)[N]) {
#pragma unroll
  for (int n = 0; n < N; n++) w[n] = matrix + (i64)(first + n < count ? first + n : count - 1) * width;
}

// ---------------------------------------------------------------------------------------------------------------------------
// A step's beginning and end.

// Reads a mask once: for each input, what lies behind the last source token that is seen, or -1 if none is.
// Shared memory of decode_shown: 128 bytes
KERNEL(256, decode_shown)(Global<const i32> mask, Global<i32> limits, i32 sources) {
  Shared<float> part = shared<float>(0);
  float last = 0;
  for (i32 j = thread(); j < sources; j += blockDim.x) {
    if (mask.load((i64)blockIdx.x * sources + j) != 0) last = (float)(j + 1);
  }
  last = blockMax(last, part);
  if (thread() == 0) limits.store(blockIdx.x, last == 0.f ? -1 : (i32)last);
}
REGISTER(decode_shown);

// The embedding of a row's id, a block for each; and where beams find their tokens from now on.
//
// places: two tables [rows, capacity] that take turns, or none
template <class T>
DEVICE void begin(Global<i32> state, Global<const T> embedding, Global<float> h, Global<i32> places, Global<i64> fault, i32 rows,
                  i32 vocabulary, i32 width, i32 capacity) {
  i32 row = blockIdx.x;
  i32 id = state.load(IDS + row);
  if (id < 0 || id >= vocabulary) {
    if (thread() == 0) report(fault, 1, id, vocabulary);
    id = 0;
  }
  for (i32 k = thread(); k < width; k += blockDim.x) h.store((i64)row * width + k, toFloat(embedding.load((i64)id * width + k)));
  if (!places) return;
  i32 position = state.load(POSITION), from = state.load(FROM + row), straight = state.load(STRAIGHT);
  i64 table = (i64)rows * capacity;
  Global<i32> before = places + (position & 1 ? 0 : table), now = places + (position & 1 ? table : 0);
  for (i32 t = thread(); t < position; t += blockDim.x) {
    now.store((i64)row * capacity + t, straight ? from : before.load((i64)from * capacity + t));
  }
  if (thread() == 0) now.store((i64)row * capacity + position, row);
}

KERNEL(128, decode_begin_f32)
(Global<i32> state, Global<const float> embedding, Global<float> h, Global<i32> places, Global<i64> fault, i32 rows,
 i32 vocabulary, i32 width, i32 capacity) {
  begin(state, embedding, h, places, fault, rows, vocabulary, width, capacity);
}
REGISTER(decode_begin_f32);
KERNEL(128, decode_begin_bf16)
(Global<i32> state, Global<const bf16> embedding, Global<float> h, Global<i32> places, Global<i64> fault, i32 rows,
 i32 vocabulary, i32 width, i32 capacity) {
  begin(state, embedding, h, places, fault, rows, vocabulary, width, capacity);
}
REGISTER(decode_begin_bf16);

// Whether a stands before b: the larger, what is no number above all, the first of equals.
DEVICE bool before(float a, i32 i, float b, i32 j) {
  bool aNone = a != a, bNone = b != b;
  if (aNone || bNone) return aNone && (!bNone || i < j);
  return a > b || (a == b && i < j);
}

// Goes on by a token, one block, a warp for each row: takes the likeliest of each block's best, or what was chosen;
// what has ended gets the pad id; the host's numbers of the next step are written.
//
// Shared memory of decode_finish: 64 bytes
//
// best, where: [parts, rows]; parts: 0 where a chooser has written NEXT
KERNEL(512, decode_finish)(Global<i32> state, Global<const float> best, Global<const i32> where, i32 parts, i32 rows) {
  Shared<i32> going = shared<i32>(0);
  i32 row = warp();
  i32 count = state.load(CHOSEN);
  if (row < rows) {
    float most = -infinity();
    i32 at = 0x7fffffff;
    for (i32 i = lane(); i < parts; i += 32) {
      float v = best.load((i64)i * rows + row);
      i32 w = where.load((i64)i * rows + row);
      if (at == 0x7fffffff || before(v, w, most, at)) {
        most = v;
        at = w;
      }
    }
#pragma unroll
    for (int o = 16; o > 0; o >>= 1) {
      float v = __shfl_xor_sync(ALL_LANES, most, o);
      i32 w = __shfl_xor_sync(ALL_LANES, at, o);
      if (w != 0x7fffffff && (at == 0x7fffffff || before(v, w, most, at))) {
        most = v;
        at = w;
      }
    }
    if (lane() == 0) {
      i32 ended = state.load(ENDED + row);
      i32 id = ended ? state.load(PAD) : parts == 0 ? state.load(NEXT + row) : at;
      i32 ends = state.load(END_COUNT);
      for (i32 i = 0; i < ends; i++) ended |= state.load(END_IDS + i) == id;
      if (id < 0) ended = 1;  // nothing could be chosen: the host reads that
      state.store(IDS + row, max(id, 0));
      state.store(FROM + row, row);
      state.store(ENDED + row, ended);
      state.store(HISTORY + count * rows + row, id);
      going.set(row, ended ? 0 : 1);
    }
  }
  __syncthreads();
  if (thread() == 0) {
    i32 left = 0;
    for (i32 r = 0; r < rows; r++) left += going.get(r);
    if (left == 0 && state.load(DONE) == 0) state.store(DONE, count + 1);
    state.store(CHOSEN, count + 1);
    state.store(POSITION, state.load(POSITION) + 1);
    state.store(STRAIGHT, 0);
  }
}
REGISTER(decode_finish);

// ---------------------------------------------------------------------------------------------------------------------------
// Products.

// q, k and v of a layer's own attention behind its norm; k and v go straight into the caches.
//
// Shared memory of decode_project_*: 64 bytes
//
// q: [rows, H K]; keys, values: [rows, capacity, H K]
template <class T, int R>
DEVICE void project(Global<const float> x, Global<const T> norm, Global<const T> wq, Global<const T> wk, Global<const T> wv,
                    Global<float> q, Global<T> keys, Global<T> values, Global<const i32> state, i32 rows, i32 width, i32 inner,
                    i32 capacity, float epsilon) {
  const int N = Tile<R>::N;
  Shared<float> scale = shared<float>(0);
  scales(x, rows, width, epsilon, scale);
  i32 first = (blockIdx.x * 8 + warp()) * N;
  i32 which = first / inner, n0 = first - which * inner;
  bool there = which < 3;
  Global<const T> w[N];
  rowsOf(which == 0 ? wq : which == 1 ? wk : wv, there ? n0 : 0, inner, width, w);
  float sum[N][R];
  products<T, R, N, Tile<R>::U>(w, x, norm, rows, width, sum);
  __syncthreads();
  if (!there || lane() >= rows) return;
  float factor = scale.get(lane());
  i64 cached = ((i64)lane() * capacity + state.load(POSITION)) * inner + n0;
#pragma unroll
  for (int n = 0; n < N; n++) {
    float v = mine(sum, n) * factor;
    if (which == 0) q.store((i64)lane() * inner + n0 + n, v);
    if (which == 1) keys.store(cached + n, fromFloat<T>(v));
    if (which == 2) values.store(cached + n, fromFloat<T>(v));
  }
}

// h += x W^T, and the sums of heads where there are some.
template <class T, int R, class X>
DEVICE void addProduct(const X& x, Global<const T> matrix, Global<const float> heads, i32 headCount, Global<float> h, i32 rows,
                       i32 width, i32 out) {
  const int N = Tile<R>::N;
  i32 first = (blockIdx.x * 8 + warp()) * N;
  Global<const T> w[N];
  rowsOf(matrix, first < out ? first : 0, out, width, w);
  float sum[N][R];
  products<T, R, N, Tile<R>::U>(w, x, Global<const T>{nullptr}, rows, width, sum);
  if (lane() >= rows) return;
#pragma unroll
  for (int n = 0; n < N; n++) {
    i64 at = (i64)lane() * out + first + n;
    float v = mine(sum, n);
    if (first + n < out) {
      float before = h.load(at);
      for (i32 head = 0; head < headCount; head++) before += heads.load((i64)head * rows * out + at);
      h.store(at, before + v);
    }
  }
}

// The same of attention whose keys were split: its parts are put together first, into shared memory.
//
// Shared memory of decode_merge_*: at most 49152 bytes
//
// parts: [splits, rows, H K]; statistics: [splits, rows, H, 2], the largest score and the sum
template <class T, int R>
DEVICE void mergeProduct(Global<const float> parts, Global<const float> statistics, Global<const T> matrix,
                         Global<const float> heads, i32 headCount, Global<float> h, i32 splits, i32 rows, i32 width,
                         i32 headWidth, i32 out) {
  Shared<float> x = shared<float>(0);
  i32 pairs = rows * (width / headWidth);
  for (i32 i = thread(); i < rows * width; i += blockDim.x) {
    i32 pair = i / headWidth;
    float most = -infinity();
    for (i32 s = 0; s < splits; s++) most = larger(most, statistics.load(2 * ((i64)s * pairs + pair)));
    float total = 0, v = 0;
    for (i32 s = 0; s < splits; s++) {
      i64 at = 2 * ((i64)s * pairs + pair);
      float part = statistics.load(at + 1);
      if (part == 0.f) continue;  // saw no key
      float e = expf(statistics.load(at) - most);
      total += e * part;
      v += e * parts.load((i64)s * rows * width + i);
    }
    x.set(i, v / total);
  }
  __syncthreads();
  addProduct<T, R>(x, matrix, heads, headCount, h, rows, width, out);
}

// The first half of a feed-forward layer behind its norm: f(x W), or f(x W) (x V).
// Shared memory of decode_widen_*: 64 bytes
template <class T, int R>
DEVICE void widen(Global<const float> x, Global<const T> norm, Global<const T> gate, Global<const T> up, Global<float> y,
                  i32 rows, i32 width, i32 inner, i32 activation, float epsilon) {
  const int N = Tile<R>::N;
  Shared<float> scale = shared<float>(0);
  scales(x, rows, width, epsilon, scale);
  i32 each = up ? N / 2 : N;
  i32 first = (blockIdx.x * 8 + warp()) * each;
  Global<const T> w[N];
#pragma unroll
  for (int n = 0; n < N; n++) {
    i32 row = first + (up && n >= N / 2 ? n - N / 2 : n);
    w[n] = (up && n >= N / 2 ? up : gate) + (i64)(row < inner ? row : inner - 1) * width;
  }
  float sum[N][R];
  products<T, R, N, Tile<R>::U>(w, x, norm, rows, width, sum);
  __syncthreads();
  if (lane() >= rows) return;
  float factor = scale.get(lane());
#pragma unroll
  for (int n = 0; n < N; n++) {
    if (n < each && first + n < inner) {
      float v = mine(sum, n) * factor;
      v = activation == RELU ? value<RELU>(v, 0.f)
        : activation == SILU ? value<SILU>(v, 0.f)
        : activation == GELU_TANH ? value<GELU_TANH>(v, 0.f)
                                  : value<GELU_ERF>(v, 0.f);
      if (up) v *= mine(sum, n < N / 2 ? n + N / 2 : n) * factor;
      y.store((i64)lane() * inner + first + n, v);
    }
  }
}

// The head behind the last norm: logits, and the best of each block.
//
// Shared memory of decode_head_*: 1088 bytes
//
// best, where: [blocks, rows]
template <class T, int R>
DEVICE void headOf(Global<const float> x, Global<const T> norm, Global<const T> matrix, Global<float> logits,
                   Global<float> best, Global<i32> where, i32 rows, i32 width, i32 vocabulary, float epsilon, float factor) {
  const int N = Tile<R>::N;
  Shared<float> scale = shared<float>(0);
  Shared<float> bests = shared<float>(4 * MOST_ROWS);
  Shared<i32> wheres = shared<i32>(4 * MOST_ROWS * 9);
  scales(x, rows, width, epsilon, scale);
  __syncthreads();
  float mineBest = -infinity();
  i32 mineWhere = 0x7fffffff;
  bool row = lane() < rows;
  float each = row ? scale.get(lane()) * factor : 0.f;
  for (i32 first = (blockIdx.x * 8 + warp()) * N; first < vocabulary; first += gridDim.x * 8 * N) {
    Global<const T> w[N];
    rowsOf(matrix, first, vocabulary, width, w);
    float sum[N][R];
    products<T, R, N, Tile<R>::U>(w, x, norm, rows, width, sum);
#pragma unroll
    for (int n = 0; n < N; n++) {
      float v = mine(sum, n) * each;
      if (row && first + n < vocabulary) {
        logits.store((i64)lane() * vocabulary + first + n, v);
        if (mineWhere == 0x7fffffff || before(v, first + n, mineBest, mineWhere)) {
          mineBest = v;
          mineWhere = first + n;
        }
      }
    }
  }
  if (row) {
    bests.set(warp() * MOST_ROWS + lane(), mineBest);
    wheres.set(warp() * MOST_ROWS + lane(), mineWhere);
  }
  __syncthreads();
  if (thread() < rows) {
    for (int i = 1; i < 8; i++) {
      float v = bests.get(i * MOST_ROWS + thread());
      i32 at = wheres.get(i * MOST_ROWS + thread());
      if (at != 0x7fffffff && before(v, at, mineBest, mineWhere)) {
        mineBest = v;
        mineWhere = at;
      }
    }
    best.store((i64)blockIdx.x * rows + thread(), mineBest);
    where.store((i64)blockIdx.x * rows + thread(), mineWhere);
  }
}

#define PRODUCTS(T, R, S)                                                                                                    \
  KERNEL(256, decode_project_##S)                                                                                            \
  (Global<const float> x, Global<const T> norm, Global<const T> wq, Global<const T> wk, Global<const T> wv, Global<float> q, \
   Global<T> keys, Global<T> values, Global<const i32> state, i32 rows, i32 width, i32 inner, i32 capacity, float epsilon) { \
    project<T, R>(x, norm, wq, wk, wv, q, keys, values, state, rows, width, inner, capacity, epsilon);                       \
  }                                                                                                                          \
  REGISTER(decode_project_##S);                                                                                              \
  KERNEL(256, decode_add_##S)                                                                                                \
  (Global<const float> x, Global<const T> matrix, Global<const float> heads, i32 headCount, Global<float> h, i32 rows,       \
   i32 width, i32 out) {                                                                                                     \
    addProduct<T, R>(x, matrix, heads, headCount, h, rows, width, out);                                                      \
  }                                                                                                                          \
  REGISTER(decode_add_##S);                                                                                                  \
  KERNEL(256, decode_merge_##S)                                                                                              \
  (Global<const float> parts, Global<const float> statistics, Global<const T> matrix, Global<const float> heads,             \
   i32 headCount, Global<float> h, i32 splits, i32 rows, i32 width, i32 headWidth, i32 out) {                                \
    mergeProduct<T, R>(parts, statistics, matrix, heads, headCount, h, splits, rows, width, headWidth, out);                 \
  }                                                                                                                          \
  REGISTER(decode_merge_##S);                                                                                                \
  KERNEL(256, decode_widen_##S)                                                                                              \
  (Global<const float> x, Global<const T> norm, Global<const T> gate, Global<const T> up, Global<float> y, i32 rows,         \
   i32 width, i32 inner, i32 activation, float epsilon) {                                                                    \
    widen<T, R>(x, norm, gate, up, y, rows, width, inner, activation, epsilon);                                              \
  }                                                                                                                          \
  REGISTER(decode_widen_##S);                                                                                                \
  KERNEL(256, decode_head_##S)                                                                                               \
  (Global<const float> x, Global<const T> norm, Global<const T> matrix, Global<float> logits, Global<float> best,            \
   Global<i32> where, i32 rows, i32 width, i32 vocabulary, float epsilon, float factor) {                                    \
    headOf<T, R>(x, norm, matrix, logits, best, where, rows, width, vocabulary, epsilon, factor);                            \
  }                                                                                                                          \
  REGISTER(decode_head_##S);
PRODUCTS(float, 1, f32_1)
PRODUCTS(float, 4, f32_4)
PRODUCTS(float, 16, f32_16)
PRODUCTS(bf16, 1, bf16_1)
PRODUCTS(bf16, 4, bf16_4)
PRODUCTS(bf16, 16, bf16_16)

// ---------------------------------------------------------------------------------------------------------------------------
// Attention of one query a head. Neighbouring lanes, a team, share a key, 16 bytes each; a warp's teams take keys in turns.

// What a team has seen of its keys: the largest score, the sum of the exponentials, and the values so weighed.
template <class T> struct Seen {
  static const int C = Lanes<T>::COUNT;
  float most, sum, value[C];

  static DEVICE Seen none() {
    Seen s;
    s.most = -infinity();
    s.sum = 0;
#pragma unroll
    for (int c = 0; c < C; c++) s.value[c] = 0;
    return s;
  }
  // One more key: only the lanes of teams that have one.
  DEVICE void add(float score, const float (&v)[C]) {
    float next = larger(most, score);
    float old = sum == 0.f ? 0.f : expf(most - next), e = expf(score - next);
    most = next;
    sum = sum * old + e;
#pragma unroll
    for (int c = 0; c < C; c++) value[c] = value[c] * old + e * v[c];
  }
  // Together with what the teams so many lanes on have seen: the same in both.
  DEVICE void join(int lanes) {
    float otherMost = __shfl_xor_sync(ALL_LANES, most, lanes), otherSum = __shfl_xor_sync(ALL_LANES, sum, lanes);
    float next = larger(most, otherMost);
    float a = sum == 0.f ? 0.f : expf(most - next), b = otherSum == 0.f ? 0.f : expf(otherMost - next);
    most = next;
    sum = sum * a + otherSum * b;
#pragma unroll
    for (int c = 0; c < C; c++) {
      float other = __shfl_xor_sync(ALL_LANES, value[c], lanes);
      value[c] = value[c] * a + other * b;
    }
  }
};

// A warp's query over the keys first, first + step, ... before `end`, in teams of so many lanes.
//
// q: the team's part of the query in each lane; at(j): where the head's part of key j lies; score(j, dot): the score
// of key j, or negative infinity where it is not seen
template <class T, class At, class Score>
DEVICE Seen<T> attend(const float (&q)[Lanes<T>::COUNT], Global<const T> keys, Global<const T> values, i32 first, i32 end,
                      i32 step, int team, const At& at, const Score& score) {
  const int C = Lanes<T>::COUNT;
  Seen<T> seen = Seen<T>::none();
  int member = lane() & (team - 1);
#pragma unroll 2
  for (i32 j0 = first; j0 < end; j0 += step) {
    i32 j = j0 + lane() / team;
    bool there = j < end;
    float k[C], v[C];
    i64 place = there ? at(j) + member * C : 0;
    Lanes<T>::spread(there ? keys.loadWide(place) : Wide{{0, 0, 0, 0}}, k);
    Lanes<T>::spread(there ? values.loadWide(place) : Wide{{0, 0, 0, 0}}, v);
    float dot = 0;
#pragma unroll
    for (int c = 0; c < C; c++) dot += q[c] * k[c];
    for (int o = team >> 1; o > 0; o >>= 1) dot += __shfl_xor_sync(ALL_LANES, dot, o);
    float s = there ? score(j, dot) : -infinity();
    if (s != -infinity()) seen.add(s, v);
  }
  for (int o = team; o < 32; o <<= 1) seen.join(o);
  return seen;
}

// Lays down what a warp has seen, [2 + K]; a barrier, then `gathered` puts several warps' together.
template <class T> DEVICE void lay(const Seen<T>& seen, Shared<float> to, int team) {
  const int C = Lanes<T>::COUNT;
  if (lane() == 0) {
    to.set(0, seen.most);
    to.set(1, seen.sum);
  }
  if (lane() < team) {
#pragma unroll
    for (int c = 0; c < C; c++) to.set(2 + lane() * C + c, seen.value[c]);
  }
}

struct Gathered {
  float most, sum, value;
};
DEVICE Gathered gathered(Shared<float> from, int warps, int headWidth, int column) {
  Gathered g{-infinity(), 0, 0};
  for (int w = 0; w < warps; w++) g.most = larger(g.most, from.get(w * (2 + headWidth)));
  for (int w = 0; w < warps; w++) {
    float sum = from.get(w * (2 + headWidth) + 1);
    float e = sum == 0.f ? 0.f : expf(from.get(w * (2 + headWidth)) - g.most);
    g.sum += e * sum;
    g.value += e * from.get(w * (2 + headWidth) + 2 + column);
  }
  return g;
}

// Where tokens so far lie and what is added to their scores.
//
// table: [H, 2 reach + 1]; places: two tables [rows, capacity] that take turns, or none where each row has its own tokens
struct Tokens {
  Global<const float> table;
  Global<const i32> places;
  i32 reach, capacity, rows;
};

// A row's attention to the tokens before `end`, by some of the block's warps.
template <class T>
DEVICE Seen<T> attendTokens(const float (&q)[Lanes<T>::COUNT], Global<const T> keys, Global<const T> values, const Tokens& t,
                            i32 row, i32 head, i32 heads, i32 headWidth, i32 position, i32 end, int part, int parts) {
  int team = headWidth / Lanes<T>::COUNT, teams = 32 / team;
  i64 inner = (i64)heads * headWidth;
  Global<const i32> place = t.places + ((position & 1 ? (i64)t.rows * t.capacity : 0) + (i64)row * t.capacity);
  Global<const float> bias = t.table + (i64)head * (2 * t.reach + 1);
  return attend<T>(
      q, keys, values, part * teams, end, parts * teams, team,
      [&](i32 j) { return ((i64)(t.places ? place.load(j) : row) * t.capacity + j) * inner + head * headWidth; },
      [&](i32 j, float dot) {
        i32 back = position - j;
        return dot + bias.load(t.reach - (back < t.reach ? back : t.reach));
      });
}

// Attention to the tokens so far, the one that is read among them: a block of 4 warps for each head and row.
// Shared memory of decode_attend_*: at most 4128 bytes
template <class T>
DEVICE void attendOwn(Global<const float> q, Global<const T> keys, Global<const T> values, Global<const float> table,
                      Global<const i32> places, Global<const i32> state, Global<float> y, i32 rows, i32 heads, i32 headWidth,
                      i32 capacity, i32 reach) {
  const int C = Lanes<T>::COUNT;
  Shared<float> parts = shared<float>(0);
  i32 head = blockIdx.x, row = blockIdx.y;
  int team = headWidth / C;
  i64 at = ((i64)row * heads + head) * headWidth;
  float mineQ[C];
#pragma unroll
  for (int c = 0; c < C; c++) mineQ[c] = q.load(at + (lane() & (team - 1)) * C + c);
  i32 position = state.load(POSITION);
  Tokens t{table, places, reach, capacity, rows};
  Seen<T> seen = attendTokens<T>(mineQ, keys, values, t, row, head, heads, headWidth, position, position + 1, warp(), 4);
  lay<T>(seen, parts + warp() * (2 + headWidth), team);
  __syncthreads();
  if (thread() < headWidth) {
    Gathered g = gathered(parts, 4, headWidth, thread());
    y.store(at + thread(), g.value / g.sum);
  }
}

#define ATTEND(T, S)                                                                                                         \
  KERNEL(128, decode_attend_##S)                                                                                             \
  (Global<const float> q, Global<const T> keys, Global<const T> values, Global<const float> table, Global<const i32> places, \
   Global<const i32> state, Global<float> y, i32 rows, i32 heads, i32 headWidth, i32 capacity, i32 reach) {                  \
    attendOwn<T>(q, keys, values, table, places, state, y, rows, heads, headWidth, capacity, reach);                         \
  }                                                                                                                          \
  REGISTER(decode_attend_##S);
ATTEND(float, f32)
ATTEND(bf16, bf16)

// Attention of an input's rows to the encoder's states, with its norm and query: a block for each head, split of the states,
// and input.
//
// Shared memory of decode_cross_*: at most 98304 bytes
//
// heads, headCount: sums of heads that belong to the residual stream, [headCount, rows, D]; y: [rows, H K], or with splits
// their parts [splits, rows, H K]; statistics: [splits, rows, H, 2]
struct CrossSizes {
  i32 rows, beams, width, heads, headWidth, sources, splits, headCount;
  float epsilon;
};
template <class T, int R>
DEVICE void attendCross(Global<const float> h, Global<const float> sums, Global<const T> norm, Global<const T> wq,
                        Global<const T> keys, Global<const T> values, Global<const i32> mask, Global<const i32> limits,
                        Global<float> y, Global<float> statistics, const CrossSizes& z) {
  const int C = Lanes<T>::COUNT, N = Tile<R>::N;
  const int ROW_WARPS = R == 1 ? 8 : R == 4 ? 2 : 1;  // warps that share a row
  Shared<float> scale = shared<float>(0);
  Shared<float> query = shared<float>(4 * MOST_ROWS);                          // [beams, K]
  Shared<float> parts = query + z.beams * z.headWidth;                         // [8, 2 + K]
  Shared<float> x = shared<float>((4 * MOST_ROWS + 4 * z.beams * z.headWidth + 32 * (2 + z.headWidth) + 15) & ~15);  // [beams, D]
  i32 head = blockIdx.x, split = blockIdx.y, input = blockIdx.z;
  i32 first = input * z.beams;
  i64 inner = (i64)z.heads * z.headWidth;
  for (i32 i = thread(); i < z.beams * z.width; i += blockDim.x) {
    i64 at = (i64)first * z.width + i;
    float v = h.load(at);
    for (i32 p = 0; p < z.headCount; p++) v += sums.load((i64)p * z.rows * z.width + at);
    x.set(i, v);
  }
  __syncthreads();
  scales(x, z.beams, z.width, z.epsilon, scale);
  __syncthreads();
  for (i32 n0 = warp() * N; n0 < z.headWidth; n0 += 8 * N) {
    Global<const T> w[N];
    rowsOf(wq + (i64)head * z.headWidth * z.width, n0, z.headWidth, z.width, w);
    float sum[N][R];
    products<T, R, N, Tile<R>::U>(w, x, norm, z.beams, z.width, sum);
#pragma unroll
    for (int n = 0; n < N; n++) {
      float v = mine(sum, n);
      if (lane() < z.beams) query.set(lane() * z.headWidth + n0 + n, v * scale.get(lane()));
    }
  }
  __syncthreads();
  i32 limit = limits.load(input);
  bool none = limit < 0;
  i32 all = none ? z.sources : limit;
  i32 each = (all + z.splits - 1) / z.splits;
  i32 from = split * each < all ? split * each : all;
  i32 end = from + each < all ? from + each : all;
  int team = z.headWidth / C, teams = 32 / team;
  i64 start = (i64)input * z.sources * inner + head * z.headWidth;
  for (i32 r0 = 0; r0 < z.beams; r0 += 8 / ROW_WARPS) {
    i32 r = r0 + warp() / ROW_WARPS;
    bool there = r < z.beams;
    int part = warp() % ROW_WARPS;
    if (there) {
      float q[C];
#pragma unroll
      for (int c = 0; c < C; c++) q[c] = query.get(r * z.headWidth + (lane() & (team - 1)) * C + c);
      Seen<T> seen = attend<T>(
          q, keys, values, from + part * teams, end, ROW_WARPS * teams, team, [&](i32 j) { return start + j * inner; },
          [&](i32 j, float dot) {
            return none ? 0.f : mask.load((i64)input * z.sources + j) != 0 ? dot : -infinity();
          });
      lay<T>(seen, parts + warp() * (2 + z.headWidth), team);
    }
    __syncthreads();
    for (i32 i = thread(); i < 8 / ROW_WARPS * z.headWidth; i += blockDim.x) {
      i32 local = i / z.headWidth, column = i - local * z.headWidth, row = r0 + local;
      if (row < z.beams) {
        Gathered g = gathered(parts + local * ROW_WARPS * (2 + z.headWidth), ROW_WARPS, z.headWidth, column);
        i64 pair = (i64)(first + row) * z.heads + head;
        if (z.splits == 1) {
          y.store(pair * z.headWidth + column, g.value / g.sum);
        } else {
          y.store((i64)split * z.rows * inner + pair * z.headWidth + column, g.value);
          if (column < 2) statistics.store(2 * ((i64)split * z.rows * z.heads + pair) + column, column == 0 ? g.most : g.sum);
        }
      }
    }
    __syncthreads();
  }
}

#define CROSS(T, R, S)                                                                                                       \
  KERNEL(256, decode_cross_##S)                                                                                              \
  (Global<const float> h, Global<const float> sums, Global<const T> norm, Global<const T> wq, Global<const T> keys,          \
   Global<const T> values, Global<const i32> mask, Global<const i32> limits, Global<float> y, Global<float> statistics,      \
   CrossSizes sizes) {                                                                                                       \
    attendCross<T, R>(h, sums, norm, wq, keys, values, mask, limits, y, statistics, sizes);                                  \
  }                                                                                                                          \
  REGISTER(decode_cross_##S);
CROSS(float, 1, f32_1)
CROSS(float, 4, f32_4)
CROSS(float, 16, f32_16)
CROSS(bf16, 1, bf16_1)
CROSS(bf16, 4, bf16_4)
CROSS(bf16, 16, bf16_16)

// ---------------------------------------------------------------------------------------------------------------------------
// A layer's own attention as a whole, for up to 4 rows: a block for each head and slice of O's rows.
//
// Shared memory of decode_own_*: at most 24704 bytes
//
// sums: [H, rows, D], what each head adds to the residual stream
struct OwnSizes {
  i32 rows, width, heads, headWidth, capacity, reach, slice;
  float epsilon;
};
template <class T, int R>
DEVICE void own(Global<const float> h, Global<const T> norm, Global<const T> wq, Global<const T> wk, Global<const T> wv,
                Global<const T> wo, Global<T> keys, Global<T> values, Global<const float> table, Global<const i32> places,
                Global<const i32> state, Global<float> sums, const OwnSizes& z) {
  const int C = Lanes<T>::COUNT, N = Tile<R>::N;
  const int ROW_WARPS = 8 / R;  // warps that share a row
  Shared<float> scale = shared<float>(0);
  Shared<float> made = shared<float>(4 * MOST_ROWS);                       // [3, R, K]: q, k, v, as the caches have them
  Shared<float> parts = made + 3 * R * z.headWidth;                        // [8, 2 + K]
  Shared<float> mixed = parts + 8 * (2 + z.headWidth);                     // [R, K]
  i32 head = blockIdx.x, slice = blockIdx.y;
  i32 inner = z.heads * z.headWidth;
  i32 position = state.load(POSITION);
  scales(h, z.rows, z.width, z.epsilon, scale);
  __syncthreads();
  for (i32 first = warp() * N; first < 3 * z.headWidth; first += 8 * N) {
    i32 which = first / z.headWidth, n0 = first - which * z.headWidth;
    Global<const T> w[N];
    Global<const T> matrix = which == 0 ? wq : which == 1 ? wk : wv;
    rowsOf(matrix + (i64)head * z.headWidth * z.width, n0, z.headWidth, z.width, w);
    float sum[N][R];
    products<T, R, N, Tile<R>::U>(w, h, norm, z.rows, z.width, sum);
#pragma unroll
    for (int n = 0; n < N; n++) {
      float v = mine(sum, n);
      if (lane() < z.rows) {
        v *= scale.get(lane());
        if (which > 0) {
          T kept = fromFloat<T>(v);
          v = toFloat(kept);
          i64 at = ((i64)lane() * z.capacity + position) * inner + head * z.headWidth + n0 + n;
          if (slice == 0) (which == 1 ? keys : values).store(at, kept);
        }
        made.set((which * R + lane()) * z.headWidth + n0 + n, v);
      }
    }
  }
  __syncthreads();
  int team = z.headWidth / C, member = lane() & (team - 1);
  i32 row = warp() / ROW_WARPS;
  Tokens t{table, places, z.reach, z.capacity, z.rows};
  if (row < z.rows) {
    float q[C];
#pragma unroll
    for (int c = 0; c < C; c++) q[c] = made.get(row * z.headWidth + member * C + c);
    // the token that is read is not in the cache for certain: another block writes it
    Seen<T> seen = attendTokens<T>(q, keys.template as<const T>(), values.template as<const T>(), t, row, head, z.heads,
                                   z.headWidth, position, position, warp() % ROW_WARPS, ROW_WARPS);
    if (warp() % ROW_WARPS == 0) {
      float dot = 0, v[C];
#pragma unroll
      for (int c = 0; c < C; c++) {
        dot += q[c] * made.get((R + row) * z.headWidth + member * C + c);
        v[c] = made.get((2 * R + row) * z.headWidth + member * C + c);
      }
      for (int o = team >> 1; o > 0; o >>= 1) dot += __shfl_xor_sync(ALL_LANES, dot, o);
      seen.add(dot + table.load((i64)head * (2 * z.reach + 1) + z.reach), v);
    }
    lay<T>(seen, parts + warp() * (2 + z.headWidth), team);
  }
  __syncthreads();
  for (i32 i = thread(); i < z.rows * z.headWidth; i += blockDim.x) {
    i32 r = i / z.headWidth;
    Gathered g = gathered(parts + r * ROW_WARPS * (2 + z.headWidth), ROW_WARPS, z.headWidth, i - r * z.headWidth);
    mixed.set(i, g.value / g.sum);
  }
  __syncthreads();
  // a team takes a row of O at a time
  i32 end = (slice + 1) * z.slice < z.width ? (slice + 1) * z.slice : z.width;
  int teams = 32 / team;
  for (i32 n0 = slice * z.slice + warp() * teams; n0 < end; n0 += 8 * teams) {
    i32 n = n0 + lane() / team;
    bool there = n < end;
    float w[C];
    Lanes<T>::spread(there ? wo.loadWide((i64)n * inner + head * z.headWidth + member * C) : Wide{{0, 0, 0, 0}}, w);
#pragma unroll
    for (int r = 0; r < R; r++) {
      if (r < z.rows) {
        float sum = 0;
#pragma unroll
        for (int c = 0; c < C; c++) sum += w[c] * mixed.get(r * z.headWidth + member * C + c);
        for (int o = team >> 1; o > 0; o >>= 1) sum += __shfl_xor_sync(ALL_LANES, sum, o);
        if (there && member == 0) sums.store(((i64)head * z.rows + r) * z.width + n, sum);
      }
    }
  }
}

#define OWN(T, R, S)                                                                                                         \
  KERNEL(256, decode_own_##S)                                                                                                \
  (Global<const float> h, Global<const T> norm, Global<const T> wq, Global<const T> wk, Global<const T> wv,                  \
   Global<const T> wo, Global<T> keys, Global<T> values, Global<const float> table, Global<const i32> places,                \
   Global<const i32> state, Global<float> sums, OwnSizes sizes) {                                                            \
    own<T, R>(h, norm, wq, wk, wv, wo, keys, values, table, places, state, sums, sizes);                                     \
  }                                                                                                                          \
  REGISTER(decode_own_##S);
OWN(float, 1, f32_1)
OWN(float, 4, f32_4)
OWN(bf16, 1, bf16_1)
OWN(bf16, 4, bf16_4)
