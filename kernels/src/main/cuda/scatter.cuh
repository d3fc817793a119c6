// Sums of rows by an index, in a fixed order and without atomics: the kernels of layout.cu that add.
//
// The ladder: a thread a column, which adds row after row (one row in flight a thread); and places sorted by their index,
// 32 of them a warp (all places in flight, and a row that comes often is shared among warps). The order of a sum is that of
// its places: 32 of them one after the other, and then the sums of such blocks.
#pragma once
#include "four.cuh"
#include "quotient.cuh"

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

// A warp adds up 32 sorted places: the sum of an index that begins and ends among them goes to its row, that of one which
// began before them, or goes on behind them, to `parts` [outer, blocks of 32, 2, inner], first the one that began before.
template <class T>
DEVICE void scatterRuns(
    Global<const T> y, Global<const u32> keys, Global<const u32> places, Global<float> x, Global<float> parts,
    const Sizes& s, bool wide) {
  const u32 none = 0xffffffffu;
  u32 axis = (u32)s.axis;
  i64 blocks = (s.count + 31) / 32, groups = (s.inner + 127) / 128;
  i64 task = (i64)blockIdx.x * (blockDim.x / 32) + warp();
  if (task >= s.outer * blocks * groups) return;
  i64 block = task / groups, outer = block / blocks;
  i64 column = (task - block * groups) * 128 + 4 * lane();
  int left = least(4, s.inner - column), from = (int)(block - outer * blocks) * 32, count = least(32, s.count - from);
  i64 list = (s.shared ? 0 : outer * s.count) + from;
  y = y + (outer * s.count * s.inner + column);
  x = x + (outer * s.axis * s.inner + column);
  parts = parts + (block * 2 * s.inner + column);
  u32 inner = (u32)s.inner;
  u32 key = lane() < count ? keys.load(list + lane()) : none;
  u32 at = lane() < count ? places.load(list + lane()) : 0;
  // Lane 0 looks one place back and lane 31 one ahead.
  u32 beyond = none;
  if (lane() == 0 && from > 0) beyond = keys.load(list - 1);
  if (lane() == 31 && from + 32 < s.count) beyond = keys.load(list + 32);

  u32 run = __shfl_sync(ALL_LANES, key, 0);
  bool began = run == __shfl_sync(ALL_LANES, beyond, 0);
  float sum[4] = {0.f, 0.f, 0.f, 0.f};
  for (int k = 0; k < count; k += 4) {
    float v[4][4];
#pragma unroll
    for (int j = 0; j < 4; j++) {  // four rows in flight
      u32 row = __shfl_sync(ALL_LANES, at, k + j);
      int here = __shfl_sync(ALL_LANES, key, k + j) < axis ? left : 0;  // none of a row that is not there
      loadFour(y, (i64)row * inner, here, wide, v[j]);
    }
#pragma unroll
    for (int j = 0; j < 4; j++) {
      u32 next = __shfl_sync(ALL_LANES, key, k + j);
      if (next != run) {
        if (run < axis && began) storeFour(parts, 0, left, wide, sum);
        if (run < axis && !began) addFour(x, (i64)run * inner, left, wide, sum);
        run = next;
        began = false;
        sum[0] = sum[1] = sum[2] = sum[3] = 0.f;
      }
#pragma unroll
      for (int c = 0; c < 4; c++) sum[c] += v[j][c];
    }
  }
  bool goesOn = run == __shfl_sync(ALL_LANES, beyond, 31);
  if (run >= axis) return;
  if (began) storeFour(parts, 0, left, wide, sum);
  else if (goesOn) storeFour(parts, inner, left, wide, sum);
  else addFour(x, (i64)run * inner, left, wide, sum);
}

KERNEL(256, layout_scatter_runs)
(Global<const float> y, Global<const u32> keys, Global<const u32> places, Global<float> x, Global<float> parts, Sizes s,
 i32 wide) {
  scatterRuns(y, keys, places, x, parts, s, wide);
}
REGISTER(layout_scatter_runs);
KERNEL(256, layout_scatter_runs_bf16)
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
  int left = least(4, s.inner - column);
  parts = parts + (outer * blocks * 2 * s.inner + column);
  float sum[4];
  loadFour(parts.as<const float>(), (first * 2 + 1) * s.inner, left, wide, sum);
  for (i64 next = first + 1;; next += 32) {
    i64 place = (next + lane()) * 32;  // each lane looks whether the index still stands at the beginning of its block
    u32 mine = place < s.count ? keys.load(list + place) : none;
    u32 same = __ballot_sync(ALL_LANES, mine == run);
    int more = same == ALL_LANES ? 32 : __popc(same);
#pragma unroll 4
    for (int k = 0; k < more; k++) {
      float v[4];
      loadFour(parts.as<const float>(), (next + k) * 2 * s.inner, left, wide, v);
#pragma unroll
      for (int c = 0; c < 4; c++) sum[c] += v[c];
    }
    if (more < 32) break;
  }
  addFour(x, (outer * s.axis + run) * s.inner + column, left, wide, sum);
}
REGISTER(layout_scatter_joins);
