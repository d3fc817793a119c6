// Reductions, running sums and selections along the middle axis of [outer, axis, inner]: core's ReductionKernels.
//
// The ladder. Reductions: a thread a column, which walks the axis (a warp's loads lie together where inner is 32 or more); a
// warp a row where inner is 1, 16 bytes a load; and both over parts of the axis, which a second launch joins, so that few long
// rows keep the chip as busy as many short ones. Selections: one pass over the row for each element found, for any k; and
// the best k of pieces of 2048, sorted in shared memory, then of what they gave, up to k = 1024 (about log(width) / log(2048 /
// k) launches in place of k passes). Parts are cut by the shape alone, and joined in order: the chip does not change a bit.
#include "quotient.cuh"

// The larger and the smaller one, as Java's: 0 is above -0, and NaN stays.
DEVICE float most(float x, float y) {
  return x > y ? x : x < y ? y : x == y ? bitsToFloat(floatToBits(x) & floatToBits(y)) : x + y;
}
DEVICE float fewest(float x, float y) {
  return x < y ? x : x > y ? y : x == y ? bitsToFloat(floatToBits(x) | floatToBits(y)) : x + y;
}

// A number by which values with their places sort: the larger value first, NaN before all, and of equals the first place.
DEVICE u64 rank(float value, u32 place) {
  u32 bits = value != value ? 0x7fc00000u : floatToBits(value + 0.f);  // -0 is 0
  u32 ascending = bits >> 31 ? ~bits : bits | 0x80000000u;
  return (u64)ascending << 32 | (u32)~place;
}
DEVICE u32 placeOf(u64 rank) { return ~(u32)rank; }

// What is reduced: how a part begins, what an element is worth, how two parts join, and what is stored.
struct Sum {
  typedef double Part;
  static DEVICE double none() { return 0; }
  static DEVICE double of(u32 bits, u32) { return bitsToFloat(bits); }
  static DEVICE double join(double a, double b) { return a + b; }
  static DEVICE u32 out(double a) { return floatToBits((float)a); }
};
struct Largest {
  typedef float Part;
  static DEVICE float none() { return -infinity(); }
  static DEVICE float of(u32 bits, u32) { return bitsToFloat(bits); }
  static DEVICE float join(float a, float b) { return most(a, b); }
  static DEVICE u32 out(float a) { return floatToBits(a); }
};
struct Smallest {
  typedef float Part;
  static DEVICE float none() { return infinity(); }
  static DEVICE float of(u32 bits, u32) { return bitsToFloat(bits); }
  static DEVICE float join(float a, float b) { return fewest(a, b); }
  static DEVICE u32 out(float a) { return floatToBits(a); }
};
struct IntSum {
  typedef u32 Part;
  static DEVICE u32 none() { return 0; }
  static DEVICE u32 of(u32 bits, u32) { return bits; }
  static DEVICE u32 join(u32 a, u32 b) { return a + b; }
  static DEVICE u32 out(u32 a) { return a; }
};
struct IntLargest {
  typedef i32 Part;
  static DEVICE i32 none() { return -2147483647 - 1; }
  static DEVICE i32 of(u32 bits, u32) { return (i32)bits; }
  static DEVICE i32 join(i32 a, i32 b) { return a > b ? a : b; }
  static DEVICE u32 out(i32 a) { return (u32)a; }
};
struct IntSmallest {
  typedef i32 Part;
  static DEVICE i32 none() { return 2147483647; }
  static DEVICE i32 of(u32 bits, u32) { return (i32)bits; }
  static DEVICE i32 join(i32 a, i32 b) { return a < b ? a : b; }
  static DEVICE u32 out(i32 a) { return (u32)a; }
};
struct PlaceOfLargest {
  typedef u64 Part;
  static DEVICE u64 none() { return 0xffffffffu; }
  static DEVICE u64 of(u32 bits, u32 place) { return rank(bitsToFloat(bits), place); }
  static DEVICE u64 join(u64 a, u64 b) { return a > b ? a : b; }
  static DEVICE u32 out(u64 a) { return placeOf(a); }
};

