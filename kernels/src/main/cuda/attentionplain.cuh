// Attention of any width and type, with any bias and masks: the first rung.
//
// A block of 8 warps has 32 rows of its own, queries or keys, four to a warp, and goes through the other side in tiles of 32, one to
// a lane. Rows pass through shared memory 64 columns at a time, as float32. Scores are drawn again wherever they are needed;
// nothing of T x S is stored. All sums run in the order of the tiles.
#pragma once
#include "attention.cuh"

#define ROWS 32
#define PITCH 65  // floats from row to row of 64 columns: no two lanes meet in a bank
#define PANEL (ROWS * PITCH * 4)
#define PART 128  // columns of results that a block makes
#define WEIGHTS (4 * PANEL)  // [32 own rows][33]
#define DIAGONALS (ROWS * 33)  // behind the weights: sums of 63 diagonals
#define FLAGS (WEIGHTS + (ROWS * 33 + 64) * 4)  // one for each warp
#define PLAIN_BYTES (FLAGS + 32)

// Rows of one side: from element `base` on, so far apart, so many.
template <class T> struct Rows {
  Global<const T> from;
  i64 base;
  i64 step;
  int count;
};

template <class T> DEVICE Rows<T> queriesOf(const Attention& a, const Place& p, int h, Global<const u8> from) {
  return Rows<T>{from.as<const T>(), queryAt(a, p, h, 0), (i64)a.heads * a.width, p.queries};
}
template <class T> DEVICE Rows<T> keysOf(const Attention& a, const Place& p, int h, Global<const u8> from) {
  return Rows<T>{from.as<const T>(), keyAt(a, p, h, 0), (i64)a.heads * a.width, p.keys};
}

// 64 columns of 32 rows to shared memory, zeros where nothing is.
template <class T> DEVICE void take(Shared<float> to, const Rows<T>& rows, int first, int column, int width) {
#pragma unroll 1
  for (int e = thread(); e < ROWS * 64; e += 256) {
    int r = e >> 6, c = e & 63;
    float v = 0.f;
    if (first + r < rows.count && column + c < width) {
      v = toFloat(rows.from.load(rows.base + (first + r) * rows.step + column + c));
    }
    to.set(r * PITCH + c, v);
  }
}

// s[r] = own row 4 warp + r times the other side's row of this lane. `fresh` says that own rows are not in x yet.
template <class T>
DEVICE void dots(float (&s)[4], const Rows<T>& own, int ownFirst, const Rows<T>& other, int first, int width, bool fresh,
                 Shared<float> x, Shared<float> y) {
#pragma unroll
  for (int r = 0; r < 4; r++) s[r] = 0.f;
  for (int c0 = 0; c0 < width; c0 += 64) {
    __syncthreads();
    if (fresh || width > 64) take(x, own, ownFirst, c0, width);
    take(y, other, first, c0, width);
    __syncthreads();
    int columns = min(64, width - c0);
#pragma unroll 4
    for (int c = 0; c < columns; c++) {
      float b = y.get(lane() * PITCH + c);
#pragma unroll
      for (int r = 0; r < 4; r++) s[r] += x.get((4 * warp() + r) * PITCH + c) * b;
    }
  }
}

// sum[r] += w times the other side's 32 rows; w lies in shared memory, by own row and lane. `there` says that the rows are in y.
template <class T>
DEVICE void accumulate(float (&sum)[4][4], Shared<float> w, const Rows<T>& other, int first, int part, int width, bool there,
                       Shared<float> y) {
#pragma unroll
  for (int chunk = 0; chunk < 2; chunk++) {
    int c0 = part * PART + chunk * 64;
    if (c0 < width) {
      if (!there || width > 64) {
        __syncthreads();
        take(y, other, first, c0, width);
        __syncthreads();
      }
#pragma unroll 4
      for (int i = 0; i < ROWS; i++) {
        float b0 = y.get(i * PITCH + lane()), b1 = y.get(i * PITCH + lane() + 32);
#pragma unroll
        for (int r = 0; r < 4; r++) {
          float f = w.get((4 * warp() + r) * 33 + i);
          sum[r][2 * chunk] += f * b0;
          sum[r][2 * chunk + 1] += f * b1;
        }
      }
    }
  }
}

