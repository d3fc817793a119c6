// Softmax along rows, its logarithm and both gradients: memory-bound, so a row is to be read once.
//
// 1. Plain, for rows of any width: 256 threads read a row twice, once for what the whole row gives (its maximum and the sum
//    of its exponentials, kept up together; or a sum of products) and once for the result.
// 2. Rows that fit into a block's registers are read once: 8 bytes of traffic an element instead of 12, two thirds of the
//    time; up to 32,768 elements forwards and 16,384 backwards.
// 3. Rows of up to 1024 elements (512 backwards) fit into one warp's registers: no barrier, and as many rows a block as it has warps.
//
// A thread takes four elements that follow each other, in one access where they lie at a multiple of 16 bytes. What is there of
// a row is the same in all three, and summed in an order that the width alone decides.
#include "chunk.cuh"
#include "functions.cuh"

// Who shares a row: a warp, or a block with room for 32 numbers in shared memory.
struct RowOfWarp {
  static const int THREADS = 32;
  static DEVICE int index() { return lane(); }
  static DEVICE i64 first() { return (i64)blockIdx.x * (blockDim.x >> 5) + warp(); }
  static DEVICE i64 stride() { return (i64)gridDim.x * (blockDim.x >> 5); }
  static DEVICE float sum(float v) { return warpSum(v); }
  static DEVICE float max(float v) { return warpMax(v); }
};
template <int N> struct RowOfBlock {
  static const int THREADS = N;
  static DEVICE int index() { return thread(); }
  static DEVICE i64 first() { return blockIdx.x; }
  static DEVICE i64 stride() { return gridDim.x; }
  static DEVICE float sum(float v) { return blockSum(v, shared<float>(0)); }
  static DEVICE float max(float v) { return blockMax(v, shared<float>(0)); }
};

// The forward forms: e^(x - max) / sum, or x - max - ln sum.
template <bool LOG> DEVICE float soft(float x, float most, float ofSum) {
  return LOG ? x - most - ofSum : expf(x - most) * ofSum;
}
template <bool LOG> DEVICE float ofSum(float sum) { return LOG ? logf(sum) : 1.f / sum; }

// Rows of up to 4 GROUPS elements a thread. Where a row has ended, -infinity adds nothing.
template <bool LOG, class Row, int GROUPS>
DEVICE void forward(Global<const float> x, Global<float> y, i64 rows, i32 width) {
  for (i64 row = Row::first(); row < rows; row += Row::stride()) {
    Global<const float> in = x + row * width;
    Global<float> out = y + row * width;
    int begin = 4 * Row::index();
    float v[GROUPS][4];
    float most = -infinity();
#pragma unroll
    for (int g = 0; g < GROUPS; g++) {
      takeFour(in, begin + 4 * g * Row::THREADS, width, v[g], -infinity());
#pragma unroll
      for (int k = 0; k < 4; k++) most = larger(most, v[g][k]);
    }
    most = Row::max(most);
    float sum = 0.f;
#pragma unroll
    for (int g = 0; g < GROUPS; g++) {
#pragma unroll
      for (int k = 0; k < 4; k++) {
        float e = expf(v[g][k] - most);
        if (!LOG) v[g][k] = e;
        sum += e;
      }
    }
    float by = ofSum<LOG>(Row::sum(sum));
#pragma unroll
    for (int g = 0; g < GROUPS; g++) {
#pragma unroll
      for (int k = 0; k < 4; k++) v[g][k] = LOG ? v[g][k] - most - by : v[g][k] * by;
      putFour(out, begin + 4 * g * Row::THREADS, width, v[g]);
    }
  }
}

// A maximum and the sum of e^(x - maximum), kept up together.
struct Exponentials {
  float most;
  float sum;

  // Nothing yet: a maximum of -infinity adds nothing to a sum, whatever the other's is.
  static DEVICE float factor(float most, float of) { return most == -infinity() ? 0.f : expf(most - of); }

  DEVICE void add(const float (&v)[4]) {
    float next = most;
#pragma unroll
    for (int k = 0; k < 4; k++) next = larger(next, v[k]);
    sum *= factor(most, next);
#pragma unroll
    for (int k = 0; k < 4; k++) sum += factor(v[k], next);
    most = next;
  }
};

// Rows of any width.
template <bool LOG, class Row> DEVICE void forwardTwice(Global<const float> x, Global<float> y, i64 rows, i32 width) {
  for (i64 row = Row::first(); row < rows; row += Row::stride()) {
    Global<const float> in = x + row * width;
    Global<float> out = y + row * width;
    Exponentials own = {-infinity(), 0.f};
    for (i64 i = 4 * Row::index(); i < width; i += 4 * Row::THREADS) {
      float v[4];
      takeFour(in, i, width, v, -infinity());
      own.add(v);
    }
    float most = Row::max(own.most);
    float sum = Row::sum(own.sum * Exponentials::factor(own.most, most));
    float by = ofSum<LOG>(most == -infinity() ? notANumber() : sum);
    for (i64 i = 4 * Row::index(); i < width; i += 4 * Row::THREADS) {
      float v[4];
      takeFour(in, i, width, v);
#pragma unroll
      for (int k = 0; k < 4; k++) v[k] = soft<LOG>(v[k], most, by);
      putFour(out, i, width, v);
    }
  }
}

// The gradients: y (dy - sum of y dy), or dy - e^y sum of dy.
template <bool LOG> DEVICE float summand(float y, float dy) { return LOG ? dy : y * dy; }
template <bool LOG> DEVICE float gradient(float y, float dy, float sum) {
  return LOG ? fmaf(-expf(y), sum, dy) : y * (dy - sum);
}

