// Copies, fills, casts, gathers and scatters: core's LayoutKernels. All of them are bound by memory.
//
// The ladder. Copies: element by element in the target's order; 16 bytes at a time where rows lie together in both (the
// launcher takes 16, 8 or 4 bytes as one element: up to 16 times fewer instructions); and through a tile in shared memory
// where rows become columns (a warp's 32 loads of 4 bytes are then one of 128 bytes, not 32 of 32). Scatters: a thread a
// column, which adds row after row (one row in flight a thread); and sorted by row, 32 places a warp (all places in flight,
// and a row that comes often is shared among warps). No atomics: the order of a sum is the order of its places.
#include "quotient.cuh"

// Sizes and strides in elements, outermost first, as CudaLayout writes them: 168 bytes.
struct Axes {
  i32 rank;
  u32 size[8];
  i32 unused;
  i64 source[8];
  i64 target[8];
};

// Adds the offsets of the element with this number among all of the axes.
DEVICE void place(const Axes& axes, u32 element, i64& from, i64& to) {
  u32 rest = element;
#pragma unroll
  for (int a = 7; a >= 0; a--) {
    if (a < axes.rank) {
      u32 above = a == 0 ? 0 : rest / axes.size[a];
      u32 at = rest - above * axes.size[a];
      from += at * axes.source[a];
      to += at * axes.target[a];
      rest = above;
    }
  }
}

template <class T> DEVICE void copy(Global<const T> source, Global<T> target, const Axes& axes, u32 count) {
  for (u32 e = blockIdx.x * blockDim.x + thread(); e < count; e += gridDim.x * blockDim.x) {
    i64 from = 0, to = 0;
    place(axes, e, from, to);
    target.store(to, source.load(from));
  }
}

KERNEL(256, layout_copy1)(Global<const u8> source, Global<u8> target, Axes axes, u32 count) {
  copy(source, target, axes, count);
}
REGISTER(layout_copy1);
KERNEL(256, layout_copy2)(Global<const u16> source, Global<u16> target, Axes axes, u32 count) {
  copy(source, target, axes, count);
}
REGISTER(layout_copy2);
KERNEL(256, layout_copy4)(Global<const u32> source, Global<u32> target, Axes axes, u32 count) {
  copy(source, target, axes, count);
}
REGISTER(layout_copy4);
KERNEL(256, layout_copy8)(Global<const Half> source, Global<Half> target, Axes axes, u32 count) {
  copy(source, target, axes, count);
}
REGISTER(layout_copy8);
KERNEL(256, layout_copy16)(Global<const Wide> source, Global<Wide> target, Axes axes, u32 count) {
  copy(source, target, axes, count);
}
REGISTER(layout_copy16);

// Two axes more, one of which lies together in the source and the other in the target: 32 bytes.
struct Turn {
  u32 columns;  // that lie together in the source
  u32 rows;  // that lie together in the target
  i64 sourceRow;  // from one row to the next in the source
  i64 targetColumn;  // from one column to the next in the target
  i64 unused;
};

// A block turns 32 x 32 elements; the odd length of the tile's rows keeps its columns in different banks.
template <class T> DEVICE void turn(Global<const T> source, Global<T> target, const Axes& axes, const Turn& turn) {
  Shared<T> tile = shared<T>(0);
  u32 across = (turn.columns + 31) / 32, down = (turn.rows + 31) / 32;
  u32 rest = blockIdx.x / across;
  u32 column = (blockIdx.x - rest * across) * 32, row = (rest % down) * 32;
  i64 from = 0, to = 0;
  place(axes, rest / down, from, to);
#pragma unroll
  for (int i = 0; i < 32; i += 8) {
    int r = warp() + i;
    if (row + r < turn.rows && column + lane() < turn.columns) {
      tile.set(r * 33 + lane(), source.load(from + (row + r) * turn.sourceRow + column + lane()));
    }
  }
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 32; i += 8) {
    int c = warp() + i;
    if (column + c < turn.columns && row + lane() < turn.rows) {
      target.store(to + (column + c) * turn.targetColumn + row + lane(), tile.get(lane() * 33 + c));
    }
  }
}