// [outer, axis, inner], and the parts of the axis, as CudaReduction writes them: 48 bytes.
struct Shape {
  i64 outer;
  i64 inner;
  double perInner;  // 1 / inner
  double perParts;  // 1 / parts
  i32 axis;
  i32 parts;
  i32 length;  // of a part
  i32 wide;  // whether rows begin at multiples of 16 bytes
};

template <class Op> DEVICE typename Op::Part joinWarp(typename Op::Part v) {
#pragma unroll
  for (int o = 16; o > 0; o >>= 1) v = Op::join(v, __shfl_xor_sync(ALL_LANES, v, o));
  return v;
}

// A warp a part of a row. Lanes take four elements each, side by side, whether in one load or in four.
template <class Op> DEVICE void reduceRows(Global<const u32> x, Global<u32> y, Global<u64> parts, const Shape& s) {
  typedef typename Op::Part Part;
  i64 tasks = s.outer * s.parts;
  for (i64 task = (i64)blockIdx.x * 8 + warp(); task < tasks; task += (i64)gridDim.x * 8) {
    i64 row = quotient(task, s.parts, s.perParts);
    int from = (int)(task - row * s.parts) * s.length, to = min(s.axis, from + s.length);
    i64 first = row * s.axis;
    Part all = Op::none();
    for (int i = from + 4 * lane(); i < to; i += 128) {
      if (s.wide && i + 4 <= to) {
        Wide w = x.loadWide(first + i);
#pragma unroll
        for (int j = 0; j < 4; j++) all = Op::join(all, Op::of(w.word[j], i + j));
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          if (i + j < to) all = Op::join(all, Op::of(x.load(first + i + j), i + j));
        }
      }
    }
    all = joinWarp<Op>(all);
    if (lane() == 0) {
      if (s.parts == 1) y.store(row, Op::out(all));
      else parts.as<Part>().store(task, all);
    }
  }
}

// A thread a part of a column.
template <class Op> DEVICE void reduceColumns(Global<const u32> x, Global<u32> y, Global<u64> parts, const Shape& s) {
  typedef typename Op::Part Part;
  i64 tasks = s.outer * s.parts * s.inner;
  for (i64 task = (i64)blockIdx.x * 256 + thread(); task < tasks; task += (i64)gridDim.x * 256) {
    i64 part = quotient(task, s.inner, s.perInner);
    i64 outer = quotient(part, s.parts, s.perParts);
    i64 column = task - part * s.inner;
    int from = (int)(part - outer * s.parts) * s.length, to = min(s.axis, from + s.length);
    i64 at = (outer * s.axis + from) * s.inner + column;
    Part all = Op::none();
#pragma unroll 4
    for (int a = from; a < to; a++, at += s.inner) all = Op::join(all, Op::of(x.load(at), a));
    if (s.parts == 1) y.store(task, Op::out(all));
    else parts.as<Part>().store(task, all);
  }
}

// A warp a result: parts [outer, parts, inner] to y [outer, inner].
template <class Op> DEVICE void joinParts(Global<u64> parts, Global<u32> y, const Shape& s) {
  typedef typename Op::Part Part;
  i64 tasks = s.outer * s.inner;
  for (i64 task = (i64)blockIdx.x * 8 + warp(); task < tasks; task += (i64)gridDim.x * 8) {
    i64 outer = quotient(task, s.inner, s.perInner);
    i64 first = outer * s.parts * s.inner + task - outer * s.inner;
    Part all = Op::none();
    for (int p = lane(); p < s.parts; p += 32) all = Op::join(all, parts.as<Part>().load(first + p * s.inner));
    all = joinWarp<Op>(all);
    if (lane() == 0) y.store(task, Op::out(all));
  }
}

