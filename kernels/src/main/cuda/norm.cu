// RMS norm and layer norm, forward and backward, alone or with the residual sum before them.
//
// Rungs, each beside the one before it and held to the same contract:
// 1. plain: a warp takes a row, element by element and three times over (mean, squares, result), behind a kernel for the
//    residual sum, whatever the types and addresses. It is what runs where operands are not aligned to 16 bytes, rows are
//    no multiple of 8 (of 64 with dropout), or a branch has another type than y.
// 2. rows in registers: a row is read once, 16 bytes at a time, and its three passes run over registers: of the forward's bytes
//    at most half are left. The weight is read once a block, into shared memory.
// 3. rows of more than 1024 elements are split over a block, 8 elements a thread, and its warps meet in shared memory.
// The backward is a block a row from the start: then a thread owns its columns, keeps the weight and the sums of its columns
// in 24 registers over all rows of a strip, and the weight's gradient needs neither atomics nor a second read of x and dy.
//
// Every type takes 8 neighbouring elements a thread, so that sums have one order and bfloat16 is float32 rounded.
#include "dropout.cuh"
#include "rows.cuh"

// Types of the plain kernels' operands, a bit for each that is bfloat16.
enum { X_NARROW = 1, WEIGHT_NARROW = 2, Y_NARROW = 4, BRANCH_NARROW = 8 };

// Elements of either type.
struct Elements {
  Global<float> at;
  bool narrow;

  DEVICE explicit operator bool() const { return (bool)at; }
  DEVICE float load(i64 i) const { return narrow ? toFloat(at.as<bf16>().load(i)) : at.load(i); }
  DEVICE void store(i64 i, float v) const {
    if (narrow) {
      at.as<bf16>().store(i, fromFloat<bf16>(v));
    } else {
      at.store(i, v);
    }
  }
};

// Where a row of a norm lies among those of a dropout, of whose rows `each` norm's rows make one; a warp asks together.
struct Dropped {
  i64 row;
  i64 first;  // element of the mask's row at which this one begins

  template <class I> static DEVICE Dropped of(const DropoutMask& mask, I norm, I each, i32 width) {
    Dropped d;
    if (mask.places) {
      d.row = warpLoad(mask.places, 2ll * norm);
      d.first = warpLoad(mask.places, 2ll * norm + 1) * (i64)width;
    } else {
      d.row = norm / each;
      d.first = (norm - norm / each * each) * (i64)width;
    }
    return d;
  }
};

// Which of a lane's 8 elements a dropout keeps, a bit for each; all lanes of a warp ask together.
//
// A counter of Philox decides 8 elements that lie apart, so 8 lanes with 64 neighbouring elements draw one counter each and
// hand the bits around.
DEVICE u32 kept(const Dropper& dropper, i64 row, i64 element) {
  int place = lane() & 7;
  u32 words[4];
  dropper.words(row, element >> 6, place, words);
  u32 mine = 0;
#pragma unroll
  for (int j = 0; j < 4; j++) {
#pragma unroll
    for (int h = 0; h < 2; h++) mine |= (dropper.keeps(words, j, h) ? 1u : 0u) << (2 * j + h);
  }
  int from = (lane() & 24) + 4 * (place & 1);
  u32 bits = 0;
#pragma unroll
  for (int k = 0; k < 4; k++) {
    u32 theirs = __shfl_sync(ALL_LANES, mine, from + k);
    bits |= ((theirs >> (place & 6)) & 3u) << (2 * k);
  }
  return bits;
}

DEVICE float weightOf(Global<const float> weight, bool narrow, i32 i) {
  return narrow ? toFloat(weight.as<const bf16>().load(i)) : weight.load(i);
}

// ---------------------------------------------------------------------------------------------------------------------------
// Forward, plain.