// Shared memory of layout_turn1: 1056 bytes
KERNEL(256, layout_turn1)(Global<const u8> source, Global<u8> target, Axes axes, Turn by) {
  turn(source, target, axes, by);
}
REGISTER(layout_turn1);
// Shared memory of layout_turn2: 2112 bytes
KERNEL(256, layout_turn2)(Global<const u16> source, Global<u16> target, Axes axes, Turn by) {
  turn(source, target, axes, by);
}
REGISTER(layout_turn2);
// Shared memory of layout_turn4: 4224 bytes
KERNEL(256, layout_turn4)(Global<const u32> source, Global<u32> target, Axes axes, Turn by) {
  turn(source, target, axes, by);
}
REGISTER(layout_turn4);

// Fills and casts go through elements in groups of N, whose first begins at a multiple of 16 bytes: behind `head` elements
// lie `groups` of them, and what is before and behind is done one by one. Where operands are not aligned alike there are none.
template <int N, class Group, class One>
DEVICE void each(i64 count, i32 head, i64 groups, Group group, One one) {
  i64 first = (i64)blockIdx.x * blockDim.x + thread(), step = (i64)gridDim.x * blockDim.x;
  for (i64 i = first; i < groups; i += step) group(head + N * i);
  for (i64 i = first; i < count - N * groups; i += step) one(i < head ? i : i + N * groups);
}

KERNEL(256, layout_fill)(Global<u32> target, u32 bits, i64 count, i32 head, i64 groups) {
  each<4>(
      count, head, groups,
      [&](i64 i) { target.storeWide(i, Wide{{bits, bits, bits, bits}}); },
      [&](i64 i) { target.store(i, bits); });
}
REGISTER(layout_fill);

KERNEL(256, layout_narrow)(Global<const float> source, Global<bf16> target, i64 count, i32 head, i64 groups) {
  each<8>(
      count, head, groups,
      [&](i64 i) {
        float a[4], b[4];
        Lanes<float>::spread(source.loadWide(i), a);
        Lanes<float>::spread(source.loadWide(i + 4), b);
        target.storeWide(i, Wide{{pack(a[0], a[1]), pack(a[2], a[3]), pack(b[0], b[1]), pack(b[2], b[3])}});
      },
      [&](i64 i) { target.store(i, fromFloat<bf16>(source.load(i))); });
}
REGISTER(layout_narrow);

KERNEL(256, layout_widen)(Global<const bf16> source, Global<float> target, i64 count, i32 head, i64 groups) {
  each<8>(
      count, head, groups,
      [&](i64 i) {
        Wide w = source.loadWide(i);
        float a[4] = {lower(w.word[0]), upper(w.word[0]), lower(w.word[1]), upper(w.word[1])};
        float b[4] = {lower(w.word[2]), upper(w.word[2]), lower(w.word[3]), upper(w.word[3])};
        target.storeWide(i, Lanes<float>::gather(a));
        target.storeWide(i + 4, Lanes<float>::gather(b));
      },
      [&](i64 i) { target.store(i, toFloat(source.load(i))); });
}
REGISTER(layout_widen);

// As Java casts.
DEVICE i32 truncate(float x) {
  if (x != x) return 0;
  if (x >= 2147483648.f) return 2147483647;
  if (x <= -2147483648.f) return -2147483647 - 1;
  return (i32)x;
}

KERNEL(256, layout_truncate)(Global<const float> source, Global<i32> target, i64 count, i32 head, i64 groups) {
  each<4>(
      count, head, groups,
      [&](i64 i) {
        Wide w = source.loadWide(i);
#pragma unroll
        for (int k = 0; k < 4; k++) w.word[k] = (u32)truncate(bitsToFloat(w.word[k]));
        target.storeWide(i, w);
      },
      [&](i64 i) { target.store(i, truncate(source.load(i))); });
}
REGISTER(layout_truncate);

