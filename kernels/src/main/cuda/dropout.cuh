// Which elements a dropout drops: core's DropoutMask, drawn again wherever it is needed.
#pragma once
#include "philox.cuh"

// A DropoutMask as the host hands it to a kernel, 64 bytes (CudaDropout writes it).
struct DropoutMask {
  u64 seed;
  i64 step;
  u64 site;
  i64 firstRow;
  Global<const u64> state;  // a RunState: seed, step and first row at words 0, 1 and 2; or none
  Global<const i32> places;  // row and position of each row here; or none
  u32 threshold;  // 16-bit words below it are dropped; 0 drops nothing
  float scale;  // of what is kept
  u64 unused;
};

DEVICE u64 mixStep(i64 step) {
  u64 z = (u64)step * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// A mask with the numbers that its state holds now.
struct Dropper {
  u64 seed;
  u64 stream;
  i64 firstRow;
  u32 threshold;
  float scale;

  // `extra` is added to the site.
  static DEVICE Dropper of(const DropoutMask& mask, u64 extra = 0) {
    Dropper d;
    d.threshold = mask.threshold;
    d.scale = mask.scale;
    d.firstRow = mask.firstRow;
    d.seed = mask.seed;
    i64 step = mask.step;
    if (mask.threshold > 0 && mask.state) {
      d.seed = mask.state.load(0);
      step = (i64)mask.state.load(1);
      d.firstRow += (i64)mask.state.load(2);
    }
    d.stream = (mask.site + extra) ^ mixStep(step);
    return d;
  }

  DEVICE bool active() const { return threshold > 0; }

  // The four words of Philox4x32-7 for counter i of a block of 64 elements; `row` is counted from the first one here.
  DEVICE void words(i64 row, i64 block, int i, u32 (&w)[4]) const {
    w[0] = (u32)(block * 8 + i);
    w[1] = (u32)(row + firstRow);
    w[2] = (u32)stream;
    w[3] = (u32)(stream >> 32);
    philox<7>(w, seed);
  }

  // Whether the element 16 j + 2 i + h of a block is kept, by the words of its counter i.
  DEVICE bool keeps(const u32 (&w)[4], int j, int h) const {
    u32 word = j >> 1 ? (h ? w[3] : w[2]) : (h ? w[1] : w[0]);  // no index that only the run knows: that is local memory
    return ((j & 1) ? word >> 16 : word & 0xffffu) >= threshold;
  }

  // The factor of one element: 0 or the scale. Draws a whole counter: kernels that take elements together use words.
  DEVICE float factor(i64 row, i64 element) const {
    if (!active()) return 1.f;
    u32 w[4];
    int e = (int)(element & 63);
    words(row, element >> 6, (e & 15) >> 1, w);
    return keeps(w, e >> 4, e & 1) ? scale : 0.f;
  }
};