// bias and mean may be 0.
KERNEL(256, norm_plain)
(Global<float> xAt, Global<float> weightAt, Global<float> biasAt, Global<float> mean, Global<float> rstd, Global<float> yAt,
 i64 rows, i32 width, float epsilon, i32 narrow) {
  Elements x{xAt, (narrow & X_NARROW) != 0}, y{yAt, (narrow & Y_NARROW) != 0};
  Elements weight{weightAt, (narrow & WEIGHT_NARROW) != 0}, bias{biasAt, (narrow & WEIGHT_NARROW) != 0};
  float share = 1.f / width;
  for (i64 row = blockIdx.x * 8ll + warp(); row < rows; row += gridDim.x * 8ll) {
    i64 at = row * width;
    float centre = 0;
    if (mean) {
      float total = 0;
      for (i32 i = lane(); i < width; i += 32) total += x.load(at + i);
      centre = warpSum(total) * share;
    }
    float squares = 0;
    for (i32 i = lane(); i < width; i += 32) {
      float d = x.load(at + i) - centre;
      squares += d * d;
    }
    float scale = rsqrtf(warpSum(squares) * share + epsilon);
    for (i32 i = lane(); i < width; i += 32) {
      float v = (x.load(at + i) - centre) * scale * weight.load(i);
      y.store(at + i, bias ? v + bias.load(i) : v);
    }
    if (lane() == 0) {
      rstd.store(row, scale);
      if (mean) mean.store(row, centre);
    }
  }
}
REGISTER(norm_plain);

// The residual sum before it.
KERNEL(256, norm_plain_sum)
(Global<float> xAt, Global<float> branchAt, Global<float> sumAt, i64 rows, i64 each, i32 width, i32 narrow, DropoutMask mask) {
  Elements x{xAt, (narrow & X_NARROW) != 0}, sum{sumAt, (narrow & X_NARROW) != 0};
  Elements branch{branchAt, (narrow & BRANCH_NARROW) != 0};
  Dropper dropper = Dropper::of(mask);
  for (i64 row = blockIdx.x * 8ll + warp(); row < rows; row += gridDim.x * 8ll) {
    Dropped d = Dropped::of(mask, row, each, width);
    for (i32 i = lane(); i < width; i += 32) {
      i64 at = row * width + i;
      float factor = dropper.factor(d.row, d.first + i), added = branch.load(at);
      sum.store(at, x.load(at) + (factor == 0.f ? 0.f : added * factor));
    }
  }
}
REGISTER(norm_plain_sum);

// ---------------------------------------------------------------------------------------------------------------------------
// Forward, rows in registers.

// Adds a branch, of which bits are kept, to 8 elements of a row, and writes the sum; X is the type of the sum, Y of the branch.
template <class X, class Y>
DEVICE void addBranch(Global<const Y> branch, Global<X> sum, i64 at, bool there, u32 bits, float scale, float (&v)[8]) {
  float added[8];
  Eight<Y>::load(branch, at, there).spread(added);
#pragma unroll
  for (int j = 0; j < 8; j++) v[j] += (bits >> j) & 1 ? added[j] * scale : 0.f;
  Eight<X> together = Eight<X>::gather(v);
  if (there) together.store(sum, at);
  together.spread(v);  // as it is in memory
}