// Leaves each lane's weights of four own rows to the warp.
DEVICE void leave(Shared<float> w, const float (&of)[4]) {
  __syncwarp();
#pragma unroll
  for (int r = 0; r < 4; r++) w.set((4 * warp() + r) * 33 + lane(), of[r]);
  __syncwarp();
}

DEVICE void clear(float (&sum)[4][4]) {
#pragma unroll
  for (int r = 0; r < 4; r++)
#pragma unroll
    for (int c = 0; c < 4; c++) sum[r][c] = 0.f;
}

// Stores own rows of results, each times its factor, or adds them.
template <class T>
DEVICE void put(Global<T> to, i64 base, i64 step, int first, int count, int part, int width, bool add, const float (&sum)[4][4],
                const float (&factor)[4]) {
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int row = first + 4 * warp() + r;
#pragma unroll
    for (int n = 0; n < 4; n++) {
      int c = part * PART + n * 32 + lane();
      if (row < count && c < width) {
        i64 at = base + row * step + c;
        float x = sum[r][n] * factor[r];
        to.store(at, fromFloat<T>(add ? toFloat(to.load(at)) + x : x));
      }
    }
  }
}

DEVICE bool seesKey(const Attention& a, const Place& p, int i, int j) {
  if (j >= p.seen || (a.causal && j > i + a.offset)) return false;
  return !numbered(a) || queryNumber(a, p, i) == keyNumber(a, p, j);
}

// The score in units of log 2 of a dot product.
DEVICE float score(const Attention& a, const Place& p, int h, int i, int j, float dot) {
  if (i >= p.queries || j >= p.keys) return -infinity();
  if (!seesKey(a, p, i, j)) return HIDDEN;
  float s = a.scale * dot;
  if (a.bias) {
    i64 at = a.reach >= 0 ? h * a.biasHead + clampTo(j - i - a.offset, a.reach) + a.reach
                          : p.row * a.biasBatch + h * a.biasHead + (i64)i * p.keys + j;
    s += a.bias.load(at);
  }
  s *= LOG2_OF_E;
  return s < HIDDEN ? HIDDEN : s;  // a bias may hide by itself
}

template <class T> DEVICE void plainForward(const Attention& a, Global<T> out, Global<float> logSumExp) {
  Place p = {};
  int i0 = 0;
  if (!findTile(a, false, ROWS, p, i0)) return;
  int parts = max(1, (a.width + PART - 1) / PART), h = blockIdx.y / parts, part = blockIdx.y % parts;
  Shared<float> x = shared<float>(0), y = shared<float>(PANEL), w = shared<float>(WEIGHTS);
  Rows<T> q = queriesOf<T>(a, p, h, a.q), k = keysOf<T>(a, p, h, a.k), v = keysOf<T>(a, p, h, a.v);
  Dropping dropping = Dropping::from(a, h);
  float most[4], sum[4], o[4][4];
#pragma unroll
  for (int r = 0; r < 4; r++) {
    most[r] = HIDDEN;
    sum[r] = 0.f;
  }
  clear(o);
  int end = visible(a, p, min(i0 + ROWS, p.queries) - 1), j0 = 0;
  bool fresh = true;
  while (true) {
    for (; j0 < end; j0 += ROWS) {
      float s[4];
      dots(s, q, i0, k, j0, a.width, fresh, x, y);
      fresh = false;
#pragma unroll
      for (int r = 0; r < 4; r++) {
        int i = i0 + 4 * warp() + r, j = j0 + lane();
        s[r] = score(a, p, h, i, j, s[r]);
        float now = larger(most[r], warpMax(s[r])), shrink = ex2(most[r] - now);
        most[r] = now;
        s[r] = ex2(s[r] - now);
        sum[r] = sum[r] * shrink + s[r];
        if (dropping.of.active()) s[r] *= dropping.query(i).factor(p.row, j);
#pragma unroll
        for (int c = 0; c < 4; c++) o[r][c] *= shrink;
      }
      leave(w, s);
      accumulate(o, w, v, j0, part, a.width, false, y);
    }
    if (j0 >= p.keys) break;
    // keys that nobody sees count for queries that see none
    bool blind = false;
#pragma unroll
    for (int r = 0; r < 4; r++) blind |= i0 + 4 * warp() + r < p.queries && most[r] == HIDDEN;
    if (!anyOfBlock(blind, shared<i32>(FLAGS))) break;
    end = p.keys;
  }
  float factor[4];
#pragma unroll
  for (int r = 0; r < 4; r++) {
    float all = warpSum(sum[r]);
    factor[r] = 1.f / all;
    int i = i0 + 4 * warp() + r;
    if (lane() == 0 && part == 0 && i < p.queries) {
      logSumExp.store(sumAt(a, p, h, i), most[r] == HIDDEN ? HIDDEN : most[r] * LOG_OF_2 + logf(all));
    }
  }
  put(out, q.base, q.step, i0, p.queries, part, a.width, false, o, factor);
}

