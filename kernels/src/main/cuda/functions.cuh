// The functions of one argument and their derivatives, as core's Unary names and defines them.
#pragma once
#include "quintet.cuh"

// In the order of core's Unary.
enum Function {
  NEGATE,
  ABS,
  EXP,
  LOG,
  SQRT,
  RSQRT,
  SQUARE,
  POWER,
  RECIPROCAL,
  TANH,
  SIGMOID,
  RELU,
  SILU,
  GELU_TANH,
  GELU_ERF,
  ERF,
  SIN,
  COS,
  SOFTPLUS,
  ADD_SCALAR,
  MULTIPLY_SCALAR,
  MAXIMUM_SCALAR,
  MINIMUM_SCALAR,
  FUNCTIONS
};

// The larger of two, the smaller: NaN where one is, and 0 above -0.
DEVICE float maximum(float x, float y) {
  return x == y ? bitsToFloat(floatToBits(x) & floatToBits(y)) : larger(x, y);
}
DEVICE float minimum(float x, float y) {
  return x == y ? bitsToFloat(floatToBits(x) | floatToBits(y)) : smaller(x, y);
}

// x^y rounded once, by way of float64. As in Java, NaN goes through 1^NaN, and 1^infinity is NaN.
DEVICE float power(float x, float y) {
  if (y != y || (fabsf(x) == 1.f && fabsf(y) == infinity())) return notANumber();
  return (float)pow((double)x, (double)y);
}

DEVICE float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }
// (1 + tanh(u)) / 2 = sigmoid(2 u), with u the inner polynomial of GELU.
DEVICE float geluSigmoid(float x) { return sigmoid(1.5957691216f * (x + 0.044715f * x * x * x)); }
DEVICE float phi(float x) { return 0.5f * (1.f + erff(x * 0.70710678118f)); }

// The next 32 bits of 2 / pi behind so many words of them.
DEVICE u32 twoOverPi(int word) {
  return word == 0 ? 0xa2f9836eu : word == 1 ? 0x4e441529u : word == 2 ? 0xfc2757d1u
       : word == 3 ? 0xf534ddc0u : word == 4 ? 0xdb629599u : word == 5 ? 0x3c439041u : 0xfe5163abu;
}

// x = r + quadrant pi / 2 with |r| <= pi / 4. CUDA's own sine keeps an array in local memory for large arguments; here the few
// words of 2 / pi that count are picked by comparisons.
DEVICE float reduced(float x, int& quadrant) {
  const double HALF_PI = 1.5707963267948966;
  const double HALF_PI_REST = 6.123233995736766e-17;
  quadrant = 0;
  float size = fabsf(x);
  if (!(size < infinity())) return notANumber();
  if (size < 33554432.f) {
    double turns = rint((double)x * 0.6366197723675814);
    quadrant = (int)turns;
    return (float)fma(-turns, HALF_PI_REST, fma(-turns, HALF_PI, (double)x));
  }
  // size = m 2^e with m of 24 bits and e from 2 on: the first e - 2 bits of 2 / pi make multiples of 4 quadrants
  u32 bits = floatToBits(size);
  u64 m = (bits & 0x7fffffu) | 0x800000u;
  int skipped = (int)(bits >> 23) - 152;
  int word = skipped >> 5;
  int shift = skipped & 31;
  u32 a = twoOverPi(word), b = twoOverPi(word + 1), c = twoOverPi(word + 2);
  if (shift > 0) {
    a = a << shift | b >> (32 - shift);
    b = b << shift | c >> (32 - shift);
    c = c << shift | twoOverPi(word + 3) >> (32 - shift);
  }
  u64 middle = m * b + (m * c >> 32);
  u64 quadrants = (m * a << 32) + middle;  // in units of 2^-62, modulo 4
  u64 nearest = (quadrants + (1ull << 61)) >> 62;
  float r = (float)((double)(i64)(quadrants - (nearest << 62)) * (HALF_PI / 4611686018427387904.0));
  quadrant = x < 0 ? -(int)nearest : (int)nearest;
  return x < 0 ? -r : r;
}