// RMS norm of rows of up to 256 N elements, and more than 256 (N - 1), a warp for each.
template <class X, class Y, int N>
DEVICE void rowsOfWarps(Global<const X> x, Global<const Y> branch, Global<X> sum, Global<const float> weight,
                        Global<float> rstd, Global<Y> y, i32 rows, i32 each, i32 width, float epsilon, bool narrow,
                        const DropoutMask& mask) {
  // the first four of each chunk's eight weights, then the others: lanes read 16 bytes side by side
  int chunks = width >> 3;
  Shared<float> weights = shared<float>(0);
  for (i32 i = thread(); i < width; i += blockDim.x) {
    weights.set(((i >> 2 & 1) * chunks + (i >> 3)) * 4 + (i & 3), weightOf(weight, narrow, i));
  }
  __syncthreads();
  Dropper dropper = Dropper::of(mask);
  float share = 1.f / width;
  for (i32 row = blockIdx.x * 8 + warp(); row < rows; row += gridDim.x * 8) {
    i64 at = (i64)row * width;
    u32 bits = 0xffffffffu;  // 8 for each chunk
    if (branch && dropper.active()) {
      Dropped d = Dropped::of(mask, row, each, width);
      bits = 0;
#pragma unroll
      for (int k = 0; k < N; k++) bits |= kept(dropper, d.row, d.first + 8 * (lane() + 32 * k)) << (8 * k);
    }
    float v[N][8];
#pragma unroll
    for (int k = 0; k < N; k++) {
      int chunk = lane() + 32 * k;
      Eight<X>::load(x, at + 8 * chunk, chunk < chunks).spread(v[k]);
    }
    if (branch) {
#pragma unroll
      for (int k = 0; k < N; k++) {
        int chunk = lane() + 32 * k;
        addBranch<X, Y>(branch, sum, at + 8 * chunk, chunk < chunks, bits >> (8 * k), mask.scale, v[k]);
      }
    }
    float squares = 0;
#pragma unroll
    for (int k = 0; k < N; k++) {
#pragma unroll
      for (int j = 0; j < 8; j++) squares += v[k][j] * v[k][j];
    }
    float scale = rsqrtf(warpSum(squares) * share + epsilon);
#pragma unroll
    for (int k = 0; k < N; k++) {
      int chunk = lane() + 32 * k;
      if (chunk < chunks) {
        float w[8];
        Eight<float>{weights.getAs<Wide>(4 * chunk), weights.getAs<Wide>(4 * (chunks + chunk))}.spread(w);
#pragma unroll
        for (int j = 0; j < 8; j++) v[k][j] *= scale * w[j];
        Eight<Y>::gather(v[k]).store(y, at + 8 * chunk);
      }
    }
    if (lane() == 0) rstd.store(row, scale);
  }
}

// The weight.
// Shared memory of norm_warp_*: at most 4096 bytes
template <class X, class Y>
DEVICE void warpForward(Global<const X> x, Global<const Y> branch, Global<X> sum, Global<const float> weight, Global<float> rstd,
                        Global<Y> y, i32 rows, i32 each, i32 width, float epsilon, bool narrow, const DropoutMask& mask) {
  if (width <= 256) {
    rowsOfWarps<X, Y, 1>(x, branch, sum, weight, rstd, y, rows, each, width, epsilon, narrow, mask);
  } else if (width <= 512) {
    rowsOfWarps<X, Y, 2>(x, branch, sum, weight, rstd, y, rows, each, width, epsilon, narrow, mask);
  } else if (width <= 768) {
    rowsOfWarps<X, Y, 3>(x, branch, sum, weight, rstd, y, rows, each, width, epsilon, narrow, mask);
  } else {
    rowsOfWarps<X, Y, 4>(x, branch, sum, weight, rstd, y, rows, each, width, epsilon, narrow, mask);
  }
}

// A kernel of 8 warps that may take no more registers than one of 32.
#define WARP_FORWARD(name, X, Y, BRANCH)                                                                                             \
  KERNEL(1024, name)                                                                                                         \
  (Global<const X> x, Global<const Y> branch, Global<X> sum, Global<const float> weight, Global<float> rstd, Global<Y> y,    \
   i32 rows, i32 each, i32 width, float epsilon, i32 narrow, DropoutMask mask) {                                             \
    warpForward<X, Y>(x, BRANCH, sum, weight, rstd, y, rows, each, width, epsilon, narrow, mask);                            \
  }
WARP_FORWARD(norm_warp_f32, float, float, branch)
REGISTER(norm_warp_f32);
WARP_FORWARD(norm_warp_narrowing, float, bf16, branch)
REGISTER(norm_warp_narrowing);
// A float32 branch of a bfloat16 sum does not fit into the registers, and nobody has one.
WARP_FORWARD(norm_warp_widening, bf16, float, Global<const float>{nullptr})
REGISTER(norm_warp_widening);
WARP_FORWARD(norm_warp_bf16, bf16, bf16, branch)
REGISTER(norm_warp_bf16);

