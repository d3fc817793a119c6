// Attention by Hopper's own instructions (9.0 alone): the third rung of attention.cu's ladder. Every kernel has its twin there, of the
// same work and operands.
//
// What it changes: products of four warps (wgmma) run at about twice the rate of mma.sync and read the other side from shared memory once,
// where each of four warps loaded all of it by ldmatrix (32 of them a pair of tiles and warp in the forward, 64 for the gradients of
// keys); the copy engine brings tiles, so that no thread computes their addresses. The products of a pair of tiles then take 256 cycles
// of a multiprocessor's tensor cores in the forward, as many as its 4096 powers of 2 take of their unit: of three blocks beside each other one
// multiplies while another one takes powers. That is calculated, none is measured.
//
// No warps do nothing but copy: what a block would wait for, the two others hide.
//
// The keys of each row begin a multiple of a token after those of the row before it, or all rows share them.
//
// Shared memory of attention_hopper_forward_bf16_64: 43624 bytes
// Shared memory of attention_hopper_backward_queries_bf16_64: 52844 bytes
// Shared memory of attention_hopper_backward_keys_bf16_64: 54392 bytes
#include "attentionhopper.cuh"

#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define BY_GROUP(function, tiles, ...) function<64>(GroupTiles(maps, shared<u8>((tiles) * TILE * 128 + Beside::BYTES).address(0)), __VA_ARGS__)
#else
#define BY_GROUP(function, tiles, ...)
#endif

KERNEL_BESIDE(TILE_THREADS, 3, attention_hopper_forward_bf16_64)
(IN_PLACE const AttentionMaps maps, Attention a, Global<bf16> out, Global<float> logSumExp) { BY_GROUP(flashForward, 5, a, out, logSumExp); }
REGISTER(attention_hopper_forward_bf16_64);

KERNEL(TILE_THREADS, attention_hopper_backward_queries_bf16_64)
(IN_PLACE const AttentionMaps maps, Attention a, Global<const bf16> dOut, Global<const float> logSumExp, Global<const float> delta,
 Global<bf16> dq, i32 add, Global<float> strips, i32 reach) {
  BY_GROUP(flashQueries, 6, a, dOut, logSumExp, delta, dq, add != 0, strips, reach);
}
REGISTER(attention_hopper_backward_queries_bf16_64);

KERNEL(TILE_THREADS, attention_hopper_backward_keys_bf16_64)
(IN_PLACE const AttentionMaps maps, Attention a, Global<const bf16> dOut, Global<const float> logSumExp, Global<const float> delta,
 Global<bf16> dk, i32 addK, Global<bf16> dv, i32 addV) {
  BY_GROUP(flashKeys, 6, a, dOut, logSumExp, delta, dk, addK != 0, dv, addV != 0);
}
REGISTER(attention_hopper_backward_keys_bf16_64);