template <bool LOG>
DEVICE void putGradient(Global<float> dx, i64 i, i64 end, const float (&y)[4], const float (&dy)[4], float sum, i32 add) {
  float d[4], before[4] = {0.f, 0.f, 0.f, 0.f};
  if (add) takeFour(dx.as<const float>(), i, end, before);
#pragma unroll
  for (int k = 0; k < 4; k++) {
    d[k] = gradient<LOG>(y[k], dy[k], sum);
    if (add) d[k] += before[k];
  }
  putFour(dx, i, end, d);
}

template <bool LOG, class Row, int GROUPS>
DEVICE void backward(Global<const float> y, Global<const float> dy, Global<float> dx, i64 rows, i32 width, i32 add) {
  for (i64 row = Row::first(); row < rows; row += Row::stride()) {
    i64 from = row * width;
    int begin = 4 * Row::index();
    float v[GROUPS][4], d[GROUPS][4];
    float sum = 0.f;
#pragma unroll
    for (int g = 0; g < GROUPS; g++) {
      takeFour(y + from, begin + 4 * g * Row::THREADS, width, v[g]);
      takeFour(dy + from, begin + 4 * g * Row::THREADS, width, d[g]);
#pragma unroll
      for (int k = 0; k < 4; k++) sum += summand<LOG>(v[g][k], d[g][k]);
    }
    sum = Row::sum(sum);
#pragma unroll
    for (int g = 0; g < GROUPS; g++)
      putGradient<LOG>(dx + from, begin + 4 * g * Row::THREADS, width, v[g], d[g], sum, add);
  }
}

template <bool LOG, class Row>
DEVICE void backwardTwice(Global<const float> y, Global<const float> dy, Global<float> dx, i64 rows, i32 width, i32 add) {
  for (i64 row = Row::first(); row < rows; row += Row::stride()) {
    i64 from = row * width;
    float sum = 0.f;
    for (i64 i = 4 * Row::index(); i < width; i += 4 * Row::THREADS) {
      float v[4] = {0.f, 0.f, 0.f, 0.f}, d[4];
      if (!LOG) takeFour(y + from, i, width, v);
      takeFour(dy + from, i, width, d);
#pragma unroll
      for (int k = 0; k < 4; k++) sum += summand<LOG>(v[k], d[k]);
    }
    sum = Row::sum(sum);
    for (i64 i = 4 * Row::index(); i < width; i += 4 * Row::THREADS) {
      float v[4], d[4];
      takeFour(y + from, i, width, v);
      takeFour(dy + from, i, width, d);
      putGradient<LOG>(dx + from, i, width, v, d, sum, add);
    }
  }
}

// The rungs of one form. How much a thread holds is a matter of the width alone; that a block might have 1024 threads keeps
// the registers of each at 64.
// Shared memory of softmax_*: 128 bytes
#define FORWARD(name, log)                                                                             \
  KERNEL(1024, softmax_##name##_warp)(Global<const float> x, Global<float> y, i64 rows, i32 width) {   \
    if (width <= 256)                                                                                  \
      forward<log, RowOfWarp, 2>(x, y, rows, width);                                                   \
    else                                                                                               \
      forward<log, RowOfWarp, 8>(x, y, rows, width);                                                   \
  }                                                                                                    \
  REGISTER(softmax_##name##_warp);                                                                     \
  KERNEL(1024, softmax_##name##_block)(Global<const float> x, Global<float> y, i64 rows, i32 width) {  \
    if (blockDim.x == 256)                                                                             \
      forward<log, RowOfBlock<256>, 8>(x, y, rows, width);                                             \
    else                                                                                               \
      forward<log, RowOfBlock<1024>, 8>(x, y, rows, width);                                            \
  }                                                                                                    \
  REGISTER(softmax_##name##_block);                                                                    \
  KERNEL(256, softmax_##name##_twice)(Global<const float> x, Global<float> y, i64 rows, i32 width) {   \
    forwardTwice<log, RowOfBlock<256>>(x, y, rows, width);                                             \
  }                                                                                                    \
  REGISTER(softmax_##name##_twice);

FORWARD(soft, false)
FORWARD(log, true)

#define BACKWARD(name, log)                                                                            \
  KERNEL(1024, softmax_##name##_backward_warp)                                                         \
  (Global<const float> y, Global<const float> dy, Global<float> dx, i64 rows, i32 width, i32 add) {    \
    if (width <= 256)                                                                                  \
      backward<log, RowOfWarp, 2>(y, dy, dx, rows, width, add);                                        \
    else                                                                                               \
      backward<log, RowOfWarp, 4>(y, dy, dx, rows, width, add);                                        \
  }                                                                                                    \
  REGISTER(softmax_##name##_backward_warp);                                                            \
  KERNEL(1024, softmax_##name##_backward_block)                                                        \
  (Global<const float> y, Global<const float> dy, Global<float> dx, i64 rows, i32 width, i32 add) {    \
    if (blockDim.x == 256)                                                                             \
      backward<log, RowOfBlock<256>, 4>(y, dy, dx, rows, width, add);                                  \
    else                                                                                               \
      backward<log, RowOfBlock<1024>, 4>(y, dy, dx, rows, width, add);                                 \
  }                                                                                                    \
  REGISTER(softmax_##name##_backward_block);                                                           \
  KERNEL(256, softmax_##name##_backward_twice)                                                         \
  (Global<const float> y, Global<const float> dy, Global<float> dx, i64 rows, i32 width, i32 add) {    \
    backwardTwice<log, RowOfBlock<256>>(y, dy, dx, rows, width, add);                                  \
  }                                                                                                    \
  REGISTER(softmax_##name##_backward_twice);

BACKWARD(soft, false)
BACKWARD(log, true)