// Rows of up to 8192 elements, a block for each.
// Shared memory of norm_block_*: 128 bytes
template <class X, class Y>
DEVICE void blockForward(Global<const X> x, Global<const Y> branch, Global<X> sum, Global<const float> weight,
                         Global<const float> bias, Global<float> mean, Global<float> rstd, Global<Y> y, i32 rows, i32 each,
                         i32 width, float epsilon, i32 narrow, const DropoutMask& mask) {
  Shared<float> part = shared<float>(0);
  int first = 8 * thread();
  bool there = first < width;
  float w[8], b[8];
#pragma unroll
  for (int j = 0; j < 8; j++) {
    w[j] = there ? weightOf(weight, narrow, first + j) : 0.f;
    b[j] = there && bias ? weightOf(bias, narrow, first + j) : 0.f;
  }
  Dropper dropper = Dropper::of(mask);
  float share = 1.f / width;
  for (i32 row = blockIdx.x; row < rows; row += gridDim.x) {
    i64 at = (i64)row * width + first;
    float v[8];
    Eight<X>::load(x, at, there).spread(v);
    if (branch) {
      u32 bits = 0xff;
      if (dropper.active()) {
        Dropped d = Dropped::of(mask, row, each, width);
        bits = kept(dropper, d.row, d.first + first);
      }
      addBranch<X, Y>(branch, sum, at, there, bits, mask.scale, v);
    }
    float centre = 0;
    if (mean) {
      float total = 0;
#pragma unroll
      for (int j = 0; j < 8; j++) total += v[j];
      centre = blockSum(total, part) * share;
    }
    float squares = 0;
#pragma unroll
    for (int j = 0; j < 8; j++) {
      v[j] = there ? v[j] - centre : 0.f;
      squares += v[j] * v[j];
    }
    float scale = rsqrtf(blockSum(squares, part) * share + epsilon);
#pragma unroll
    for (int j = 0; j < 8; j++) v[j] = v[j] * scale * w[j] + b[j];
    if (there) Eight<Y>::gather(v).store(y, at);
    if (thread() == 0) {
      rstd.store(row, scale);
      if (mean) mean.store(row, centre);
    }
  }
}

#define BLOCK_FORWARD(name, X, Y)                                                                                            \
  KERNEL(1024, name)                                                                                                         \
  (Global<const X> x, Global<const Y> branch, Global<X> sum, Global<const float> weight, Global<const float> bias,           \
   Global<float> mean, Global<float> rstd, Global<Y> y, i32 rows, i32 each, i32 width, float epsilon, i32 narrow,            \
   DropoutMask mask) {                                                                                                       \
    blockForward<X, Y>(x, branch, sum, weight, bias, mean, rstd, y, rows, each, width, epsilon, narrow, mask);               \
  }
BLOCK_FORWARD(norm_block_f32, float, float)
REGISTER(norm_block_f32);
BLOCK_FORWARD(norm_block_narrowing, float, bf16)
REGISTER(norm_block_narrowing);
BLOCK_FORWARD(norm_block_widening, bf16, float)
REGISTER(norm_block_widening);
BLOCK_FORWARD(norm_block_bf16, bf16, bf16)
REGISTER(norm_block_bf16);

// ---------------------------------------------------------------------------------------------------------------------------
// Backward: with n the normed rows and g = dy w, dx = rstd (g - n mean(g n)), and less rstd mean(g) where there is a mean.

KERNEL(256, norm_plain_backward)
(Global<float> xAt, Global<float> dyAt, Global<float> weightAt, Global<const float> mean, Global<const float> rstd,
 Global<float> dxAt, Global<float> dBranchAt, i64 rows, i64 each, i32 width, i32 narrow, i32 addX, i32 addBranch,
 DropoutMask mask) {
  Elements x{xAt, (narrow & X_NARROW) != 0}, dx{dxAt, (narrow & X_NARROW) != 0};
  Elements dy{dyAt, (narrow & Y_NARROW) != 0}, dBranch{dBranchAt, (narrow & BRANCH_NARROW) != 0};
  Elements weight{weightAt, (narrow & WEIGHT_NARROW) != 0};
  Dropper dropper = Dropper::of(mask);
  float share = 1.f / width;
  for (i64 row = blockIdx.x * 8ll + warp(); row < rows; row += gridDim.x * 8ll) {
    i64 at = row * width;
    float scale = warpLoad(rstd, row);
    float centre = mean ? warpLoad(mean, row) : 0.f;
    float along = 0, even = 0;
    for (i32 i = lane(); i < width; i += 32) {
      float g = dy.load(at + i) * weight.load(i);
      along += g * ((x.load(at + i) - centre) * scale);
      even += g;
    }
    along = warpSum(along) * share;
    even = mean ? warpSum(even) * share : 0.f;
    Dropped d{0, 0};
    if (dBranch) d = Dropped::of(mask, row, each, width);
    for (i32 i = lane(); i < width; i += 32) {
      float n = (x.load(at + i) - centre) * scale;
      float v = scale * (dy.load(at + i) * weight.load(i) - even - n * along);
      dx.store(at + i, addX ? dx.load(at + i) + v : v);
      if (dBranch) {
        float factor = dropper.factor(d.row, d.first + i), whole = dx.load(at + i);
        float dropped = factor == 0.f ? 0.f : whole * factor;
        dBranch.store(at + i, addBranch ? dBranch.load(at + i) + dropped : dropped);
      }
    }
  }
}
REGISTER(norm_plain_backward);

