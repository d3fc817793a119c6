// Attention: softmax(scale Q K^T + bias, masked) V and its gradients, with dropout of probabilities, T5's bias by distance among
// them. Nothing of T x S is stored: scores are drawn again in the backward.
//
// The ladder:
// 1. attentionplain.cuh: any width, type, bias and masks, on float32 arithmetic. It reads K and V once for every 32 queries.
#include "attentionplain.cuh"

#define ATTENTION_OF(T, suffix)                                                                                              \
  KERNEL(256, attention_forward_##suffix)(Attention a, Global<T> out, Global<float> logSumExp) {                             \
    plainForward<T>(a, out, logSumExp);                                                                                      \
  }                                                                                                                          \
  REGISTER(attention_forward_##suffix);                                                                                      \
  KERNEL(256, attention_delta_##suffix)                                                                                      \
  (Global<const T> out, Global<const T> dOut, Global<float> delta, i64 tokens, i32 heads, i32 width) {                       \
    plainDelta<T>(out, dOut, delta, tokens, heads, width);                                                                   \
  }                                                                                                                          \
  REGISTER(attention_delta_##suffix);                                                                                        \
  KERNEL(256, attention_queries_##suffix)                                                                                    \
  (Attention a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta, Global<T> dq, i32 add,       \
   Global<float> strips, i32 reach) {                                                                                        \
    plainQueries<T>(a, dOut, logSumExp, delta, dq, add != 0, strips, reach);                                                 \
  }                                                                                                                          \
  REGISTER(attention_queries_##suffix);                                                                                      \
  KERNEL(256, attention_keys_##suffix)                                                                                       \
  (Attention a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta, Global<T> dk, i32 addK,      \
   Global<T> dv, i32 addV) {                                                                                                 \
    plainKeys<T>(a, dOut, logSumExp, delta, dk, addK != 0, dv, addV != 0);                                                   \
  }                                                                                                                          \
  REGISTER(attention_keys_##suffix);                                                                                         \
  KERNEL(256, attention_bias_##suffix)                                                                                       \
  (Attention a, Global<const T> dOut, Global<const float> logSumExp, Global<const float> delta, Global<float> dBias,         \
   i32 add) {                                                                                                                \
    plainBias<T>(a, dOut, logSumExp, delta, dBias, add != 0);                                                                \
  }                                                                                                                          \
  REGISTER(attention_bias_##suffix);

ATTENTION_OF(float, f32)
ATTENTION_OF(bf16, bf16)

KERNEL(256, attention_strips)
(Global<const float> strips, i64 count, i32 stripReach, Global<float> dBias, i32 reach, i32 add) {
  sumStrips(strips, count, stripReach, dBias, reach, add);
}
REGISTER(attention_strips);
