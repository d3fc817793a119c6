// What the stand-in driver asks of the emulator.
#pragma once

#include "quintet.cuh"

#include <functional>
#include <string>

namespace emulator {

// The order in which a block's threads run. The greedy ones run one warp as far as it can go before the next.
enum Schedule { FORWARD, REVERSE, RANDOM, GREEDY, GREEDY_RANDOM };

// The device memory that there is.
struct Slabs {
  virtual const Slab* find(u64 address) = 0;
  // Words about the block that is nearest to an address.
  virtual std::string near(u64 address) = 0;
  virtual ~Slabs() = default;
};

struct Work {
  const Entry* entry;
  Index3 grid, block;
  u32 shared;
  void** parameters;
  Schedule schedule;
  u64 seed;
  Slabs* slabs;
};

struct Outcome {
  bool well;
  u64 loaded, stored;
};

// Runs a launch to its end.
Outcome run(const Work& work);

// What went wrong since this was last asked, a line each.
std::string takeMessages();
// The same, and they are not taken.
std::string messagesSoFar();
void complain(const std::string& message);

// For instructions of engines beside the threads: work that is done when no thread can move, and a counter of such events to wait for.
void later(std::function<void()> work);
u32* activity();
void await(const u32* counter, u32 seen, const char* where);

}  // namespace emulator
