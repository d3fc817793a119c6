// What every kernel is written with: one source for the GPU (nvcc, NVRTC) and for the emulator (g++).
//
// Two rules make the emulator see everything. Global memory is touched through Global alone, shared memory through Shared
// alone, and both check bounds, alignment and life there. Every PTX instruction is a function with two bodies, assembly in
// device.cuh and its documented effect in emulator.h.
//
// Shared memory is dynamic: a kernel takes it at byte offsets and its launcher says how much there is.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

// The upper half of a float32.
struct bf16 {
  u16 bits;
};

// 16 bytes, the widest that one instruction loads or stores.
struct alignas(16) Wide {
  u32 word[4];
};

// 8 bytes.
struct alignas(8) Half {
  u32 word[2];
};

#ifdef __CUDACC__
#include "device.cuh"
#else
#include "emulator.h"
#endif

// A kernel of at most so many threads a block: KERNEL(256, name)(parameters) { ... }, and behind it REGISTER(name), by which
// the emulator finds it. KERNEL_BESIDE keeps its registers so few that as many blocks run beside each other on a multiprocessor.
#ifdef __CUDACC__
#define KERNEL(threads, name) extern "C" __global__ void __launch_bounds__(threads) name
#define KERNEL_BESIDE(threads, blocks, name) extern "C" __global__ void __launch_bounds__(threads, blocks) name
// Of a parameter whose address is taken.
#define IN_PLACE __grid_constant__
#define REGISTER(name)
#else
#define KERNEL(threads, name) extern "C" void name
#define KERNEL_BESIDE(threads, blocks, name) extern "C" void name
#define IN_PLACE
#define REGISTER(name) static const bool registered_##name = emulator::add(#name, &name)
#endif

#define DEVICE __device__ __forceinline__
#define ALL_LANES 0xffffffffu

DEVICE int thread() { return threadIdx.x; }
DEVICE int lane() { return threadIdx.x & 31; }
DEVICE int warp() { return threadIdx.x >> 5; }

// The infinities and NaN, which NVRTC has no names for.
DEVICE float infinity() { return bitsToFloat(0x7f800000u); }
DEVICE float notANumber() { return bitsToFloat(0x7fffffffu); }

// To float32 from any type of element.
DEVICE float toFloat(float x) { return x; }
DEVICE float toFloat(bf16 x) { return bitsToFloat((u32)x.bits << 16); }
// The lower and the upper one of two bfloat16.
DEVICE float lower(u32 pair) { return bitsToFloat(pair << 16); }
DEVICE float upper(u32 pair) { return bitsToFloat(pair & 0xffff0000u); }

// From float32 to any type of element; bfloat16 to nearest, ties to even.
template <class T> DEVICE T fromFloat(float x);
template <> DEVICE float fromFloat<float>(float x) { return x; }
template <> DEVICE bf16 fromFloat<bf16>(float x) {
  bf16 y;
  y.bits = (u16)pack(x, 0.f);
  return y;
}

// Elements of 16 bytes as float32: 4 of float32, 8 of bfloat16.
template <class T> struct Lanes;
template <> struct Lanes<float> {
  static const int COUNT = 4;
  static DEVICE void spread(const Wide& w, float (&v)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) v[i] = bitsToFloat(w.word[i]);
  }
  static DEVICE Wide gather(const float (&v)[4]) {
    Wide w;
#pragma unroll
    for (int i = 0; i < 4; i++) w.word[i] = floatToBits(v[i]);
    return w;
  }
};
template <> struct Lanes<bf16> {
  static const int COUNT = 8;
  static DEVICE void spread(const Wide& w, float (&v)[8]) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      v[2 * i] = lower(w.word[i]);
      v[2 * i + 1] = upper(w.word[i]);
    }
  }
  static DEVICE Wide gather(const float (&v)[8]) {
    Wide w;
#pragma unroll
    for (int i = 0; i < 4; i++) w.word[i] = pack(v[2 * i], v[2 * i + 1]);
    return w;
  }
};

// Sums and extremes of a warp, the same in all its lanes, in one fixed order.
template <class T> DEVICE T warpSum(T v) {
#pragma unroll
  for (int o = 16; o > 0; o >>= 1) v += __shfl_xor_sync(ALL_LANES, v, o);
  return v;
}
// The larger; NaN where one is.
DEVICE float larger(float x, float y) { return x > y || x != x ? x : y; }
DEVICE float smaller(float x, float y) { return x < y || x != x ? x : y; }
DEVICE float warpMax(float v) {
#pragma unroll
  for (int o = 16; o > 0; o >>= 1) v = larger(v, __shfl_xor_sync(ALL_LANES, v, o));
  return v;
}

// The sum over all threads of a block, the same in each, in one fixed order.
//
// `part` has an element for each warp; it may be used again at once.
template <class T> DEVICE T blockSum(T v, Shared<T> part) {
  v = warpSum(v);
  if (lane() == 0) part.set(warp(), v);
  __syncthreads();
  int warps = (blockDim.x + 31) >> 5;
  T sum = lane() < warps ? part.get(lane()) : T(0);
  sum = warpSum(sum);
  __syncthreads();
  return sum;
}
DEVICE float blockMax(float v, Shared<float> part) {
  v = warpMax(v);
  if (lane() == 0) part.set(warp(), v);
  __syncthreads();
  int warps = (blockDim.x + 31) >> 5;
  float most = warpMax(lane() < warps ? part.get(lane()) : -infinity());
  __syncthreads();
  return most;
}

// An index that is not there: the host finds its message at its next wait. One of several is kept.
//
// fault: two numbers, which kernel's kind of fault it is and the index, and its limit; 0 at first
DEVICE void report(Global<i64> fault, i64 kind, i64 index, i64 limit) {
  fault.store(1, index);
  fault.store(2, limit);
  fault.store(0, kind);
}
