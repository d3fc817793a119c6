// Philox4x32 (Salmon et al., SC 2011): four random words of a counter and a key, of no state that threads would share.
#pragma once
#include "quintet.cuh"

// Turns the counter into its words.
template <int ROUNDS> DEVICE void philox(u32 (&w)[4], u64 key) {
  u32 k0 = (u32)key, k1 = (u32)(key >> 32);
#pragma unroll
  for (int round = 0; round < ROUNDS; round++) {
    u32 h0 = mulHigh(0xD2511F53u, w[0]), l0 = 0xD2511F53u * w[0];
    u32 h1 = mulHigh(0xCD9E8D57u, w[2]), l1 = 0xCD9E8D57u * w[2];
    w[0] = h1 ^ w[1] ^ k0;
    w[1] = l1;
    w[2] = h0 ^ w[3] ^ k1;
    w[3] = l0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}
