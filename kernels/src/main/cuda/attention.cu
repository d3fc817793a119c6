// Attention: softmax(scale Q K^T + bias, masked) V and its gradients, with dropout of probabilities, T5's bias by distance among
// them. Nothing of T x S is stored: scores are drawn again in the backward.
//
// The ladder; gains are calculated, none is measured:
// 1. attentionplain.cuh: any width, type, bias and masks, on float32 arithmetic. K and V are read once for every 32 queries.
// 2. attentionflash.cuh: bfloat16 of width 64 with a bias by distance or none. Products run on tensor cores, whose peak is 16 times
//    that of float32 on an A100; K and V are read once for every 64 queries, half as often, by copies that arrive while the tile
//    before is worked on; a bias costs one 8-byte read of shared memory for four scores, and its gradient 64 reads a thread and tile.
// 3. attention_hopper.cu: the same by Hopper's own instructions.
//
// The backward runs 7 products where 5 would do: dQ has a kernel of its own, so that no sum depends on who comes first.
//
// Shared memory of attention_plain_forward_f32: 37792 bytes
// Shared memory of attention_plain_forward_bf16: 37792 bytes
// Shared memory of attention_plain_backward_queries_f32: 37792 bytes
// Shared memory of attention_plain_backward_queries_bf16: 37792 bytes
// Shared memory of attention_plain_backward_keys_f32: 37792 bytes
// Shared memory of attention_plain_backward_keys_bf16: 37792 bytes
// Shared memory of attention_plain_backward_bias_f32: 37792 bytes
// Shared memory of attention_plain_backward_bias_bf16: 37792 bytes
// Shared memory of attention_strips: 1024 bytes
// Shared memory of attention_flash_forward_bf16_64: 43600 bytes
// Shared memory of attention_flash_backward_queries_bf16_64: 52820 bytes
// Shared memory of attention_flash_backward_keys_bf16_64: 54368 bytes
#include "attentionflash.cuh"
#include "attentionplain.cuh"

#define ATTENTION_OF(T, suffix)                                                                                              \
  KERNEL(256, attention_plain_forward_##suffix)(Attention a, Global<T> out, Global<float> logSumExp) {                       \
    plainForward<T>(a, out, logSumExp);                                                                                      \
  }                                                                                                                          \
  REGISTER(attention_plain_forward_##suffix);                                                                                \
  KERNEL(256, attention_plain_delta_##suffix)                                                                                \
  (Global<const T> out, Global<const T> dOut, Global<float> delta, i64 tokens, i32 heads, i32 width) {                       \
    plainDelta<T>(out, dOut, delta, tokens, heads, width);                                                                   \
  }                                                                                                                          \
  REGISTER(attention_plain_delta_##suffix);                                                                                  \
  KERNEL(256, attention_plain_backward_queries_##suffix)                                                                     \
  (Attention a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta, Global<T> dq, i32 add,       \
   Global<float> strips, i32 reach) {                                                                                        \
    plainQueries<T>(a, dOut, logSumExp, delta, dq, add != 0, strips, reach);                                                 \
  }                                                                                                                          \
  REGISTER(attention_plain_backward_queries_##suffix);                                                                       \
  KERNEL(256, attention_plain_backward_keys_##suffix)                                                                        \
  (Attention a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta, Global<T> dk, i32 addK,      \
   Global<T> dv, i32 addV) {                                                                                                 \
    plainKeys<T>(a, dOut, logSumExp, delta, dk, addK != 0, dv, addV != 0);                                                   \
  }                                                                                                                          \
  REGISTER(attention_plain_backward_keys_##suffix);                                                                          \
  KERNEL_BESIDE(256, 2, attention_plain_backward_bias_##suffix)                                                              \
  (Attention a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta, Global<float> dBias,         \
   i32 add) {                                                                                                                \
    plainBias<T>(a, dOut, logSumExp, delta, dBias, add != 0);                                                                \
  }                                                                                                                          \
  REGISTER(attention_plain_backward_bias_##suffix);

ATTENTION_OF(float, f32)
ATTENTION_OF(bf16, bf16)

KERNEL(256, attention_strips)
(Global<const float> strips, i64 count, i32 stripReach, Global<float> dBias, i32 reach, i32 add) {
  sumStrips(strips, count, stripReach, dBias, reach, add);
}
REGISTER(attention_strips);

#define FLASH_OF(W)                                                                                                          \
  KERNEL_BESIDE(TILE_THREADS, 3, attention_flash_forward_bf16_##W)(Attention a, Global<bf16> out, Global<float> logSumExp) { \
    flashForward<W>(WarpTiles(), a, out, logSumExp);                                                                                      \
  }                                                                                                                          \
  REGISTER(attention_flash_forward_bf16_##W);                                                                                \
  KERNEL(256, attention_flash_delta_##W)                                                                                     \
  (Global<const bf16> out, Global<const bf16> dOut, Global<float> delta, i64 tokens, i32 heads) {                            \
    flashDelta<W>(out, dOut, delta, tokens, heads);                                                                          \
  }                                                                                                                          \
  REGISTER(attention_flash_delta_##W);                                                                                       \
  KERNEL(TILE_THREADS, attention_flash_backward_queries_bf16_##W)                                                            \
  (Attention a, Global<const bf16> dOut, Global<const float> logSumExp, Global<const float> delta, Global<bf16> dq, i32 add, \
   Global<float> strips, i32 reach) {                                                                                        \
    flashQueries<W>(WarpTiles(), a, dOut, logSumExp, delta, dq, add != 0, strips, reach);                                                 \
  }                                                                                                                          \
  REGISTER(attention_flash_backward_queries_bf16_##W);                                                                       \
  KERNEL(TILE_THREADS, attention_flash_backward_keys_bf16_##W)                                                               \
  (Attention a, Global<const bf16> dOut, Global<const float> logSumExp, Global<const float> delta, Global<bf16> dk,          \
   i32 addK, Global<bf16> dv, i32 addV) {                                                                                    \
    flashKeys<W>(WarpTiles(), a, dOut, logSumExp, delta, dk, addK != 0, dv, addV != 0);                                                   \
  }                                                                                                                          \
  REGISTER(attention_flash_backward_keys_bf16_##W);

FLASH_OF(64)
