// Rows of elements of which a dropout drops some, 16 bytes at a time.
//
// Philox gives one counter's words to elements 16 j + 2 i + h of a block of 64, four pairs that lie apart. So that nobody draws
// a word in vain and all still load and store eight neighbours, eight lanes share a block: lane i draws counter i and
// makes eight bits of it, one for each element that is kept; four shuffles bring a lane the bits of its own elements.
#pragma once
#include "chunk.cuh"
#include "dropout.cuh"

// Eight elements of a row.
struct Eight {
  i64 first;  // of the elements, counted over all rows; some before `begin` or from `end` on may not be there
  i64 begin;
  i64 end;
  u32 kept;  // bit k: element k is kept
  DEVICE bool keeps(int k) const { return kept >> k & 1; }
};

// The bits of eight neighbours, from those that each of eight lanes has drawn: bit 2 j + h of counter i.
DEVICE u32 exchanged(u32 drawn) {
  int j = (lane() & 7) >> 1;
  u32 kept = 0;
#pragma unroll
  for (int pair = 0; pair < 4; pair++) {
    // neighbours 2 pair and 2 pair + 1 of the lane's eight are those of counter 4 (lane % 2) + pair
    u32 other = __shfl_sync(ALL_LANES, drawn, (lane() & 24) + 4 * (lane() & 1) + pair);
    kept |= (other >> 2 * j & 3) << 2 * pair;
  }
  return kept;
}

// body(eight elements, the factor of those that are kept) for all elements of all rows.
//
// Blocks of 64 are counted from the mask's element 0, which a row that lies at a place of its own may begin behind.
template <class Body> DEVICE void masked(const DropoutMask& mask, i32 rows, i64 width, const Body& body) {
  Dropper dropper = Dropper::of(mask);
  bool active = dropper.active();
  bool places = active && mask.places;
  i64 blocks = (width + 63) / 64 + (places && width % 64 != 0 ? 1 : 0);
  i64 all = rows * blocks;
  i64 step = (i64)gridDim.x * (blockDim.x >> 3);
  int l = lane() & 7;
  // a warp goes on while one of its four blocks is there
  for (i64 unit = ((i64)blockIdx.x * blockDim.x + thread()) >> 3; unit - (lane() >> 3) < all; unit += step) {
    bool there = unit < all;
    i64 row = there ? quotient(unit, blocks) : 0;
    i64 block = there ? unit - row * blocks : 0;
    i64 maskRow = row;
    i64 behind = 0;  // elements of the mask's block that lie before the row
    i64 maskBlock = block;
    if (places) {
      i32 place = 0;
      if (there && l < 2) place = mask.places.load(2 * row + l);
      maskRow = __shfl_sync(ALL_LANES, place, lane() & 24);
      i64 element = __shfl_sync(ALL_LANES, place, (lane() & 24) + 1) * width;
      behind = element & 63;
      maskBlock += element >> 6;
    }
    Eight eight;
    eight.begin = row * width;
    eight.end = there ? eight.begin + width : 0;
    eight.first = eight.begin + 64 * block + 8 * l - behind;
    eight.kept = 0xff;
    if (active) {
      u32 words[4];
      dropper.words(maskRow, maskBlock, l, words);
      u32 drawn = 0;
#pragma unroll
      for (int j = 0; j < 4; j++) {
#pragma unroll
        for (int h = 0; h < 2; h++) drawn |= dropper.keeps(words, j, h) ? 1u << (2 * j + h) : 0u;
      }
      eight.kept = exchanged(drawn);
    }
    if (eight.first < eight.end && eight.first + 8 > eight.begin) body(eight, active ? dropper.scale : 1.f);
  }
}
