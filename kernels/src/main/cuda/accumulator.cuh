// How a warp hands over what tensor cores summed: blocks of 16 rows by 8 columns of float32, of which lane 4 g + t holds rows g and
// g + 8, columns 2 t and 2 t + 1.
#pragma once
#include "matmul.cuh"

// Four values of each of four neighbours, turned: lane t of them gets what all had at t.
DEVICE void turn(u32 (&v)[4]) {
  int t = lane() & 3;
#pragma unroll
  for (int bit = 1; bit < 4; bit *= 2) {
    bool up = t & bit;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (i & bit) continue;
      u32 other = __shfl_xor_sync(ALL_LANES, up ? v[i] : v[i + bit], bit);
      if (up) {
        v[i] = other;
      } else {
        v[i + bit] = other;
      }
    }
  }
}

// Writes 16 rows from `top` on and COUNT blocks from column `left` on to C, or to the sums of their part.
template <int COUNT> DEVICE void putBlocks(const Products& p, const Tile& tile, const Result& c, int top, int left, const float (&sum)[COUNT][4]) {
  int t = lane() & 3;
  bool whole = p.parts == 1, add = p.form & ACCUMULATE, wide = p.form & WIDE_C;
  i64 sums = whole ? 0 : sumsOf(p, tile);
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int y = top + (lane() >> 2) + 8 * h;
    bool there = y < p.m;
    i64 line = (i64)y * p.rowC;
#pragma unroll
    for (int q = 0; q < COUNT; q += 4) {
      u32 packed[4];
#pragma unroll
      for (int j = 0; j < 4; j++) {
        float v0 = sum[q + j][2 * h], v1 = sum[q + j][2 * h + 1];
        int x = left + 8 * (q + j) + 2 * t;
        if (!whole) {
          if (there && x < p.rowSums) {
            Half both;
            both.word[0] = floatToBits(v0);
            both.word[1] = floatToBits(v1);
            p.sums.storeHalf(sums + (i64)y * p.rowSums + x, both);
          }
        } else if (wide && x + 2 <= p.n) {
          if (c.narrow) {
            u32 old = add && there ? c.at.loadPair(line + x) : 0u;
            packed[j] = pack(v0 + lower(old), v1 + upper(old));
          } else if (there) {
            Half both = {{0u, 0u}};
            if (add) both = c.at.template as<float>().loadHalf(line + x);
            both.word[0] = floatToBits(v0 + bitsToFloat(both.word[0]));
            both.word[1] = floatToBits(v1 + bitsToFloat(both.word[1]));
            c.at.template as<float>().storeHalf(line + x, both);
          }
        } else if (there) {
          if (x < p.n) c.store(line + x, v0 + (add ? c.load(line + x) : 0.f));
          if (x + 1 < p.n) c.store(line + x + 1, v1 + (add ? c.load(line + x + 1) : 0.f));
        }
      }
      if (whole && wide && c.narrow) {
        turn(packed);  // now this lane has columns 8 t .. 8 t + 7
        int x = left + 8 * (q + t);
        if (there && x + 8 <= p.n) {
          Wide w = {{packed[0], packed[1], packed[2], packed[3]}};
          c.at.storeWide(line + x, w);
        } else if (there) {
#pragma unroll
          for (int j = 0; j < 4; j++) {
            if (x + 2 * j + 2 <= p.n) c.at.storePair(line + x + 2 * j, packed[j]);
          }
        }
      }
    }
  }
}