// By the number that CudaReduction gives an operation.
#define BY_OPERATION(function, ...)                          \
  switch (op) {                                              \
    case 0: function<Sum>(__VA_ARGS__); break;               \
    case 1: function<Largest>(__VA_ARGS__); break;           \
    case 2: function<Smallest>(__VA_ARGS__); break;          \
    case 3: function<IntSum>(__VA_ARGS__); break;            \
    case 4: function<IntLargest>(__VA_ARGS__); break;        \
    case 5: function<IntSmallest>(__VA_ARGS__); break;       \
    default: function<PlaceOfLargest>(__VA_ARGS__); break;   \
  }

KERNEL(256, reduction_rows)(Global<const u32> x, Global<u32> y, Global<u64> parts, Shape s, i32 op) {
  BY_OPERATION(reduceRows, x, y, parts, s)
}
REGISTER(reduction_rows);

KERNEL(256, reduction_columns)(Global<const u32> x, Global<u32> y, Global<u64> parts, Shape s, i32 op) {
  BY_OPERATION(reduceColumns, x, y, parts, s)
}
REGISTER(reduction_columns);

KERNEL(256, reduction_join)(Global<u64> parts, Global<u32> y, Shape s, i32 op) { BY_OPERATION(joinParts, parts, y, s) }
REGISTER(reduction_join);

// The running sum of a part of a row, which begins with the sum of the parts before it; a warp. y may be x.
KERNEL(256, reduction_running_rows)(Global<float> x, Global<float> y, Global<double> parts, Shape s, i32 reverse) {
  i64 tasks = s.outer * s.parts;
  for (i64 task = (i64)blockIdx.x * 8 + warp(); task < tasks; task += (i64)gridDim.x * 8) {
    i64 row = quotient(task, s.parts, s.perParts);
    int part = (int)(task - row * s.parts);
    double before = 0;
    for (int p = (reverse ? part + 1 : 0) + lane(); p < (reverse ? s.parts : part); p += 32) {
      before += parts.load(row * s.parts + p);
    }
    before = warpSum(before);
    int from = part * s.length, to = min(s.axis, from + s.length), groups = (to - from + 127) / 128;
    for (int g = 0; g < groups; g++) {
      int place = from + (reverse ? groups - 1 - g : g) * 128 + 4 * lane();
      i64 at = row * s.axis + place;
      bool wide = s.wide && place + 4 <= to;
      float v[4] = {0.f, 0.f, 0.f, 0.f};
      if (wide) {
        Lanes<float>::spread(x.loadWide(at), v);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          if (place + j < to) v[j] = x.load(at + j);
        }
      }
      double sum = ((double)v[0] + v[1]) + ((double)v[2] + v[3]), upTo = sum;
#pragma unroll
      for (int o = 1; o < 32; o <<= 1) {
        double other = reverse ? __shfl_down_sync(ALL_LANES, upTo, o) : __shfl_up_sync(ALL_LANES, upTo, o);
        if (reverse ? lane() + o < 32 : lane() >= o) upTo += other;
      }
      double lower = reverse ? __shfl_down_sync(ALL_LANES, upTo, 1) : __shfl_up_sync(ALL_LANES, upTo, 1);
      double running = before + (lane() == (reverse ? 31 : 0) ? 0. : lower);
      if (reverse) {
#pragma unroll
        for (int j = 3; j >= 0; j--) v[j] = (float)(running += v[j]);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) v[j] = (float)(running += v[j]);
      }
      before += __shfl_sync(ALL_LANES, upTo, reverse ? 0 : 31);
      if (wide) {
        y.storeWide(at, Lanes<float>::gather(v));
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          if (place + j < to) y.store(at + j, v[j]);
        }
      }
    }
  }
}
REGISTER(reduction_running_rows);

