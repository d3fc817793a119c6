// What all kernels of a decoder's step share: where its numbers lie, and dot products of a matrix's rows and a few rows.
#pragma once
#include "functions.cuh"

// The step's numbers in device memory, which the host writes before a step and reads behind one. CudaStep has the same places.
enum Place {
  POSITION = 0,  // tokens before the one that is read
  STRAIGHT = 1,  // whether each row has all its tokens in itself, before `FROM` is looked at
  END_COUNT = 2,
  PAD = 3,
  IDS = 8,         // [16] what is read
  ENDED = 24,      // [16]
  FROM = 40,       // [16] the row whose tokens a row takes over
  END_IDS = 56,    // [32]
  NEXT = 88,       // [16] what a chooser has chosen
  CHOSEN = 104,    // tokens that were chosen since the host wrote
  DONE = 105,      // how many those were when all rows had ended; 0 before. From here on the host reads
  HISTORY = 106,   // [tokens, rows]
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

// Whether a stands before b: the larger, what is no number above all, the first of equals.
DEVICE bool before(float a, i32 i, float b, i32 j) {
  bool aNone = a != a, bNone = b != b;
  if (aNone || bNone) return aNone && (!bNone || i < j);
  return a > b || (a == b && i < j);
}