// Sums of dO O over the width, [H, tokens]: a warp for each row.
template <class T>
DEVICE void plainDelta(Global<const T> out, Global<const T> dOut, Global<float> delta, i64 tokens, i32 heads, i32 width) {
  i64 rows = tokens * heads;
  for (i64 row = (i64)blockIdx.x * 8 + warp(); row < rows; row += (i64)gridDim.x * 8) {
    float sum = 0.f;
    for (int c = lane(); c < width; c += 32) sum += toFloat(out.load(row * width + c)) * toFloat(dOut.load(row * width + c));
    sum = warpSum(sum);
    if (lane() == 0) delta.store(row % heads * tokens + row / heads, sum);
  }
}

// The probability of a score, of a query with this log-sum-exp: before dropout.
DEVICE float probability(const Place& p, float score, float logSumExp) {
  if (logSumExp == HIDDEN) return score == -infinity() ? 0.f : 1.f / p.keys;
  return ex2(score - logSumExp * LOG2_OF_E);
}
// The gradient of a score, where `dp` is that of the probability.
DEVICE float scoreGradient(float score, float probability, float dp, float delta) {
  return score == HIDDEN || score == -infinity() ? 0.f : probability * (dp - delta);
}

// Gradients of 32 queries and, of a bias by distance, the sums over each distance, added to this block's strip of 2 R + 1.
template <class T>
DEVICE void plainQueries(const Attention& a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta,
                         Global<T> dq, bool add, Global<float> strips, int reach) {
  Place p = {};
  int i0 = 0;
  bool there = findTile(a, false, ROWS, p, i0);
  int parts = max(1, (a.width + PART - 1) / PART), h = blockIdx.y / parts, part = blockIdx.y % parts;
  int length = 2 * reach + 1;
  bool distances = strips && part == 0;
  Global<float> strip = strips + (((i64)h * gridDim.z + blockIdx.z) * gridDim.x + blockIdx.x) * length;
  if (distances) {
    for (int n = thread(); n < length; n += 256) strip.store(n, 0.f);
  }
  if (!there) return;
  Shared<float> x = shared<float>(0), y = shared<float>(PANEL), xo = shared<float>(2 * PANEL), yv = shared<float>(3 * PANEL);
  Shared<float> w = shared<float>(WEIGHTS);
  Rows<T> q = queriesOf<T>(a, p, h, a.q), k = keysOf<T>(a, p, h, a.k), v = keysOf<T>(a, p, h, a.v);
  Rows<T> o = Rows<T>{dOut, q.base, q.step, q.count};
  Dropping dropping = Dropping::from(a, h);
  float log[4], d[4], sum[4][4];
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int i = i0 + 4 * warp() + r;
    log[r] = i < p.queries ? logSumExp.load(sumAt(a, p, h, i)) : 0.f;
    d[r] = i < p.queries ? delta.load(deltaAt(a, p, h, i)) : 0.f;
  }
  clear(sum);
  int end = visible(a, p, min(i0 + ROWS, p.queries) - 1);
  for (int j0 = 0; j0 < end; j0 += ROWS) {
    float s[4], dp[4];
    dots(s, q, i0, k, j0, a.width, j0 == 0, x, y);
    dots(dp, o, i0, v, j0, a.width, j0 == 0, xo, yv);
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int i = i0 + 4 * warp() + r, j = j0 + lane();
      s[r] = score(a, p, h, i, j, s[r]);
      if (dropping.of.active()) dp[r] *= dropping.query(i).factor(p.row, j);
      s[r] = scoreGradient(s[r], probability(p, s[r], log[r]), dp[r], d[r]);
    }
    leave(w, s);
    if (dq) accumulate(sum, w, k, j0, part, a.width, true, y);
    if (distances) {
      __syncthreads();
      int diagonal = thread() - (ROWS - 1);
      if (thread() < 2 * ROWS - 1) {
        float all = 0.f;
        for (int r = max(0, -diagonal); r < min(ROWS, ROWS - diagonal); r++) all += w.get(r * 33 + r + diagonal);
        w.set(DIAGONALS + thread(), all);
      }
      __syncthreads();
      // distances beyond the reach share an end of the strip, which one thread adds to in order
      int from = j0 - i0 - a.offset - (ROWS - 1), distance = from + thread();
      if (thread() < 2 * ROWS - 1) {
        if (distance > -reach && distance < reach) {
          strip.store(distance + reach, strip.load(distance + reach) + w.get(DIAGONALS + thread()));
        }
      } else if (thread() == 2 * ROWS - 1) {
        float low = 0.f, high = 0.f;
        for (int n = 0; n < 2 * ROWS - 1; n++) {
          if (from + n <= -reach) {
            low += w.get(DIAGONALS + n);
          } else if (from + n >= reach) {
            high += w.get(DIAGONALS + n);
          }
        }
        strip.store(0, strip.load(0) + low);
        strip.store(2 * reach, strip.load(2 * reach) + high);
      }
      __syncthreads();
    }
  }
  float factor[4] = {a.scale, a.scale, a.scale, a.scale};
  if (dq) put(dq, q.base, q.step, i0, p.queries, part, a.width, add, sum, factor);
}

