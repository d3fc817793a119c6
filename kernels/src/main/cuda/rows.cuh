// Rows taken by 8 neighbouring elements a thread, whatever their type: what norms and losses share.
#pragma once
#include "quintet.cuh"

// One number for a whole warp, read once.
template <class T> DEVICE T warpLoad(Global<const T> p, i64 i) {
  T v = 0;
  if (lane() == 0) v = p.load(i);
  return __shfl_sync(ALL_LANES, v, 0);
}

// Eight elements in registers, as they lie in memory.
template <class T> struct Eight {
  static const int WIDES = 8 / Lanes<T>::COUNT;
  Wide wide[WIDES];

  static DEVICE Eight load(Global<const T> p, i64 i, bool there) {
    Eight e;
#pragma unroll
    for (int k = 0; k < WIDES; k++) e.wide[k] = there ? p.loadWide(i + k * Lanes<T>::COUNT) : Wide{{0, 0, 0, 0}};
    return e;
  }
  DEVICE void spread(float (&v)[8]) const {
#pragma unroll
    for (int k = 0; k < WIDES; k++) {
      float part[Lanes<T>::COUNT];
      Lanes<T>::spread(wide[k], part);
#pragma unroll
      for (int j = 0; j < Lanes<T>::COUNT; j++) v[k * Lanes<T>::COUNT + j] = part[j];
    }
  }
  static DEVICE Eight gather(const float (&v)[8]) {
    Eight e;
#pragma unroll
    for (int k = 0; k < WIDES; k++) {
      float part[Lanes<T>::COUNT];
#pragma unroll
      for (int j = 0; j < Lanes<T>::COUNT; j++) part[j] = v[k * Lanes<T>::COUNT + j];
      e.wide[k] = Lanes<T>::gather(part);
    }
    return e;
  }
  DEVICE void store(Global<T> p, i64 i) const {
#pragma unroll
    for (int k = 0; k < WIDES; k++) p.storeWide(i + k * Lanes<T>::COUNT, wide[k]);
  }

  // Keeps chunk i of so many in shared memory, where neighbours lie 16 bytes apart.
  DEVICE void hold(Shared<T> p, int i, int chunks) const {
#pragma unroll
    for (int k = 0; k < WIDES; k++) p.template setAs<Wide>((k * chunks + i) * Lanes<T>::COUNT, wide[k]);
  }
  static DEVICE Eight held(Shared<T> p, int i, int chunks) {
    Eight e;
#pragma unroll
    for (int k = 0; k < WIDES; k++) e.wide[k] = p.template getAs<Wide>((k * chunks + i) * Lanes<T>::COUNT);
    return e;
  }
};
