// Four elements of a row side by side: one access where they are aligned, else up to four.
#pragma once
#include "quintet.cuh"

// left: how many of the four there are, at most 4; where not all are, they are loaded as 0. wide: whether i is a multiple of
// four elements' size, and all four are there or none
DEVICE void loadFour(Global<const float> x, i64 i, int left, bool wide, float (&v)[4]) {
  if (wide && left > 0) {
    Lanes<float>::spread(x.loadWide(i), v);
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) v[j] = j < left ? x.load(i + j) : 0.f;
}
DEVICE void loadFour(Global<const bf16> x, i64 i, int left, bool wide, float (&v)[4]) {
  if (wide && left > 0) {
    Half h = x.loadHalf(i);
    v[0] = lower(h.word[0]);
    v[1] = upper(h.word[0]);
    v[2] = lower(h.word[1]);
    v[3] = upper(h.word[1]);
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) v[j] = j < left ? toFloat(x.load(i + j)) : 0.f;
}
DEVICE void storeFour(Global<float> x, i64 i, int left, bool wide, const float (&v)[4]) {
  if (wide && left > 0) {
    x.storeWide(i, Lanes<float>::gather(v));
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) {
    if (j < left) x.store(i + j, v[j]);
  }
}
DEVICE void storeFour(Global<bf16> x, i64 i, int left, bool wide, const float (&v)[4]) {
  if (wide && left > 0) {
    x.storeHalf(i, Half{{pack(v[0], v[1]), pack(v[2], v[3])}});
    return;
  }
#pragma unroll
  for (int j = 0; j < 4; j++) {
    if (j < left) x.store(i + j, fromFloat<bf16>(v[j]));
  }
}
DEVICE void addFour(Global<float> x, i64 i, int left, bool wide, const float (&v)[4]) {
  float sum[4];
  loadFour(x.as<const float>(), i, left, wide, sum);
#pragma unroll
  for (int j = 0; j < 4; j++) sum[j] += v[j];
  storeFour(x, i, left, wide, sum);
}