KERNEL(256, layout_round)(Global<const i32> source, Global<float> target, i64 count, i32 head, i64 groups) {
  each<4>(
      count, head, groups,
      [&](i64 i) {
        Wide w = source.loadWide(i);
#pragma unroll
        for (int k = 0; k < 4; k++) w.word[k] = floatToBits((float)(i32)w.word[k]);
        target.storeWide(i, w);
      },
      [&](i64 i) { target.store(i, (float)source.load(i)); });
}
REGISTER(layout_round);

KERNEL(256, layout_bytes_to_floats)(Global<const u8> source, Global<float> target, i64 count, i32 head, i64 groups) {
  each<4>(
      count, head, groups,
      [&](i64 i) {
        u32 four = source.loadPair(i);
        float v[4] = {(float)(four & 255), (float)(four >> 8 & 255), (float)(four >> 16 & 255), (float)(four >> 24)};
        target.storeWide(i, Lanes<float>::gather(v));
      },
      [&](i64 i) { target.store(i, (float)source.load(i)); });
}
REGISTER(layout_bytes_to_floats);

KERNEL(256, layout_bytes_to_ints)(Global<const u8> source, Global<u32> target, i64 count, i32 head, i64 groups) {
  each<4>(
      count, head, groups,
      [&](i64 i) {
        u32 four = source.loadPair(i);
        target.storeWide(i, Wide{{four & 255, four >> 8 & 255, four >> 16 & 255, four >> 24}});
      },
      [&](i64 i) { target.store(i, source.load(i)); });
}
REGISTER(layout_bytes_to_ints);

// Core's kinds of faults.
const i64 GATHER = 1, SCATTER = 2;

// A gather's sizes, as CudaLayout writes them: 48 bytes.
struct Sizes {
  i64 outer;
  i64 inner;  // in the elements of the kernel
  double perInner;  // 1 / inner
  double perCount;  // 1 / count
  i32 axis;
  i32 count;
  i32 shared;
  i32 lanes;  // that share a row: a power of two up to 32
};

// Rows: `lanes` threads a row, the first of which reads its index.
template <class T>
DEVICE void gatherRows(Global<const T> x, Global<const i32> index, Global<T> y, const Sizes& s, Global<i64> fault) {
  i64 rows = s.outer * s.count;
  int mine = thread() & (s.lanes - 1), each = (int)blockDim.x / s.lanes;
  // All threads take part in every round, since lanes of one warp have rows of their own.
  for (i64 base = (i64)blockIdx.x * each; base < rows; base += (i64)gridDim.x * each) {
    i64 row = base + thread() / s.lanes;
    i64 outer = s.outer == 1 || row >= rows ? 0 : quotient(row, s.count, s.perCount);
    i32 at = 0;
    if (mine == 0 && row < rows) {
      at = index.load(s.shared ? row - outer * s.count : row);
      if (at < 0 || at >= s.axis) {
        report(fault, GATHER, at, s.axis);
        at = -1;
      }
    }
    at = __shfl_sync(ALL_LANES, at, lane() & ~(s.lanes - 1));
    if (row >= rows) continue;
    for (i64 i = mine; i < s.inner; i += s.lanes) {
      y.store(row * s.inner + i, at < 0 ? T() : x.load((outer * s.axis + at) * s.inner + i));
    }
  }
}

KERNEL(256, layout_gather2)(Global<const u16> x, Global<const i32> index, Global<u16> y, Sizes s, Global<i64> fault) {
  gatherRows(x, index, y, s, fault);
}
REGISTER(layout_gather2);
KERNEL(256, layout_gather4)(Global<const u32> x, Global<const i32> index, Global<u32> y, Sizes s, Global<i64> fault) {
  gatherRows(x, index, y, s, fault);
}
REGISTER(layout_gather4);
KERNEL(256, layout_gather8)(Global<const Half> x, Global<const i32> index, Global<Half> y, Sizes s, Global<i64> fault) {
  gatherRows(x, index, y, s, fault);
}
REGISTER(layout_gather8);
KERNEL(256, layout_gather16)(Global<const Wide> x, Global<const i32> index, Global<Wide> y, Sizes s, Global<i64> fault) {
  gatherRows(x, index, y, s, fault);
}
REGISTER(layout_gather16);

