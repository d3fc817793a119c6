// Functions applied element by element: memory-bound, so all that counts is how they are loaded and stored.
//
// 1. Plain: a thread takes four elements that follow each other, one by one. A warp's load touches 16 lines instead of 4.
// 2. Where the four lie at a multiple of 16 bytes they are loaded and stored as one: a quarter of the memory instructions.
// 3. Functions of one argument take two such groups at a time, so that twice the bytes are on their way.
//
// Which function it is, is the same for all threads: a few comparisons for four or eight elements. With broadcasting, one division
// an axis finds a group's first element; a group that stays in its row goes on by the innermost strides.
#include "chunk.cuh"
#include "functions.cuh"

// The element that this thread begins with, and how far its next one is.
DEVICE i64 firstOf(int elements) { return ((i64)blockIdx.x * blockDim.x + thread()) * elements; }
DEVICE i64 strideOf(int elements) { return (i64)gridDim.x * blockDim.x * elements; }

// f of four elements; of two fours by a loop that turns them round, which is half the code.
template <int F> DEVICE void valueFour(float (&v)[4], float p) {
#pragma unroll
  for (int k = 0; k < 4; k++) v[k] = value<F>(v[k], p);
}
template <int F> DEVICE void values(float (&a)[4], float (&b)[4], float p) {
#pragma unroll 1
  for (int turn = 0; turn < 2; turn++) {
    valueFour<F>(a, p);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float other = b[k];
      b[k] = a[k];
      a[k] = other;
    }
  }
}

KERNEL(256, elementwise_unary)(Global<const float> x, Global<float> y, i64 count, i32 function, float p) {
  i64 step = strideOf(4);
  for (i64 i = firstOf(4); i < count; i += 2 * step) {
    float a[4], b[4];
    takeFour(x, i, count, a);
    takeFour(x, i + step, count, b);
    choose(function, [&](auto f) { values<decltype(f)::N>(a, b, p); });
    putFour(y, i, count, a);
    putFour(y, i + step, count, b);
  }
}
REGISTER(elementwise_unary);

// v: none where the derivative reads neither argument nor result
KERNEL(256, elementwise_unary_backward)
(Global<const float> v, Global<const float> dy, Global<float> dx, i64 count, i32 function, float p, i32 add) {
  for (i64 i = firstOf(4); i < count; i += strideOf(4)) {
    float d[4], of[4] = {0.f, 0.f, 0.f, 0.f}, sum[4];
    takeFour(dy, i, count, d);
    if (v) takeFour(v, i, count, of);
    if (add) takeFour(dx.as<const float>(), i, count, sum);
    choose(function, [&](auto f) {
#pragma unroll
      for (int k = 0; k < 4; k++) d[k] *= slope<decltype(f)::N>(of[k], p);
    });
    if (add) {
#pragma unroll
      for (int k = 0; k < 4; k++) d[k] += sum[k];
    }
    putFour(dx, i, count, d);
  }
}
REGISTER(elementwise_unary_backward);

// Axes of two operands, outermost first, 168 bytes (CudaElementwise writes them).
struct Axes {
  i32 rank;
  i32 size[8];
  i32 unused;
  i64 xStride[8];
  i64 yStride[8];
};

// Where the operands of element i lie; `column` is its place in the innermost axis.
DEVICE void locate(const Axes& axes, i64 i, i64& inX, i64& inY, i64& column) {
  inX = 0;
  inY = 0;
  column = 0;
  i64 rest = i;
#pragma unroll
  for (int axis = 7; axis >= 0; axis--) {
    if (axis < axes.rank) {
      i64 outer = axis > 0 ? quotient(rest, axes.size[axis]) : 0;
      i64 at = rest - outer * axes.size[axis];
      inX += at * axes.xStride[axis];
      inY += at * axes.yStride[axis];
      if (axis == axes.rank - 1) column = at;
      rest = outer;
    }
  }
}

// What four elements of an operand are, of which the first lies at `i`, `stride` apart; `there` of them exist.
template <class T> DEVICE void takeRow(Global<const T> x, i64 i, i64 stride, int there, T (&v)[4]) {
  if (stride == 1) {
    takeFour(x, i, i + there, v);
  } else if (stride == 0) {
    T one = x.load(i);
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = one;
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = k < there ? x.load(i + k * stride) : T(0);
  }
}

// For all groups of four elements of the result: body(first element, how many there are, x, y).
template <class T, class Body>
DEVICE void broadcast(const Axes& axes, Global<const T> x, Global<const T> y, i64 count, const Body& body) {
  int last = axes.rank - 1;
  i64 width = 0, xStride = 0, yStride = 0;
#pragma unroll
  for (int axis = 0; axis < 8; axis++) {
    if (axis == last) {
      width = axes.size[axis];
      xStride = axes.xStride[axis];
      yStride = axes.yStride[axis];
    }
  }
  for (i64 i = firstOf(4); i < count; i += strideOf(4)) {
    T a[4] = {}, b[4] = {};
    i64 inX, inY, column;
    int there = count - i < 4 ? (int)(count - i) : 4;
    locate(axes, i, inX, inY, column);
    if (column + there <= width) {
      takeRow(x, inX, xStride, there, a);
      takeRow(y, inY, yStride, there, b);
    } else {
#pragma unroll 1
      for (int next = 0; next < there; next++) {
        locate(axes, i + next, inX, inY, column);
        T fromX = x.load(inX), fromY = y.load(inY);
#pragma unroll
        for (int k = 0; k < 4; k++) {
          a[k] = next <= k ? fromX : a[k];
          b[k] = next <= k ? fromY : b[k];
        }
      }
    }
    body(i, a, b);
  }
}