// Gradients of 32 keys and their values.
template <class T>
DEVICE void plainKeys(const Attention& a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta,
                      Global<T> dk, bool addK, Global<T> dv, bool addV) {
  Place p = {};
  int j0 = 0;
  if (!findTile(a, true, ROWS, p, j0)) return;
  int parts = max(1, (a.width + PART - 1) / PART), h = blockIdx.y / parts, part = blockIdx.y % parts;
  Shared<float> x = shared<float>(0), y = shared<float>(PANEL), xv = shared<float>(2 * PANEL), yo = shared<float>(3 * PANEL);
  Shared<float> w = shared<float>(WEIGHTS);
  Rows<T> q = queriesOf<T>(a, p, h, a.q), k = keysOf<T>(a, p, h, a.k), v = keysOf<T>(a, p, h, a.v);
  Rows<T> o = Rows<T>{dOut, q.base, q.step, q.count};
  Dropping dropping = Dropping::from(a, h);
  float sumK[4][4], sumV[4][4];
  clear(sumK);
  clear(sumV);
  // only queries that see nothing care for keys that are hidden from all
  int i0 = 0;
  if (allSee(a, p, 0)) {
    if (a.causal) i0 = max(0, j0 - a.offset) / ROWS * ROWS;
    if (j0 >= p.seen) i0 = p.queries;
  }
  for (bool fresh = true; i0 < p.queries; i0 += ROWS, fresh = false) {
    float s[4], dp[4], kept[4];
    dots(s, k, j0, q, i0, a.width, fresh, x, y);
    dots(dp, v, j0, o, i0, a.width, fresh, xv, yo);
    int i = i0 + lane();
    float log = i < p.queries ? logSumExp.load(sumAt(a, p, h, i)) : 0.f;
    float d = i < p.queries ? delta.load(deltaAt(a, p, h, i)) : 0.f;
    Dropper dropper = dropping.query(i);
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int j = j0 + 4 * warp() + r;
      float at = score(a, p, h, i, j, s[r]), chance = probability(p, at, log);
      float factor = dropper.factor(p.row, j);
      s[r] = scoreGradient(at, chance, dp[r] * factor, d);
      kept[r] = chance * factor;
    }
    if (dv) {
      leave(w, kept);
      accumulate(sumV, w, o, i0, part, a.width, true, yo);
    }
    if (dk) {
      leave(w, s);
      accumulate(sumK, w, q, i0, part, a.width, true, y);
    }
  }
  i64 base = closeKeyAt(a, p, h, 0);
  float one[4] = {1.f, 1.f, 1.f, 1.f}, scale[4] = {a.scale, a.scale, a.scale, a.scale};
  if (dv) put(dv, base, v.step, j0, p.keys, part, a.width, addV, sumV, one);
  if (dk) put(dk, base, k.step, j0, p.keys, part, a.width, addK, sumK, scale);
}