// An index for each element.
KERNEL(256, layout_gather_elements)
(Global<const u32> x, Global<const i32> index, Global<u32> y, Sizes s, Global<i64> fault) {
  i64 count = s.outer * s.count * s.inner;
  for (i64 e = (i64)blockIdx.x * blockDim.x + thread(); e < count; e += (i64)gridDim.x * blockDim.x) {
    i64 row = quotient(e, s.inner, s.perInner);
    i32 at = index.load(e);
    u32 v = 0;
    if (at < 0 || at >= s.axis) {
      report(fault, GATHER, at, s.axis);
    } else {
      v = x.load((quotient(row, s.count, s.perCount) * s.axis + at) * s.inner + (e - row * s.inner));
    }
    y.store(e, v);
  }
}
REGISTER(layout_gather_elements);

// The first rung of scatters: a thread a column of an outer part, which alone adds to it, in the order of the index.
template <class T>
DEVICE void scatterColumns(
    Global<const T> y, Global<const i32> index, Global<float> x, const Sizes& s, i32 elementwise, Global<i64> fault) {
  i64 columns = s.outer * s.inner;
  for (i64 e = (i64)blockIdx.x * blockDim.x + thread(); e < columns; e += (i64)gridDim.x * blockDim.x) {
    i64 outer = quotient(e, s.inner, s.perInner), i = e - outer * s.inner;
    for (i32 c = 0; c < s.count; c++) {
      i64 row = outer * s.count + c;
      i32 at = index.load(elementwise ? row * s.inner + i : s.shared ? c : row);
      if (at < 0 || at >= s.axis) {
        report(fault, SCATTER, at, s.axis);
        continue;
      }
      i64 to = (outer * s.axis + at) * s.inner + i;
      x.store(to, x.load(to) + toFloat(y.load(row * s.inner + i)));
    }
  }
}

KERNEL(256, layout_scatter_columns)
(Global<const float> y, Global<const i32> index, Global<float> x, Sizes s, i32 elementwise, Global<i64> fault) {
  scatterColumns(y, index, x, s, elementwise, fault);
}
REGISTER(layout_scatter_columns);
KERNEL(256, layout_scatter_columns_bf16)
(Global<const bf16> y, Global<const i32> index, Global<float> x, Sizes s, i32 elementwise, Global<i64> fault) {
  scatterColumns(y, index, x, s, elementwise, fault);
}
REGISTER(layout_scatter_columns_bf16);

// The second rung sorts places by their index, 8 bits at a time from the lowest, places of one index staying in order. A
// block of 256 threads takes a tile of 2048 places: it counts each digit, one block a list adds the counts up, and the tile
// goes where they say. Rows that are not there sort behind all others.
const int TILE = 2048;

DEVICE int least(i64 a, i64 b) { return (int)(a < b ? a : b); }

// Whose digit equals this lane's, among the lanes that have one.
DEVICE u32 sameDigit(u32 digit, bool there) {
  u32 same = __ballot_sync(ALL_LANES, there);
#pragma unroll
  for (int bit = 0; bit < 8; bit++) {
    u32 set = __ballot_sync(ALL_LANES, (digit >> bit) & 1);
    same &= (digit >> bit) & 1 ? set : ~set;
  }
  return same;
}
DEVICE bool isFirst(u32 same) { return (same & ((1u << lane()) - 1)) == 0; }

// A key of the list: the first pass reads the index itself.
DEVICE u32 limited(u32 key, i32 axis) { return key < (u32)axis ? key : (u32)axis; }