// Sums over the rows of a strip, a thread for each column: of dy n, and of dy. Grid: [strips, columns / 256].
KERNEL(256, norm_plain_columns)
(Global<float> xAt, Global<float> dyAt, Global<const float> mean, Global<const float> rstd, Global<float> weights,
 Global<float> biases, i64 rows, i32 strip, i32 width, i32 pitch, i32 narrow) {
  Elements x{xAt, (narrow & X_NARROW) != 0}, dy{dyAt, (narrow & Y_NARROW) != 0};
  i32 column = blockIdx.y * 256 + thread();
  i64 first = blockIdx.x * (i64)strip;
  i64 end = first + strip < rows ? first + strip : rows;
  float weight = 0, bias = 0;
  for (i64 row = first; row < end; row++) {
    float scale = warpLoad(rstd, row);
    float centre = mean ? warpLoad(mean, row) : 0.f;
    if (column < width) {
      float g = dy.load(row * width + column);
      if (weights) weight += g * ((x.load(row * width + column) - centre) * scale);
      bias += g;
    }
  }
  if (column < pitch) {
    if (weights) weights.store(blockIdx.x * (i64)pitch + column, weight);
    if (biases) biases.store(blockIdx.x * (i64)pitch + column, bias);
  }
}
REGISTER(norm_plain_columns);

// A strip of rows a block, 8 columns a thread.
// Shared memory of norm_backward_*: at most 512 bytes
//
// weights, biases: a row of the strips' sums, or 0
template <class X, class Y>
DEVICE void blockBackward(Global<const X> x, Global<const Y> dy, Global<const float> weight, Global<const float> mean,
                          Global<const float> rstd, Global<X> dx, Global<Y> dBranch, Global<float> weights,
                          Global<float> biases, i32 rows, i32 each, i32 strip, i32 width, i32 narrow, i32 addX, i32 addBranch,
                          const DropoutMask& mask) {
  Shared<float> part = shared<float>(0);
  int warps = blockDim.x >> 5;
  int column = 8 * thread();
  bool there = column < width;
  float w[8], sumWeight[8], sumBias[8];
#pragma unroll
  for (int j = 0; j < 8; j++) {
    w[j] = there ? weightOf(weight, narrow, column + j) : 0.f;
    sumWeight[j] = 0;
    sumBias[j] = 0;
  }
  Dropper dropper = Dropper::of(mask);
  float share = 1.f / width;
  i32 first = blockIdx.x * strip;
  i32 end = first + strip < rows ? first + strip : rows;
  for (i32 row = first; row < end; row++) {
    i64 at = (i64)row * width + column;
    float n[8], g[8];
    Eight<X> xs = Eight<X>::load(x, at, there);
    Eight<Y> dys = Eight<Y>::load(dy, at, there);
    float scale = warpLoad(rstd, row);
    float centre = mean ? warpLoad(mean, row) : 0.f;
    xs.spread(n);
    dys.spread(g);
    float along = 0, even = 0;
#pragma unroll
    for (int j = 0; j < 8; j++) {
      n[j] = (n[j] - centre) * scale;
      sumWeight[j] += g[j] * n[j];
      sumBias[j] += g[j];
      g[j] *= w[j];
      along += g[j] * n[j];
      even += g[j];
    }
    if (!dx) continue;
    along = warpSum(along);
    if (mean) even = warpSum(even);
    if (warps > 1) {
      // two sets of places by turns, so that one barrier a row is enough
      Shared<float> now = part + ((row - first) & 1) * 2 * warps;
      if (lane() == 0) {
        now.set(warp(), along);
        if (mean) now.set(warps + warp(), even);
      }
      __syncthreads();
      along = warpSum(lane() < warps ? now.get(lane()) : 0.f);
      if (mean) even = warpSum(lane() < warps ? now.get(warps + lane()) : 0.f);
    }
    along *= share;
    even = mean ? even * share : 0.f;
#pragma unroll
    for (int j = 0; j < 8; j++) g[j] = scale * (g[j] - even - n[j] * along);
    if (addX) {
      float before[8];
      Eight<X>::load(dx.template as<const X>(), at, there).spread(before);
#pragma unroll
      for (int j = 0; j < 8; j++) g[j] += before[j];
    }
    Eight<X> result = Eight<X>::gather(g);
    if (there) result.store(dx, at);
    if (dBranch) {
      result.spread(g);  // as it is in memory
      u32 bits = 0xff;
      if (dropper.active()) {
        Dropped d = Dropped::of(mask, row, each, width);
        bits = kept(dropper, d.row, d.first + column);
      }
#pragma unroll
      for (int j = 0; j < 8; j++) g[j] = (bits >> j) & 1 ? g[j] * dropper.scale : 0.f;
      if (addBranch) {
        float before[8];
        Eight<Y>::load(dBranch.template as<const Y>(), at, there).spread(before);
#pragma unroll
        for (int j = 0; j < 8; j++) g[j] += before[j];
      }
      if (there) Eight<Y>::gather(g).store(dBranch, at);
    }
  }
  if (!there) return;
  i64 to = blockIdx.x * (i64)width + column;
  if (weights) Eight<float>::gather(sumWeight).store(weights, to);
  if (biases) Eight<float>::gather(sumBias).store(biases, to);
}

