// Faults on purpose: each kernel is right with wrong = 0, and with wrong = 1 makes a mistake that the emulator must find.
#include "../../main/cuda/quintet.cuh"

// Two sums of a block by the same scratch memory. Wrong 1: nobody waits for the parts; wrong 2: the second sum's parts may be
// written while the first one's are read, which only a schedule shows that lets one warp run ahead.
KERNEL(128, planted_sums)(Global<const float> x, Global<float> y, i32 wrong) {
  Shared<float> part = shared<float>(0);
  float sums[2];
#pragma unroll
  for (int k = 0; k < 2; k++) {
    float v = warpSum(x.load(k * 128 + thread()));
    if (lane() == 0) part.set(warp(), v);
    if (wrong != 1) __syncthreads();
    sums[k] = part.get(0) + part.get(1) + part.get(2) + part.get(3);
    if (wrong != 2) __syncthreads();
  }
  y.store(thread(), sums[0]);
  y.store(128 + thread(), sums[1]);
}
REGISTER(planted_sums);

// A barrier that half of the warps do not reach.
KERNEL(128, planted_divergent)(Global<float> y, i32 wrong) {
  if (wrong == 0 || warp() < 2) {
    __syncthreads();
  } else {
    __syncwarp();
    y.store(128 + thread(), 0.f);
  }
  __syncthreads();
  y.store(thread(), 1.f);
}
REGISTER(planted_divergent);

// A shuffle among the lower lanes that asks an upper one.
KERNEL(32, planted_shuffle)(Global<float> y, i32 wrong) {
  float v = (float)lane();
  if (lane() < 16) v = __shfl_sync(0xffffu, v, wrong == 0 ? 15 - lane() : 16 + lane());
  y.store(lane(), v);
}
REGISTER(planted_shuffle);

// Copies in two stages. Wrong: the wait leaves the group that is needed.
KERNEL(32, planted_copies)(Global<const float> x, Global<float> y, i32 wrong) {
  Shared<float> stages = shared<float>(0);
  copyAsync(stages.address(lane() * 4), x, lane() * 4);
  commitCopies();
  copyAsync(stages.address(128 + lane() * 4), x, 128 + lane() * 4);
  commitCopies();
  if (wrong == 0) {
    waitCopies<1>();
  } else {
    waitCopies<2>();
  }
  __syncwarp();
  y.store(lane(), stages.get(31 - lane()));
  waitCopies<0>();
}
REGISTER(planted_copies);

// Wrong 1: one element too many of global memory; wrong 2: of shared memory; wrong 3: 16 bytes from an odd place;
// wrong 4: shared memory of the thread before, which it may not have written; wrong 5: the last element is not written.
KERNEL(64, planted_bounds)(Global<const float> x, Global<float> y, i32 count, i32 wrong) {
  Shared<float> s = shared<float>(0);
  int i = thread();
  if (wrong == 3 && i == 0) y.store(0, bitsToFloat(x.loadWide(1).word[0]));
  s.set(wrong == 2 ? i + 1 : i, x.load(wrong == 1 ? i + 1 : i));
  if (wrong != 4) __syncthreads();
  float v = s.get(wrong == 2 ? i + 1 : count - 1 - i);
  if (wrong != 5 || i < count - 1) y.store(i, v);
}
REGISTER(planted_bounds);

// What was written to is read, for memory that was released before, and for arguments in another order.
KERNEL(64, planted_copy)(Global<const float> x, Global<float> y, i64 count) {
  for (i64 i = thread(); i < count; i += 64) y.store(i, x.load(i));
}
REGISTER(planted_copy);