// counts: [list, tile, digit]
// Shared memory of layout_sort_count: 8192 bytes
KERNEL(256, layout_sort_count)
(Global<const u32> keys, Global<u32> counts, i32 tiles, i32 count, i32 axis, i32 shift, i32 first, Global<i64> fault) {
  Shared<u32> found = shared<u32>(0);  // of each digit by each warp: [8, 256]
  int tile = blockIdx.x % tiles;
  i64 list = (i64)(blockIdx.x / tiles) * count;
  int end = least(count, (i64)(tile + 1) * TILE);
  u32 total = 0;
  for (int from = tile * TILE; from < end; from += 256) {
#pragma unroll
    for (int w = 0; w < 8; w++) found.set(w * 256 + thread(), 0);
    __syncthreads();
    bool there = from + thread() < end;
    u32 key = there ? keys.load(list + from + thread()) : 0;
    if (first && there && key >= (u32)axis) report(fault, SCATTER, (i32)key, axis);
    u32 digit = (limited(key, axis) >> shift) & 255;
    u32 same = sameDigit(digit, there);
    if (there && isFirst(same)) found.set(warp() * 256 + digit, __popc(same));
    __syncthreads();
#pragma unroll
    for (int w = 0; w < 8; w++) total += found.get(w * 256 + thread());
  }
  counts.store((i64)blockIdx.x * 256 + thread(), total);
}
REGISTER(layout_sort_count);

// Turns counts into where each tile's places of a digit begin; a block a list.
// Shared memory of layout_sort_begin: 32 bytes
KERNEL(256, layout_sort_begin)(Global<u32> counts, i32 tiles) {
  Shared<u32> sums = shared<u32>(0);  // of each warp's digits
  i64 list = (i64)blockIdx.x * tiles * 256 + thread();
  u32 total = 0;
  for (int t = 0; t < tiles; t++) total += counts.load(list + (i64)t * 256);
  u32 upTo = total;
#pragma unroll
  for (int o = 1; o < 32; o <<= 1) {
    u32 before = __shfl_sync(ALL_LANES, upTo, lane() - o < 0 ? 0 : lane() - o);
    if (lane() >= o) upTo += before;
  }
  if (lane() == 31) sums.set(warp(), upTo);
  __syncthreads();
  u32 next = upTo - total;
#pragma unroll
  for (int w = 0; w < 8; w++) {
    if (w < warp()) next += sums.get(w);
  }
  for (int t = 0; t < tiles; t++) {
    u32 here = counts.load(list + (i64)t * 256);
    counts.store(list + (i64)t * 256, next);
    next += here;
  }
}
REGISTER(layout_sort_begin);

// places: where each key stood in the index; not read in the first pass
// Shared memory of layout_sort_place: 8192 bytes
KERNEL(256, layout_sort_place)
(Global<const u32> keys, Global<const u32> places, Global<const u32> begin, Global<u32> toKeys, Global<u32> toPlaces,
 i32 tiles, i32 count, i32 axis, i32 shift, i32 first) {
  Shared<u32> found = shared<u32>(0);
  int tile = blockIdx.x % tiles;
  i64 list = (i64)(blockIdx.x / tiles) * count;
  int end = least(count, (i64)(tile + 1) * TILE);
  u32 next = begin.load((i64)blockIdx.x * 256 + thread());
  for (int from = tile * TILE; from < end; from += 256) {
#pragma unroll
    for (int w = 0; w < 8; w++) found.set(w * 256 + thread(), 0);
    __syncthreads();
    int at = from + thread();
    bool there = at < end;
    u32 key = limited(there ? keys.load(list + at) : 0, axis);
    u32 digit = (key >> shift) & 255;
    u32 same = sameDigit(digit, there);
    if (there && isFirst(same)) found.set(warp() * 256 + digit, __popc(same));
    __syncthreads();
#pragma unroll
    for (int w = 0; w < 8; w++) {
      u32 here = found.get(w * 256 + thread());
      found.set(w * 256 + thread(), next);
      next += here;
    }
    __syncthreads();
    if (there) {
      u32 to = found.get(warp() * 256 + digit) + __popc(same & ((1u << lane()) - 1));
      toKeys.store(list + to, key);
      toPlaces.store(list + to, first ? at : places.load(list + at));
    }
    __syncthreads();
  }
}
REGISTER(layout_sort_place);

