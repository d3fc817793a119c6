// Copies, fills, casts, gathers and scatters: core's LayoutKernels. All of them are bound by memory.
//
// The ladder. Copies: element by element in the target's order; 16 bytes at a time where rows lie together in both (the
// launcher takes 16, 8 or 4 bytes as one element: up to 16 times fewer instructions); and through a tile in shared memory
// where rows become columns (a warp's 32 loads of 4 bytes are then one of 128 bytes, not 32 of 32). Scatters are
// in scatter.cuh.
#include "scatter.cuh"

// What blocks of its kernels take:
// Shared memory of layout_sort_count: 8192 bytes
// Shared memory of layout_sort_begin: 32 bytes
// Shared memory of layout_sort_place: 8192 bytes

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
