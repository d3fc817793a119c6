// A decoder's attention, one query a head: neighbouring lanes, a team, share a key, 16 bytes each; a warp's teams take keys in
// turns.
#pragma once
#include "decode.cuh"

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

// Attention of a head and row to the tokens so far, the one that is read among them, by a block.
//
// parts: [WARPS, 2 + K]
template <class T, int WARPS>
DEVICE void attendOwn(Global<const float> q, Global<const T> keys, Global<const T> values, Global<const float> table,
                      Global<const i32> places, Global<const i32> state, Global<float> y, i32 head, i32 row, i32 rows,
                      i32 heads, i32 headWidth, i32 capacity, i32 reach, Shared<float> parts) {
  const int C = Lanes<T>::COUNT;
  int team = headWidth / C;
  i64 at = ((i64)row * heads + head) * headWidth;
  float mineQ[C];
#pragma unroll
  for (int c = 0; c < C; c++) mineQ[c] = q.load(at + (lane() & (team - 1)) * C + c);
  i32 position = state.load(POSITION);
  Tokens t{table, places, reach, capacity, rows};
  Seen<T> seen = attendTokens<T>(mineQ, keys, values, t, row, head, heads, headWidth, position, position + 1, warp(), WARPS);
  lay<T>(seen, parts + warp() * (2 + headWidth), team);
  __syncthreads();
  if (thread() < headWidth) {
    Gathered g = gathered(parts, WARPS, headWidth, thread());
    y.store(at + thread(), g.value / g.sum);
  }
}

// heads, headCount: sums of heads that belong to the residual stream, [headCount, rows, D]; y: [rows, H K], or with splits
// their parts [splits, rows, H K]; statistics: [splits, rows, H, 2]
struct CrossSizes {
  i32 rows, beams, width, heads, headWidth, sources, splits, headCount;
  float epsilon;
};

// A head's attention of an input's rows to a split of the encoder's states.
//
// query: [beams, K]; parts: [8, 2 + K]; rowWarps: warps that share a row, with all of which at most 8 are busy at once
template <class T>
DEVICE void attendStates(Shared<float> query, Shared<float> parts, Global<const T> keys, Global<const T> values,
                         Global<const i32> mask, Global<const i32> limits, Global<float> y, Global<float> statistics, i32 head,
                         i32 split, i32 input, int rowWarps, const CrossSizes& z) {
  const int C = Lanes<T>::COUNT;
  i32 limit = limits.load(input);
  bool none = limit < 0;
  i32 all = none ? z.sources : limit;
  i32 each = (all + z.splits - 1) / z.splits;
  i32 from = split * each < all ? split * each : all;
  i32 end = from + each < all ? from + each : all;
  i64 inner = (i64)z.heads * z.headWidth;
  i32 first = input * z.beams;
  int team = z.headWidth / C, teams = 32 / team;
  i64 start = (i64)input * z.sources * inner + head * z.headWidth;
  for (i32 r0 = 0; r0 < z.beams; r0 += 8 / rowWarps) {
    i32 r = r0 + warp() / rowWarps;
    bool there = r < z.beams;
    int part = warp() % rowWarps;
    if (there) {
      float q[C];
#pragma unroll
      for (int c = 0; c < C; c++) q[c] = query.get(r * z.headWidth + (lane() & (team - 1)) * C + c);
      Seen<T> seen = attend<T>(
          q, keys, values, from + part * teams, end, rowWarps * teams, team, [&](i32 j) { return start + j * inner; },
          [&](i32 j, float dot) {
            return none ? 0.f : mask.load((i64)input * z.sources + j) != 0 ? dot : -infinity();
          });
      lay<T>(seen, parts + warp() * (2 + z.headWidth), team);
    }
    __syncthreads();
    for (i32 i = thread(); i < 8 / rowWarps * z.headWidth; i += blockDim.x) {
      i32 local = i / z.headWidth, column = i - local * z.headWidth, row = r0 + local;
      if (row < z.beams) {
        Gathered g = gathered(parts + local * rowWarps * (2 + z.headWidth), rowWarps, z.headWidth, column);
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

// Attention of an input's rows to the encoder's states, with its norm and query: a block for each head, split of the states,
// and input.
template <class T, int R>
DEVICE void attendCross(Global<const float> h, Global<const float> sums, Global<const T> norm, Global<const T> wq,
                        Global<const T> keys, Global<const T> values, Global<const i32> mask, Global<const i32> limits,
                        Global<float> y, Global<float> statistics, const CrossSizes& z) {
  const int N = Tile<R>::N;
  Shared<float> scale = shared<float>(0);
  Shared<float> query = shared<float>(4 * MOST_ROWS);                          // [beams, K]
  Shared<float> parts = query + z.beams * z.headWidth;                         // [8, 2 + K]
  Shared<float> x = shared<float>((4 * MOST_ROWS + 4 * z.beams * z.headWidth + 32 * (2 + z.headWidth) + 15) & ~15);  // [beams, D]
  i32 head = blockIdx.x, split = blockIdx.y, input = blockIdx.z;
  i32 first = input * z.beams;
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
  attendStates<T>(query, parts, keys, values, mask, limits, y, statistics, head, split, input, R == 1 ? 8 : R == 4 ? 2 : 1, z);
}

// A layer's own attention as a whole, for up to 4 rows: a block for each head and slice of O's rows.
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