// Four columns of a row: side by side in one access where `wide`, else one by one. A warp has 128 columns.
DEVICE void loadFour(Global<const float> y, i64 row, i64 column, i64 inner, bool wide, float (&v)[4]) {
  if (wide && column < inner) {
    Lanes<float>::spread(y.loadWide(row * inner + column), v);
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) v[j] = column + j < inner ? y.load(row * inner + column + j) : 0.f;
}
DEVICE void loadFour(Global<const bf16> y, i64 row, i64 column, i64 inner, bool wide, float (&v)[4]) {
  if (wide && column < inner) {
    Half h = y.loadHalf(row * inner + column);
    v[0] = lower(h.word[0]);
    v[1] = upper(h.word[0]);
    v[2] = lower(h.word[1]);
    v[3] = upper(h.word[1]);
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) v[j] = column + j < inner ? toFloat(y.load(row * inner + column + j)) : 0.f;
}
// Stores a sum, or adds it to what is there.
DEVICE void storeFour(Global<float> x, i64 row, i64 column, i64 inner, bool wide, bool add, const float (&sum)[4]) {
  float v[4] = {sum[0], sum[1], sum[2], sum[3]};
  if (wide && column < inner) {
    if (add) {
      float old[4];
      Lanes<float>::spread(x.loadWide(row * inner + column), old);
#pragma unroll
      for (int j = 0; j < 4; j++) v[j] += old[j];
    }
    x.storeWide(row * inner + column, Lanes<float>::gather(v));
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) {
    i64 at = row * inner + column + j;
    if (column + j < inner) x.store(at, add ? x.load(at) + v[j] : v[j]);
  }
}

// A warp adds up 32 sorted places: the sum of an index that begins and ends among them goes to its row, that of one which
// began before them, or goes on behind them, to `parts` [outer, blocks of 32, 2, inner], first the one that began before.
template <class T>
DEVICE void scatterRuns(
    Global<const T> y, Global<const u32> keys, Global<const u32> places, Global<float> x, Global<float> parts,
    const Sizes& s, i32 wide) {
  const u32 none = 0xffffffffu;
  i64 blocks = (s.count + 31) / 32, groups = (s.inner + 127) / 128;
  i64 task = (i64)blockIdx.x * (blockDim.x / 32) + warp();
  if (task >= s.outer * blocks * groups) return;
  i64 block = task / groups, outer = block / blocks;
  i64 column = (task - block * groups) * 128 + 4 * lane();
  i64 list = s.shared ? 0 : outer * s.count;
  int from = (int)(block - outer * blocks) * 32, count = least(32, s.count - from);
  // Lane 0 looks one place back and lane 31 one ahead.
  u32 key = lane() < count ? keys.load(list + from + lane()) : none;
  u32 at = lane() < count ? places.load(list + from + lane()) : 0;
  u32 beyond = none;
  if (lane() == 0 && from > 0) beyond = keys.load(list + from - 1);
  if (lane() == 31 && from + 32 < s.count) beyond = keys.load(list + from + 32);
  u32 before = __shfl_sync(ALL_LANES, beyond, 0), behind = __shfl_sync(ALL_LANES, beyond, 31);

  u32 run = __shfl_sync(ALL_LANES, key, 0);
  bool began = run == before;
  float sum[4] = {0.f, 0.f, 0.f, 0.f};
  for (int k = 0; k < count; k += 4) {
    u32 next[4];
    float v[4][4];
#pragma unroll
    for (int j = 0; j < 4; j++) {  // four rows in flight
      next[j] = __shfl_sync(ALL_LANES, key, k + j);
      u32 row = __shfl_sync(ALL_LANES, at, k + j);
      if (next[j] < (u32)s.axis) loadFour(y, outer * s.count + row, column, s.inner, wide, v[j]);
    }
#pragma unroll
    for (int j = 0; j < 4; j++) {
      if (next[j] != run) {
        if (run < (u32)s.axis && began) storeFour(parts, block * 2, column, s.inner, wide, false, sum);
        if (run < (u32)s.axis && !began) storeFour(x, outer * s.axis + run, column, s.inner, wide, true, sum);
        run = next[j];
        began = false;
        sum[0] = sum[1] = sum[2] = sum[3] = 0.f;
      }
      if (next[j] < (u32)s.axis) {
#pragma unroll
        for (int c = 0; c < 4; c++) sum[c] += v[j][c];
      }
    }
  }
  if (run >= (u32)s.axis) return;
  if (began) {
    storeFour(parts, block * 2, column, s.inner, wide, false, sum);
  } else if (run == behind) {
    storeFour(parts, block * 2 + 1, column, s.inner, wide, false, sum);
  } else {
    storeFour(x, outer * s.axis + run, column, s.inner, wide, true, sum);
  }
}