// In the order of core's Binary.
enum Operation { ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER_OF, MAXIMUM, MINIMUM };

template <int OP> DEVICE float combined(float x, float y) {
  switch (OP) {
    case ADD: return x + y;
    case SUBTRACT: return x - y;
    case MULTIPLY: return x * y;
    case DIVIDE: return x / y;
    case POWER_OF: return power(x, y);
    case MAXIMUM: return maximum(x, y);
    default: return minimum(x, y);
  }
}
// Unsigned, because only their overflow is defined.
template <int OP> DEVICE i32 combined(i32 x, i32 y) {
  switch (OP) {
    case ADD: return (i32)((u32)x + (u32)y);
    case SUBTRACT: return (i32)((u32)x - (u32)y);
    case MULTIPLY: return (i32)((u32)x * (u32)y);
    case MAXIMUM: return x > y ? x : y;
    default: return x < y ? x : y;
  }
}

template <int OP, class T> DEVICE void combineFour(const T (&a)[4], const T (&b)[4], T (&c)[4]) {
#pragma unroll
  for (int k = 0; k < 4; k++) c[k] = combined<OP>(a[k], b[k]);
}

template <class T>
DEVICE void binary(const Axes& axes, Global<const T> x, Global<const T> y, Global<T> z, i64 count, i32 op) {
  broadcast<T>(axes, x, y, count, [=](i64 i, const T(&a)[4], const T(&b)[4]) {
    T c[4];
    switch (op) {
      case ADD: combineFour<ADD>(a, b, c); break;
      case SUBTRACT: combineFour<SUBTRACT>(a, b, c); break;
      case MULTIPLY: combineFour<MULTIPLY>(a, b, c); break;
      case DIVIDE: combineFour<DIVIDE>(a, b, c); break;
      case POWER_OF: combineFour<POWER_OF>(a, b, c); break;
      case MAXIMUM: combineFour<MAXIMUM>(a, b, c); break;
      default: combineFour<MINIMUM>(a, b, c); break;
    }
    putFour(z, i, count, c);
  });
}

KERNEL(256, elementwise_binary)
(Axes axes, Global<const float> x, Global<const float> y, Global<float> z, i64 count, i32 op) {
  binary<float>(axes, x, y, z, count, op);
}
REGISTER(elementwise_binary);

KERNEL(256, elementwise_binary_ints)
(Axes axes, Global<const i32> x, Global<const i32> y, Global<i32> z, i64 count, i32 op) {
  binary<i32>(axes, x, y, z, count, op);
}
REGISTER(elementwise_binary_ints);

// In the order of core's Comparison.
enum Relation { EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL };

template <class T> DEVICE bool holds(i32 op, T x, T y) {
  switch (op) {
    case EQUAL: return x == y;
    case NOT_EQUAL: return x != y;
    case LESS: return x < y;
    case LESS_OR_EQUAL: return x <= y;
    case GREATER: return x > y;
    default: return x >= y;
  }
}

template <class T>
DEVICE void compare(const Axes& axes, Global<const T> x, Global<const T> y, Global<u8> z, i64 count, i32 op) {
  broadcast<T>(axes, x, y, count, [=](i64 i, const T(&a)[4], const T(&b)[4]) {
    u32 four = 0;
#pragma unroll
    for (int k = 0; k < 4; k++) four |= holds(op, a[k], b[k]) ? 1u << 8 * k : 0u;
    if (i + 4 <= count && (z + i).aligned(4)) {
      z.storePair(i, four);
    } else {
#pragma unroll
      for (int k = 0; k < 4; k++)
        if (i + k < count) z.store(i + k, (u8)(four >> 8 * k & 1));
    }
  });
}

KERNEL(256, elementwise_compare)
(Axes axes, Global<const float> x, Global<const float> y, Global<u8> z, i64 count, i32 op) {
  compare<float>(axes, x, y, z, count, op);
}
REGISTER(elementwise_compare);

KERNEL(256, elementwise_compare_ints)
(Axes axes, Global<const i32> x, Global<const i32> y, Global<u8> z, i64 count, i32 op) {
  compare<i32>(axes, x, y, z, count, op);
}
REGISTER(elementwise_compare_ints);

KERNEL(256, elementwise_select)
(Global<const u8> condition, Global<const u32> x, Global<const u32> y, Global<u32> z, i64 count) {
  for (i64 i = firstOf(4); i < count; i += strideOf(4)) {
    u32 a[4], b[4], holds = 0;
    takeFour(x, i, count, a);
    takeFour(y, i, count, b);
    if (i + 4 <= count && (condition + i).aligned(4)) {
      holds = condition.loadPair(i);
    } else {
#pragma unroll
      for (int k = 0; k < 4; k++)
        if (i + k < count) holds |= (u32)condition.load(i + k) << 8 * k;
    }
#pragma unroll
    for (int k = 0; k < 4; k++) a[k] = holds >> 8 * k & 0xff ? a[k] : b[k];
    putFour(z, i, count, a);
  }
}
REGISTER(elementwise_select);

KERNEL(256, elementwise_add_scaled)(float scale, Global<const float> x, Global<float> y, i64 count) {
  for (i64 i = firstOf(4); i < count; i += strideOf(4)) {
    float a[4], b[4];
    takeFour(x, i, count, a);
    takeFour(y.as<const float>(), i, count, b);
#pragma unroll
    for (int k = 0; k < 4; k++) b[k] = fmaf(scale, a[k], b[k]);
    putFour(y, i, count, b);
  }
}
REGISTER(elementwise_add_scaled);