// Gradients of a full bias: a block has 32 queries and 32 keys, and sums over the rows and the heads that share them.
template <class T>
DEVICE void plainBias(const Attention& a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta,
                      Global<float> dBias, bool add) {
  int heads = a.biasHead != 0 ? a.heads : 1;
  int row = blockIdx.x / heads, head = blockIdx.x % heads, i0 = blockIdx.y * ROWS, j0 = blockIdx.z * ROWS;
  Shared<float> x = shared<float>(0), y = shared<float>(PANEL);
  float sum[4] = {0.f, 0.f, 0.f, 0.f};
  for (int b = row; b < (a.biasBatch != 0 ? row + 1 : a.batch); b++) {
    for (int h = head; h < (a.biasHead != 0 ? head + 1 : a.heads); h++) {
      Place p = {};
      placeOf(a, b, p);
      Rows<T> q = queriesOf<T>(a, p, h, a.q), k = keysOf<T>(a, p, h, a.k), v = keysOf<T>(a, p, h, a.v);
      Rows<T> o = Rows<T>{dOut, q.base, q.step, q.count};
      Dropping dropping = Dropping::from(a, h);
      float s[4], dp[4];
      dots(s, q, i0, k, j0, a.width, true, x, y);
      dots(dp, o, i0, v, j0, a.width, true, x, y);
#pragma unroll
      for (int r = 0; r < 4; r++) {
        int i = i0 + 4 * warp() + r, j = j0 + lane();
        if (i < p.queries) {
          float at = score(a, p, h, i, j, s[r]), log = logSumExp.load(sumAt(a, p, h, i));
          float factor = dropping.query(i).factor(p.row, j);
          sum[r] += scoreGradient(at, probability(p, at, log), dp[r] * factor, delta.load(deltaAt(a, p, h, i)));
        }
      }
    }
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int i = i0 + 4 * warp() + r, j = j0 + lane();
    if (i < a.queries && j < a.keys) {
      i64 at = row * a.biasBatch + head * a.biasHead + (i64)i * a.keys + j;
      dBias.store(at, add ? dBias.load(at) + sum[r] : sum[r]);
    }
  }
}

// The gradient of a table of distances from the strips of all blocks, [H, strips, 2 R' + 1]: 32 distances a block, whose 8 warps
// take every eighth strip.
DEVICE void sumStrips(Global<const float> strips, i64 count, i32 stripReach, Global<float> dBias, i32 reach, i32 add) {
  Shared<float> part = shared<float>(0);
  int n = blockIdx.x * 32 + lane(), h = blockIdx.y, length = 2 * reach + 1, own = 2 * stripReach + 1;
  int at = n - reach + stripReach;
  float sum = 0.f;
  if (at >= 0 && at < own) {
    for (i64 s = warp(); s < count; s += 8) sum += strips.load((h * count + s) * own + at);
  }
  part.set(warp() * 32 + lane(), sum);
  __syncthreads();
  if (warp() == 0 && n < length) {
    float all = 0.f;
    for (int w = 0; w < 8; w++) all += part.get(w * 32 + lane());
    i64 to = (i64)h * length + n;
    dBias.store(to, add != 0 ? dBias.load(to) + all : all);
  }
}