#define BACKWARD(name, X, Y)                                                                                                 \
  KERNEL(1024, name)                                                                                                         \
  (Global<const X> x, Global<const Y> dy, Global<const float> weight, Global<const float> mean, Global<const float> rstd,    \
   Global<X> dx, Global<Y> dBranch, Global<float> weights, Global<float> biases, i32 rows, i32 each, i32 strip, i32 width,   \
   i32 narrow, i32 addX, i32 addBranch, DropoutMask mask) {                                                                  \
    blockBackward<X, Y>(x, dy, weight, mean, rstd, dx, dBranch, weights, biases, rows, each, strip, width, narrow, addX,     \
                        addBranch, mask);                                                                                    \
  }
BACKWARD(norm_backward_f32, float, float)
REGISTER(norm_backward_f32);
BACKWARD(norm_backward_narrowing, float, bf16)
REGISTER(norm_backward_narrowing);
BACKWARD(norm_backward_widening, bf16, float)
REGISTER(norm_backward_widening);
BACKWARD(norm_backward_bf16, bf16, bf16)
REGISTER(norm_backward_bf16);

// The sums of the strips' sums, 32 columns a block.
// Shared memory of norm_columns: 4096 bytes
//
// parts: [strips, pitch], pitch a multiple of 4
KERNEL(256, norm_columns)(Global<const float> parts, Global<float> sums, i64 strips, i32 width, i32 pitch, i32 add) {
  Shared<float> groups = shared<float>(0);
  int quad = thread() & 7, group = thread() >> 3;
  i32 column = blockIdx.x * 32 + 4 * quad;
  float sum[4] = {0, 0, 0, 0};
  if (column < pitch) {
    for (i64 strip = group; strip < strips; strip += 32) {
      float v[4];
      Lanes<float>::spread(parts.loadWide(strip * pitch + column), v);
#pragma unroll
      for (int j = 0; j < 4; j++) sum[j] += v[j];
    }
  }
  groups.setAs<Wide>(group * 32 + 4 * quad, Lanes<float>::gather(sum));
  __syncthreads();
  column = blockIdx.x * 32 + thread();
  if (thread() < 32 && column < width) {
    float total = 0;
    for (int g = 0; g < 32; g++) total += groups.get(g * 32 + thread());
    sums.store(column, add ? sums.load(column) + total : total);
  }
}
REGISTER(norm_columns);