// The sine of x + turn pi / 2, by Cephes' polynomials.
DEVICE float sine(float x, int turn) {
  int quadrant;
  float r = reduced(x, quadrant);
  quadrant += turn;
  float z = r * r;
  float s = r + r * z * (-1.6666654611e-1f + z * (8.3321608736e-3f + z * -1.9515295891e-4f));
  float c = 1.f - 0.5f * z + z * z * (4.166664568298827e-2f + z * (-1.388731625493765e-3f + z * 2.443315711809948e-5f));
  float y = quadrant & 1 ? c : s;
  return quadrant & 2 ? -y : y;
}

// f(x), with the parameter p.
template <int F> DEVICE float value(float x, float p) {
  switch (F) {
    case NEGATE: return -x;
    case ABS: return fabsf(x);
    case EXP: return expf(x);
    case LOG: return logf(x);
    case SQRT: return sqrtf(x);
    case RSQRT: return 1.f / sqrtf(x);
    case SQUARE: return x * x;
    case POWER: return power(x, p);
    case RECIPROCAL: return 1.f / x;
    case TANH: return tanhf(x);
    case SIGMOID: return sigmoid(x);
    case RELU: return maximum(x, 0.f);
    case SILU: return x * sigmoid(x);
    case GELU_TANH: return x * geluSigmoid(x);
    case GELU_ERF: return x * phi(x);
    case ERF: return erff(x);
    case SIN: return sine(x, 0);
    case COS: return sine(x, 1);
    case SOFTPLUS: return maximum(x, 0.f) + log1pf(expf(-fabsf(x)));
    case ADD_SCALAR: return x + p;
    case MULTIPLY_SCALAR: return p * x;
    case MAXIMUM_SCALAR: return maximum(x, p);
    default: return minimum(x, p);
  }
}

// f'(x), with the parameter p, of what the derivative reads.
template <int F> DEVICE float slope(float v, float p) {
  switch (F) {
    case NEGATE: return -1.f;
    case ABS: return v > 0 ? 1.f : v < 0 ? -1.f : v;
    case EXP: return v;
    case LOG: return 1.f / v;
    case SQRT: return 0.5f / v;
    case RSQRT: return -0.5f * v * v * v;
    case SQUARE: return 2.f * v;
    case POWER: return p == 0 ? 0.f : p * power(v, p - 1.f);
    case RECIPROCAL: return -v * v;
    case TANH: {
      float y = tanhf(v);
      return 1.f - y * y;
    }
    case SIGMOID: {
      float s = sigmoid(v);
      return s * (1.f - s);
    }
    case RELU: return v > 0 ? 1.f : 0.f;
    case SILU: {
      float s = sigmoid(v);
      return s * (1.f + v * (1.f - s));
    }
    case GELU_TANH: {
      float s = geluSigmoid(v);
      return s * (1.f + v * (1.f - s) * (1.5957691216f * (1.f + 3 * 0.044715f * v * v)));
    }
    case GELU_ERF: return phi(v) + v * (0.3989422804f * expf(-0.5f * v * v));
    case ERF: return 1.1283791670955126f * expf(-v * v);
    case SIN: return sine(v, 1);
    case COS: return -sine(v, 0);
    case SOFTPLUS: return sigmoid(v);
    case ADD_SCALAR: return 1.f;
    case MULTIPLY_SCALAR: return p;
    case MAXIMUM_SCALAR: return v >= p ? 1.f : 0.f;
    default: return v <= p ? 1.f : 0.f;
  }
}

// A function's number as a type, and the call of a body with the one that is meant, found by halving.
template <int F> struct Number {
  static const int N = F;
};
template <int FROM = 0, int END = FUNCTIONS, class Body> DEVICE void choose(i32 function, const Body& body) {
  if constexpr (END - FROM == 1) {
    body(Number<FROM>());
  } else {
    const int MIDDLE = (FROM + END) / 2;
    if (function < MIDDLE)
      choose<FROM, MIDDLE>(function, body);
    else
      choose<MIDDLE, END>(function, body);
  }
}
