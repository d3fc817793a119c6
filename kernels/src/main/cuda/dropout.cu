// Dropout, and the residual sum around it: y = base + mask x scale, where base is nothing, y itself or another operand.
//
// 1. Plain: eight elements a thread, one by one; any width, any address.
// 2. Where eight elements lie at a multiple of 16 bytes, they go in one access (bfloat16) or two (float32). The mask is drawn in
//    the same way for both, each word once (see masked.cuh): about 60 instructions for 8 elements, which the memory hides.
#include "masked.cuh"

template <class In, class Out>
DEVICE void dropped(const DropoutMask& mask, Global<const In> x, Global<const Out> base, Global<Out> y, i32 rows, i64 width) {
  masked(mask, rows, width, [=](const Eight& e, float scale) {
    float v[8], sum[8];
    takeEight(x, e.first, e.begin, e.end, v);
    if (base) takeEight(base, e.first, e.begin, e.end, sum);
#pragma unroll
    for (int k = 0; k < 8; k++) {
      if (base)
        v[k] = e.keeps(k) ? fmaf(v[k], scale, sum[k]) : sum[k];
      else
        v[k] = e.keeps(k) ? v[k] * scale : 0.f;
    }
    putEight(y, e.first, e.begin, e.end, v);
  });
}

KERNEL(256, dropout_f32_f32)
(DropoutMask mask, Global<const float> x, Global<const float> base, Global<float> y, i32 rows, i64 width) {
  dropped(mask, x, base, y, rows, width);
}
REGISTER(dropout_f32_f32);

KERNEL(256, dropout_f32_bf16)
(DropoutMask mask, Global<const float> x, Global<const bf16> base, Global<bf16> y, i32 rows, i64 width) {
  dropped(mask, x, base, y, rows, width);
}
REGISTER(dropout_f32_bf16);

KERNEL(256, dropout_bf16_f32)
(DropoutMask mask, Global<const bf16> x, Global<const float> base, Global<float> y, i32 rows, i64 width) {
  dropped(mask, x, base, y, rows, width);
}
REGISTER(dropout_bf16_f32);

KERNEL(256, dropout_bf16_bf16)
(DropoutMask mask, Global<const bf16> x, Global<const bf16> base, Global<bf16> y, i32 rows, i64 width) {
  dropped(mask, x, base, y, rows, width);
}
REGISTER(dropout_bf16_bf16);
