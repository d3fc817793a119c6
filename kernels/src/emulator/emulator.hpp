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
  u32 cluster = 1;  // blocks that run together, of the grid's x
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

const u32 MOST_CLUSTER = 8;

// For instructions of engines beside the threads: work that is done, for the block that asked for it, when no thread can move, and a
// counter of such events to wait for, each block's own.
void later(std::function<void()> work);
u32* activity(Block* of);
void await(const u32* counter, u32 seen, const char* where);
// Waits for all threads of the cluster.
void clusterBarrier(int line);
// A block of the cluster, which must not have ended.
Block* peer(u32 rank);

}  // namespace emulator
