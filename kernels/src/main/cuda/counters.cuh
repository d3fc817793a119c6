// Counters in global memory by which blocks of one launch follow each other. Numbers that are added up in floats have no place
// here: blocks come in any order.
//
// Who waits must not keep those out for whom it waits. So a block takes a ticket when it begins, and waits only for blocks of
// smaller tickets: they run already, whatever the order in which a GPU begins blocks, and however few there is room for.
#pragma once
#include "quintet.cuh"

#ifdef __CUDACC__

// Adds 1 and returns what was there before.
BODY u32 take(Global<u32> counter, i64 i) {
  u32 before;
  asm volatile("atom.relaxed.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(__cvta_generic_to_global(counter.at + i)) : "memory");
  return before;
}
// The same; what the block wrote before its last barrier is seen by whoever sees the sum, and this thread sees what others wrote
// that have added to it before.
BODY u32 countUp(Global<u32> counter, i64 i) {
  u32 before;
  asm volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], 1;" : "=r"(before) : "l"(__cvta_generic_to_global(counter.at + i)) : "memory");
  return before;
}
// Waits until a counter has come so far. The thread sees what those wrote who counted up, and the block behind its next barrier.
BODY void awaitCount(Global<u32> counter, i64 i, u32 count) {
  u32 now;
  do {
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"(__cvta_generic_to_global(counter.at + i)) : "memory");
  } while (now < count);
}

#else
#include <sched.h>
#include <time.h>

// Counters are no traffic: how often one is looked at depends on time.
inline u32 countUp(Global<u32> counter, i64 i) {
  emulator::judgeRead((u64)(counter.at + i), 4);
  return __atomic_fetch_add(counter.at + i, 1, __ATOMIC_ACQ_REL);
}
inline u32 take(Global<u32> counter, i64 i) { return countUp(counter, i); }
inline void awaitCount(Global<u32> counter, i64 i, u32 count) {
  emulator::judgeRead((u64)(counter.at + i), 4);
  time_t end = time(nullptr) + 20;
  while (__atomic_load_n(counter.at + i, __ATOMIC_ACQUIRE) < count) {
    if (time(nullptr) > end) emulator::fail("waited 20 s for a counter, which is %u, to become %u", counter.at[i], count);
    sched_yield();
  }
}

#endif
