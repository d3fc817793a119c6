// Elements that follow each other, 16 bytes at a time where they lie so, one by one elsewhere: the same elements in the same
// threads, so that both ways give the same bits.
#pragma once
#include "quintet.cuh"

template <class T> DEVICE T ofBits(u32 bits);
template <> DEVICE float ofBits<float>(u32 bits) { return bitsToFloat(bits); }
template <> DEVICE i32 ofBits<i32>(u32 bits) { return (i32)bits; }
template <> DEVICE u32 ofBits<u32>(u32 bits) { return bits; }
DEVICE u32 toBits(float x) { return floatToBits(x); }
DEVICE u32 toBits(i32 x) { return (u32)x; }
DEVICE u32 toBits(u32 x) { return x; }

// Four elements of 4 bytes from element i on; those from `end` on are `beyond`.
template <class T> DEVICE void takeFour(Global<const T> x, i64 i, i64 end, T (&v)[4], T beyond = T(0)) {
  if (i + 4 <= end && (x + i).aligned(16)) {
    Wide w = x.loadWide(i);
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = ofBits<T>(w.word[k]);
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = i + k < end ? x.load(i + k) : beyond;
  }
}
template <class T> DEVICE void putFour(Global<T> y, i64 i, i64 end, const T (&v)[4]) {
  if (i + 4 <= end && (y + i).aligned(16)) {
    Wide w;
#pragma unroll
    for (int k = 0; k < 4; k++) w.word[k] = toBits(v[k]);
    y.storeWide(i, w);
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++)
      if (i + k < end) y.store(i + k, v[k]);
  }
}

// Eight elements of float32 or bfloat16 from element i on, of which those from `begin` to before `end` are there.
template <class T> DEVICE void takeEight(Global<const T> x, i64 i, i64 begin, i64 end, float (&v)[8]) {
  const int N = Lanes<T>::COUNT;
  if (i >= begin && i + 8 <= end && (x + i).aligned(16)) {
#pragma unroll
    for (int part = 0; part < 8; part += N) {
      float some[N];
      Lanes<T>::spread(x.loadWide(i + part), some);
#pragma unroll
      for (int k = 0; k < N; k++) v[part + k] = some[k];
    }
  } else {
#pragma unroll
    for (int k = 0; k < 8; k++) v[k] = i + k >= begin && i + k < end ? toFloat(x.load(i + k)) : 0.f;
  }
}
template <class T> DEVICE void putEight(Global<T> y, i64 i, i64 begin, i64 end, const float (&v)[8]) {
  const int N = Lanes<T>::COUNT;
  if (i >= begin && i + 8 <= end && (y + i).aligned(16)) {
#pragma unroll
    for (int part = 0; part < 8; part += N) {
      float some[N];
#pragma unroll
      for (int k = 0; k < N; k++) some[k] = v[part + k];
      y.storeWide(i + part, Lanes<T>::gather(some));
    }
  } else {
#pragma unroll
    for (int k = 0; k < 8; k++)
      if (i + k >= begin && i + k < end) y.store(i + k, fromFloat<T>(v[k]));
  }
}

// A quotient of numbers that are not negative; the short division where both fit.
DEVICE i64 quotient(i64 x, i64 y) { return ((x | y) >> 32) == 0 ? (i64)((u32)x / (u32)y) : x / y; }