KERNEL_BESIDE(256, 4, layout_scatter_runs)
(Global<const float> y, Global<const u32> keys, Global<const u32> places, Global<float> x, Global<float> parts, Sizes s,
 i32 wide) {
  scatterRuns(y, keys, places, x, parts, s, wide);
}
REGISTER(layout_scatter_runs);
KERNEL_BESIDE(256, 4, layout_scatter_runs_bf16)
(Global<const bf16> y, Global<const u32> keys, Global<const u32> places, Global<float> x, Global<float> parts, Sizes s,
 i32 wide) {
  scatterRuns(y, keys, places, x, parts, s, wide);
}
REGISTER(layout_scatter_runs_bf16);

// Adds the parts of an index that goes on behind its first 32 places to its row, in order; a warp for each block where one begins.
KERNEL(256, layout_scatter_joins)(Global<const u32> keys, Global<float> parts, Global<float> x, Sizes s, i32 wide) {
  const u32 none = 0xffffffffu;
  i64 blocks = (s.count + 31) / 32, groups = (s.inner + 127) / 128;
  i64 task = (i64)blockIdx.x * (blockDim.x / 32) + warp();
  if (task >= s.outer * blocks * groups) return;
  i64 block = task / groups, outer = block / blocks;
  i64 column = (task - block * groups) * 128 + 4 * lane();
  i64 list = s.shared ? 0 : outer * s.count;
  i64 first = block - outer * blocks;
  // Lanes 0 to 3 read the key before the block, its first, its last, and the one behind it.
  u32 key = none;
  if (lane() < 4) {
    i64 place = first * 32 + (lane() == 0 ? -1 : lane() == 1 ? 0 : lane() == 2 ? 31 : 32);
    if (place >= 0 && place < s.count) key = keys.load(list + place);
  }
  u32 before = __shfl_sync(ALL_LANES, key, 0), start = __shfl_sync(ALL_LANES, key, 1);
  u32 run = __shfl_sync(ALL_LANES, key, 2), behind = __shfl_sync(ALL_LANES, key, 3);
  if (run != behind || run >= (u32)s.axis || (start == run && before == run)) return;
  float sum[4];
  loadFour(parts.as<const float>(), block * 2 + 1, column, s.inner, wide, sum);
  for (i64 next = first + 1;; next += 32) {
    i64 place = (next + lane()) * 32;  // each lane looks whether the index still stands at the beginning of its block
    u32 mine = place < s.count ? keys.load(list + place) : none;
    u32 same = __ballot_sync(ALL_LANES, mine == run);
    int more = same == ALL_LANES ? 32 : __popc(same);
#pragma unroll 4
    for (int k = 0; k < more; k++) {
      float v[4];
      loadFour(parts.as<const float>(), (outer * blocks + next + k) * 2, column, s.inner, wide, v);
#pragma unroll
      for (int c = 0; c < 4; c++) sum[c] += v[c];
    }
    if (more < 32) break;
  }
  storeFour(x, outer * s.axis + run, column, s.inner, wide, true, sum);
}
REGISTER(layout_scatter_joins);
