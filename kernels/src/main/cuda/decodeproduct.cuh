// A decoder's products of a few rows, each weight read once for all of them.
#pragma once
#include "decode.cuh"

// q, k and v of a layer's own attention behind its norm; k and v go straight into the caches.
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

// Number i of what attention gives, put together of its splits' parts.
//
// parts: [splits, count]; statistics: [splits, pairs, 2], the largest score and the sum of each row and head, a pair
DEVICE float mergedOf(Global<const float> parts, Global<const float> statistics, i32 splits, i32 pairs, i32 pair, i64 count,
                      i64 i) {
  float most = -infinity();
  for (i32 s = 0; s < splits; s++) most = larger(most, statistics.load(2 * ((i64)s * pairs + pair)));
  float total = 0, v = 0;
  for (i32 s = 0; s < splits; s++) {
    i64 at = 2 * ((i64)s * pairs + pair);
    float part = statistics.load(at + 1);
    if (part == 0.f) continue;  // saw no key
    float e = expf(statistics.load(at) - most);
    total += e * part;
    v += e * parts.load(s * count + i);
  }
  return v / total;
}

// h += x W^T of attention whose keys were split: its parts are put together first, into shared memory.
template <class T, int R>
DEVICE void mergeProduct(Global<const float> parts, Global<const float> statistics, Global<const T> matrix,
                         Global<const float> heads, i32 headCount, Global<float> h, i32 splits, i32 rows, i32 width,
                         i32 headWidth, i32 out) {
  Shared<float> x = shared<float>(0);
  i32 pairs = rows * (width / headWidth);
  for (i32 i = thread(); i < rows * width; i += blockDim.x) {
    x.set(i, mergedOf(parts, statistics, splits, pairs, i / headWidth, (i64)rows * width, i));
  }
  __syncthreads();
  addProduct<T, R>(x, matrix, heads, headCount, h, rows, width, out);
}

// The functions that feed-forward layers have.
DEVICE float activated(float v, i32 activation) {
  return activation == RELU ? value<RELU>(v, 0.f)
       : activation == SILU ? value<SILU>(v, 0.f)
       : activation == GELU_TANH ? value<GELU_TANH>(v, 0.f)
                                 : value<GELU_ERF>(v, 0.f);
}

// The first half of a feed-forward layer behind its norm: f(x W), or f(x W) (x V).
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
      v = activated(v, activation);
      if (up) v *= mine(sum, n < N / 2 ? n + N / 2 : n) * factor;
      y.store((i64)lane() * inner + first + n, v);
    }
  }
}

// The head behind the last norm: logits, and the best of each block.
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