// The same of a part of a column; a thread.
KERNEL(256, reduction_running_columns)(Global<float> x, Global<float> y, Global<double> parts, Shape s, i32 reverse) {
  i64 tasks = s.outer * s.parts * s.inner;
  for (i64 task = (i64)blockIdx.x * 256 + thread(); task < tasks; task += (i64)gridDim.x * 256) {
    i64 all = quotient(task, s.inner, s.perInner);
    i64 outer = quotient(all, s.parts, s.perParts);
    i64 column = task - all * s.inner;
    int part = (int)(all - outer * s.parts);
    double sum = 0;
    for (int p = reverse ? part + 1 : 0; p < (reverse ? s.parts : part); p++) {
      sum += parts.load((outer * s.parts + p) * s.inner + column);
    }
    int from = part * s.length, to = min(s.axis, from + s.length);
    for (int k = from; k < to; k++) {
      i64 at = (outer * s.axis + (reverse ? from + to - 1 - k : k)) * s.inner + column;
      sum += x.load(at);
      y.store(at, (float)sum);
    }
  }
}
REGISTER(reduction_running_columns);

// The best k of each piece of `size` elements, a power of two, in order. A block a piece.
//
// x: [rows, axis], from which the first round takes its elements, and the last its values
// from: [rows, count], what the round before gave; none in the first
// to: [rows, pieces, k]; where there is one piece it is the last round, which stores values and indices instead
// Shared memory of reduction_top: at most 16384 bytes
KERNEL(256, reduction_top)
(Global<const float> x, Global<const u64> from, Global<u64> to, Global<float> values, Global<i32> indices, i32 axis, i32 count,
 i32 pieces, i32 size, i32 k) {
  Shared<u64> best = shared<u64>(0);
  u32 row = blockIdx.x / pieces, piece = blockIdx.x - row * pieces;
  for (int i = thread(); i < size; i += 256) {
    i64 at = (i64)piece * size + i;
    u64 one = 0;  // behind all others
    if (at < count) one = from ? from.load((i64)row * count + at) : rank(x.load((i64)row * axis + at), (u32)at);
    best.set(i, one);
  }
  __syncthreads();
  // Batcher's bitonic sort (1968): runs of `run` that rise and fall by turns are merged to runs twice as long.
  for (int run = 2; run <= size; run <<= 1) {
    for (int apart = run >> 1; apart > 0; apart >>= 1) {
      for (int t = thread(); t < size / 2; t += 256) {
        int i = (t & ~(apart - 1)) << 1 | (t & (apart - 1));
        u64 a = best.get(i), b = best.get(i + apart);
        if ((a < b) == ((i & run) == 0)) {
          best.set(i, b);
          best.set(i + apart, a);
        }
      }
      __syncthreads();
    }
  }
  for (int i = thread(); i < k; i += 256) {
    u64 one = best.get(i);
    if (pieces > 1) {
      to.store((i64)blockIdx.x * k + i, one);
    } else {
      u32 place = placeOf(one);
      values.store((i64)row * k + i, x.load((i64)row * axis + place));
      indices.store((i64)row * k + i, (i32)place);
    }
  }
}
REGISTER(reduction_top);

// The first rung, for any k: each pass finds the best behind the one before. A block a row.
// Shared memory of reduction_top_passes: 64 bytes
KERNEL(256, reduction_top_passes)(Global<const float> x, Global<float> values, Global<i32> indices, i32 axis, i32 k) {
  Shared<u64> found = shared<u64>(0);  // of each warp
  i64 row = blockIdx.x;
  u64 last = ~0ull;
  for (int i = 0; i < k; i++) {
    u64 best = 0;
    for (int place = thread(); place < axis; place += 256) {
      u64 one = rank(x.load(row * axis + place), (u32)place);
      if (one < last && one > best) best = one;
    }
    best = joinWarp<PlaceOfLargest>(best);
    if (lane() == 0) found.set(warp(), best);
    __syncthreads();
    last = joinWarp<PlaceOfLargest>(found.get(lane() & 7));
    __syncthreads();
    if (thread() == 0) {
      u32 place = placeOf(last);
      values.store(row * k + i, x.load(row * axis + place));
      indices.store(row * k + i, (i32)place);
    }
  }
}
REGISTER(reduction_top_passes);
