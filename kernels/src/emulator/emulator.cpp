// Runs blocks of fibers; see emulator.h.
#include "emulator.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace emulator {

constinit thread_local Block* block __attribute__((tls_model("initial-exec"))) = nullptr;
Entry* entries = nullptr;

namespace {

const u32 MOST_SHARED = 232448;
const size_t STACK = 128 * 1024, GUARD = 4096;

// An exchange of a warp for one mask.
struct Meeting {
  u32 mask;
  int lanes, arrived = 0;
  u32 generation = 0;
  const char* what = "";
  u32 words[2][32];
  u8 slot[2][32][64];

  explicit Meeting(u32 mask) : mask(mask), lanes(__builtin_popcount(mask)) {
    if (mask == ~0u) return;
    memset(words, 0, sizeof words);  // lanes that are not there leave nothing
    memset(slot, 0, sizeof slot);
  }
};

struct Barrier {
  int arrived = 0, expected = 0, line = 0;
  u32 generation = 0;
};

struct Copy {
  u32 to;
  const void* from;
  bool there;
};

}  // namespace

struct alignas(64) Fiber {
  void* stack = nullptr;  // its pointer while it does not run
  Block* of = nullptr;
  Index3 thread{};
  int linear = 0;
  const char* where = "";
  bool done = false;
  u8* memory = nullptr;
  std::vector<Copy> copies;
  std::vector<size_t> groups;
};

namespace {

struct Failure {};

struct Running;

// What a fiber waits for: it runs again once a counter is no longer what was seen. Apart from the fibers, since the scheduler asks
// all of them far more often than it finds one that can run.
struct Wait {
  const u32* counter;
  u32 seen;
};
const u32 STILL = 0;  // a counter that never changes
const Wait NOTHING = {&STILL, STILL + 1}, FOR_EVER = {&STILL, STILL};

// A fiber in its turn.
struct Turn {
  const Wait* wait;
  Fiber* fiber;
};

// Blocks that run together; one alone is a cluster too.
struct Cluster {
  std::vector<std::unique_ptr<Running>> blocks;
  u32 size = 1;
  Barrier barrier;
  const Turn *next = nullptr, *end = nullptr;  // whose turn it is
  bool moved = false;
  void* scheduler = nullptr;  // its stack while a fiber runs
  std::vector<std::pair<Running*, std::function<void()>>> engine;  // what the copy engines have not done yet, and for whom
};

struct Running : Block {
  const Work* work = nullptr;
  Cluster* cluster = nullptr;
  std::vector<Fiber> fibers;
  std::vector<Wait> waits;  // of each fiber
  std::vector<u32> ended;  // lanes of each warp
  std::vector<u8*> stacks;
  std::vector<std::vector<Meeting>> meetings;
  Barrier barriers[16];
  int live = 0;
  bool failed = false;
  u32 activity = 0;
  std::vector<u8> sharedMemory, sharedStates;
  Slabs* slabs = nullptr;

  Running() : sharedMemory(MOST_SHARED + 1024), sharedStates(MOST_SHARED) {
    shared = (u8*)(((u64)sharedMemory.data() + 1023) & ~1023ull);
    sharedState = sharedStates.data();
  }
};

Running& running() { return *static_cast<Running*>(block); }

extern "C" void quintet_switch(void** from, void* to);
#if defined(__x86_64__)
__asm__(R"(
.text
quintet_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
const int SAVED = 6;
#elif defined(__aarch64__)
__asm__(R"(
.text
quintet_switch:
  sub sp, sp, #160
  stp x19, x20, [sp]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x2, sp
  str x2, [x0]
  mov sp, x1
  ldp x19, x20, [sp]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
)");
#else
#error "the emulator switches fibers on x86-64 and aarch64"
#endif

// Makes the next fiber that can run the one that runs; null if it is nobody's turn.
Fiber* turn(Cluster& c) {
  while (c.next != c.end) {
    Turn t = *c.next++;
    if (*t.wait->counter == t.wait->seen) continue;
    Fiber& f = *t.fiber;
    block = f.of;
    block->fiber = &f;
    block->thread = f.thread;
    block->linear = f.linear;
    c.moved = true;
    if (c.next != c.end) {  // a block's stacks are more than the nearest cache holds
      auto* soon = (const char*)c.next->fiber->stack;
      for (int line = 0; line < 4; line++) __builtin_prefetch(soon + line * 64, 1);
      if (c.next + 1 != c.end) __builtin_prefetch(c.next[1].fiber, 1);
    }
    return &f;
  }
  return nullptr;
}

// Goes on with the next fiber at once: by way of the scheduler there would be twice as many switches.
void yield() {
  Running& r = running();
  Cluster& c = *r.cluster;
  Fiber* me = r.fiber;
  Fiber* f = r.failed ? nullptr : turn(c);
  quintet_switch(&me->stack, f == nullptr ? c.scheduler : f->stack);
}

// Gives each of these fibers that can run its turn, until one fails; whether there was any.
bool giveTurns(Cluster& c, const Turn* first, int count) {
  c.next = first;
  c.end = first + count;
  c.moved = false;
  if (Fiber* f = turn(c)) quintet_switch(&c.scheduler, f->stack);
  return c.moved;
}

void awaitChange(const u32* counter, u32 seen, const char* where) {
  Running& r = running();
  Wait& mine = r.waits[r.linear];
  mine = Wait{counter, seen};
  r.fiber->where = where;
  while (*counter == seen) yield();
  mine = NOTHING;
}

int liveOf(const Cluster& c) {
  int live = 0;
  for (u32 i = 0; i < c.size; i++) live += c.blocks[i]->live;
  return live;
}

void openBarrier(Barrier& all, int live) {
  if (live > 0 && all.arrived == live) {
    all.arrived = 0;
    all.generation++;
  }
}

void openBarriers(Running& r) {
  // threads that have ended take part in no barrier
  openBarrier(r.barriers[0], r.live);
  openBarrier(r.cluster->barrier, liveOf(*r.cluster));
}

void fiberMain() {
  Running& r = running();
  r.work->entry->call(r.work->entry->function, r.work->parameters);
  if (!r.fiber->copies.empty() && r.fiber->groups.size() > 0) {
    // copies that nobody waited for: harmless on a GPU, but a sign of a wrong count
    fail("a thread ends with copies that it never waited for");
  }
  r.fiber->done = true;
  r.waits[r.linear] = FOR_EVER;
  r.ended[r.linear >> 5] |= 1u << (r.linear & 31);
  r.live--;
  openBarriers(r);
  for (;;) yield();
}

// A stack for each thread of a block; they stay when a smaller block follows.
void stacksFor(std::vector<u8*>& stacks, size_t threads) {
  while (stacks.size() < threads) {
    u8* memory = (u8*)mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) abort();
    mprotect(memory, GUARD, PROT_NONE);
    stacks.push_back(memory);
  }
}

void prepare(Fiber& f) {
  // not all at the same place of their pages, which would share a few lines of the cache
  u64* sp = (u64*)(f.memory + STACK - 64 - f.linear % 61 * 192);
#if defined(__x86_64__)
  *--sp = 0;
  *--sp = (u64)&fiberMain;
  for (int i = 0; i < SAVED; i++) *--sp = 0;
#else
  sp -= 20;
  memset(sp, 0, 160);
  sp[11] = (u64)&fiberMain;
#endif
  f.stack = sp;
  f.done = false;
  f.where = "";
  f.copies.clear();
  f.groups.clear();
}

std::mutex messagesLock;
std::string messages;

void note(const std::string& message) {
  std::lock_guard<std::mutex> hold(messagesLock);
  if (messages.size() < 20000) messages += message + "\n";
  if (getenv("QUINTET_EMULATOR_QUIET") == nullptr) fprintf(stderr, "%s\n", message.c_str());
}

std::string place(Running& r) {
  char text[300];
  snprintf(text, sizeof text, "emulator: kernel %s, block (%u, %u, %u), thread %d: ", r.work->entry->name, r.id.x, r.id.y, r.id.z,
           r.fiber == nullptr ? -1 : r.fiber->linear);
  return text;
}

void deadlock(Cluster& c) {
  std::string text = place(*c.blocks[0]) + "no thread can go on:";
  for (u32 i = 0; i < c.size; i++) {
    Running& r = *c.blocks[i];
    int told = 0;
    for (Fiber& f : r.fibers) {
      if (!f.done && told++ < 4) {
        text += " thread " + std::to_string(f.linear) + (c.size > 1 ? " of block " + std::to_string(r.id.x) : "") + " at " + f.where + ";";
      }
    }
    r.fiber = nullptr;
    r.failed = true;
  }
  note(text);
}

void runCluster(Cluster& c, Schedule schedule, u32 seed) {
  int each = (int)c.blocks[0]->fibers.size(), n = each * (int)c.size, across = (each + 31) / 32;
  c.barrier = Barrier();
  c.engine.clear();
  for (u32 i = 0; i < c.size; i++) {
    Running& r = *c.blocks[i];
    r.live = each;
    r.failed = false;
    for (Fiber& f : r.fibers) prepare(f);
    r.waits.assign(each, NOTHING);
    r.ended.assign(across, 0);
  }
  auto failed = [&] {
    for (u32 i = 0; i < c.size; i++) {
      if (c.blocks[i]->failed) return true;
    }
    return false;
  };
  std::mt19937 random(seed);
  std::vector<Turn> order(n);
  for (int i = 0; i < n; i++) {
    int k = schedule == REVERSE ? n - 1 - i : i;
    Running& r = *c.blocks[k / each];
    order[i] = Turn{&r.waits[k % each], &r.fibers[k % each]};
  }
  std::vector<int> warps(across * c.size);
  int count = (int)warps.size();
  while (liveOf(c) > 0 && !failed()) {
    bool moved = false;
    if (schedule == GREEDY || schedule == GREEDY_RANDOM) {
      for (int i = 0; i < count; i++) warps[i] = schedule == GREEDY ? i : count - 1 - i;
      if (schedule == GREEDY_RANDOM) std::shuffle(warps.begin(), warps.end(), random);
      for (int w : warps) {
        int first = w % across * 32;
        const Turn* turns = &order[w / across * each + first];
        while (!c.blocks[w / across]->failed && giveTurns(c, turns, std::min(32, each - first))) moved = true;
      }
    } else {
      if (schedule == RANDOM) std::shuffle(order.begin(), order.end(), random);
      moved = giveTurns(c, order.data(), n);
    }
    if (failed() || moved) continue;
    if (!c.engine.empty()) {  // the copy engine delivers as late as it can
      size_t k = schedule == RANDOM || schedule == GREEDY_RANDOM ? random() % c.engine.size() : 0;
      auto deliver = std::move(c.engine[k]);
      c.engine.erase(c.engine.begin() + k);
      block = deliver.first;
      deliver.first->fiber = nullptr;
      try {
        deliver.second();
      } catch (const Failure&) {
      }
      deliver.first->activity++;
      continue;
    }
    deadlock(c);
  }
}

// The blocks of one launch, taken by the workers in order.
struct Workers {
  std::mutex lock;
  std::condition_variable begin, end;
  const Work* work = nullptr;
  std::atomic<u64> next{0}, loaded{0}, stored{0};
  std::atomic<bool> failed{false};
  u64 total = 0;
  int asked = 0, busy = 0;  // workers for this launch that have not begun, and that have not ended
  int count = 0;

  void serve() {
    auto* c = new Cluster();
    std::unique_lock<std::mutex> hold(lock);
    for (;;) {
      begin.wait(hold, [&] { return asked > 0; });
      asked--;
      hold.unlock();
      run(*c);
      hold.lock();
      if (--busy == 0) end.notify_all();
    }
  }

  void run(Cluster& c) {
    const Work& w = *work;
    c.size = w.cluster;
    bool ready = false;
    for (u64 i; (i = next++) < total && !failed;) {
      if (!ready) {
        while (c.blocks.size() < c.size) c.blocks.push_back(std::make_unique<Running>());
        for (u32 rank = 0; rank < c.size; rank++) prepareBlock(*c.blocks[rank], c, rank);
        ready = true;
      }
      for (u32 rank = 0; rank < c.size; rank++) {
        Running& r = *c.blocks[rank];
        u64 index = i * c.size + rank;
        r.id = Index3{(u32)(index % w.grid.x), (u32)(index / w.grid.x % w.grid.y), (u32)(index / w.grid.x / w.grid.y)};
        for (Barrier& b : r.barriers) b = Barrier();
        for (auto& m : r.meetings) m.clear();
        r.number++;
        r.sharedBytes = w.shared;
        memset(r.shared, 0xff, w.shared);  // NaN
        memset(r.sharedState, UNWRITTEN, w.shared);
      }
      runCluster(c, w.schedule, (u32)(w.seed + i));
      for (u32 rank = 0; rank < c.size; rank++) {
        if (c.blocks[rank]->failed) failed = true;
      }
    }
    for (u32 i = 0; ready && i < c.size; i++) {
      loaded += c.blocks[i]->loaded;
      stored += c.blocks[i]->stored;
    }
  }

  void prepareBlock(Running& r, Cluster& c, u32 rank) {
    const Work& w = *work;
    r.work = &w;
    r.cluster = &c;
    r.rank = rank;
    r.slabs = w.slabs;
    r.slab = Slab();
    r.dim = w.block;
    r.grid = w.grid;
    r.loaded = r.stored = 0;
    size_t n = (size_t)w.block.x * w.block.y * w.block.z;
    stacksFor(r.stacks, n);
    r.fibers.resize(n);
    r.meetings.resize((n + 31) / 32);
    for (size_t i = 0; i < n; i++) {
      r.fibers[i].memory = r.stacks[i];
      r.fibers[i].of = &r;
      r.fibers[i].linear = (int)i;
      r.fibers[i].thread = Index3{(u32)(i % w.block.x), (u32)(i / w.block.x % w.block.y), (u32)(i / w.block.x / w.block.y)};
    }
  }

  void start() {
    const char* wanted = getenv("QUINTET_EMULATOR_THREADS");
    count = wanted != nullptr ? atoi(wanted) : (int)std::thread::hardware_concurrency();
    count = std::max(1, std::min(count, 64));
    for (int i = 0; i < count; i++) std::thread([this] { serve(); }).detach();
  }
};

}  // namespace

void fail(const char* format, ...) {
  char text[800];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  Running& r = running();
  note(place(r) + text);
  r.failed = true;
  if (r.fiber == nullptr) throw Failure();  // the copy engine
  for (;;) yield();
}

static void find(Running& r, u64 at) {
  const Slab* found = r.slabs == nullptr ? nullptr : r.slabs->find(at);
  if (found != nullptr) r.slab = *found;
}

static void judge(u64 at, u32 bytes, bool write) {
  Running& r = running();
  const char* verb = write ? "writes" : "reads";
  if ((at & (bytes - 1)) != 0) fail("%s %u bytes at 0x%llx, which is not a multiple of that", verb, bytes, at);
  find(r, at);
  if (at - r.slab.base + bytes > r.slab.bytes) fail("%s %u bytes at 0x%llx, where there is no device memory", verb, bytes, at);
  const u8* s = r.slab.state + (at - r.slab.base);
  for (u32 i = 0; i < bytes; i++) {
    if (s[i] == NO_BLOCK) fail("%s %u bytes at 0x%llx, outside all blocks that are in use (%s)", verb, bytes, at, r.slabs->near(at).c_str());
  }
  if (write) {
    memset(r.slab.state + (at - r.slab.base), WRITTEN, bytes);
    return;
  }
  for (u32 i = 0; i < bytes; i++) {
    if (s[i] != WRITTEN) fail("reads %u bytes at 0x%llx, which nobody has written (%s)", bytes, at, r.slabs->near(at).c_str());
  }
}

void judgeRead(u64 at, u32 bytes) { judge(at, bytes, false); }
void judgeWrite(u64 at, u32 bytes) { judge(at, bytes, true); }

void judgeShared(u32 at, u32 bytes, bool write) {
  const char* verb = write ? "writes" : "reads";
  if ((at & (bytes - 1)) != 0) fail("%s %u bytes of shared memory at %u, which is not a multiple of that", verb, bytes, at);
  if ((u64)at + bytes > block->sharedBytes) fail("%s %u bytes at %u of %u bytes of shared memory", verb, bytes, at, block->sharedBytes);
  if (!write) fail("reads %u bytes of shared memory at %u, which this block has not written", bytes, at);
}

// This lane leaves something with `leave`, which is told where, and goes on when all have; the others' lies in the same half.
template <class Leave> static inline std::pair<Meeting*, u32> meet(u32 mask, const char* what, Leave leave) {
  Running& r = running();
  int lane = r.linear & 31, first = r.linear & ~31;
  int have = std::min(32, (int)r.fibers.size() - first);
  u32 full = have == 32 ? ~0u : (1u << have) - 1;
  mask &= full;
  if (!((mask >> lane) & 1)) fail("%s by lane %d, which is not in its mask %08x", what, lane, mask);
  if (u32 gone = mask & r.ended[first >> 5]) fail("%s waits for lane %d, which has ended", what, __builtin_ctz(gone));
  auto& list = r.meetings[first >> 5];
  Meeting* m = nullptr;
  for (Meeting& x : list) {
    if (x.mask == mask) {
      m = &x;
      break;
    }
  }
  if (m == nullptr) {
    if (list.capacity() < 33) list.reserve(33);
    if (list.size() >= 32) fail("%s: a warp has exchanged by more than 32 masks", what);
    m = &list.emplace_back(mask);
  }
  if (m->arrived > 0 && m->what != what && strcmp(m->what, what) != 0) fail("%s by lane %d, while others of its warp are at %s", what, lane, m->what);
  m->what = what;
  u32 g = m->generation;
  leave(*m, g & 1, lane);
  if (++m->arrived == m->lanes) {
    m->arrived = 0;
    m->generation++;
  } else {
    awaitChange(&m->generation, g, what);
  }
  return {m, g & 1};
}

const u8 (*exchange(u32 mask, const void* value, u32 bytes, const char* what))[64] {
  auto [m, half] = meet(mask, what, [&](Meeting& m, u32 half, int lane) { memcpy(m.slot[half][lane], value, bytes); });
  return m->slot[half];
}

const u32* exchangeWord(u32 mask, u32 value, const char* what) {
  auto [m, half] = meet(mask, what, [&](Meeting& m, u32 half, int lane) { m.words[half][lane] = value; });
  return m->words[half];
}

void barrier(int id, int threads, int line) {
  Running& r = running();
  if (id < 0 || id > 15) fail("barrier %d: they are numbered from 0 to 15", id);
  Barrier& b = r.barriers[id];
  int expected = threads == 0 ? r.live : threads;
  if (threads % 32 != 0) fail("barrier %d of %d threads, which are not whole warps", id, threads);
  if (b.arrived > 0 && (b.line != line || (threads != 0 && b.expected != threads))) {
    fail("barrier %d in line %d, while other threads wait in line %d", id, line, b.line);
  }
  b.line = line;
  b.expected = threads;
  u32 g = b.generation;
  if (++b.arrived == expected) {
    b.arrived = 0;
    b.generation++;
  } else {
    awaitChange(&b.generation, g, id == 0 ? "__syncthreads" : "namedBarrier");
  }
}

void copyLater(u32 to, const void* from, bool there) {
  Running& r = running();
  if ((to & 15) != 0) fail("copyAsync to shared memory at %u, which is not a multiple of 16", to);
  if ((u64)to + 16 > r.sharedBytes) fail("copyAsync to %u of %u bytes of shared memory", to, r.sharedBytes);
  if (there) reading(from, 16);
  memset(r.shared + to, 0xff, 16);  // until it has arrived
  memset(r.sharedState + to, UNWRITTEN, 16);
  r.fiber->copies.push_back(Copy{to, from, there});
}

void commitLater() {
  Fiber& f = *running().fiber;
  size_t before = 0;
  for (size_t g : f.groups) before += g;
  f.groups.push_back(f.copies.size() - before);
}

void waitLater(int leave) {
  Running& r = running();
  Fiber& f = *r.fiber;
  while (f.groups.size() > (size_t)leave) {
    for (size_t i = 0; i < f.groups[0]; i++) {
      const Copy& c = f.copies[i];
      if (c.there) {
        memcpy(r.shared + c.to, c.from, 16);
      } else {
        memset(r.shared + c.to, 0, 16);
      }
      memset(r.sharedState + c.to, WRITTEN, 16);
    }
    f.copies.erase(f.copies.begin(), f.copies.begin() + f.groups[0]);
    f.groups.erase(f.groups.begin());
  }
}

void later(std::function<void()> work) { running().cluster->engine.emplace_back(&running(), std::move(work)); }
u32* activity(Block* of) { return &static_cast<Running*>(of)->activity; }
void await(const u32* counter, u32 seen, const char* where) { awaitChange(counter, seen, where); }

Block* peer(u32 rank) {
  Cluster& c = *running().cluster;
  if (rank >= c.size) fail("block %u of a cluster of %u", rank, c.size);
  if (c.blocks[rank]->live == 0) fail("block %u of the cluster has ended, and is still reached for", rank);
  return c.blocks[rank].get();
}

void clusterBarrier(int line) {
  Cluster& c = *running().cluster;
  Barrier& b = c.barrier;
  if (b.arrived > 0 && b.line != line) fail("the cluster's barrier in line %d, while other threads wait in line %d", line, b.line);
  b.line = line;
  u32 g = b.generation;
  b.arrived++;
  openBarrier(b, liveOf(c));
  if (b.generation == g) awaitChange(&b.generation, g, "clusterBarrier");
}

Outcome run(const Work& work) {
  static auto* workers = new Workers();  // threads that serve until the process ends
  static std::mutex one;
  std::lock_guard<std::mutex> alone(one);
  if (workers->count == 0) workers->start();
  std::unique_lock<std::mutex> hold(workers->lock);
  workers->work = &work;
  workers->next = 0;
  workers->loaded = workers->stored = 0;
  workers->failed = false;
  workers->total = (u64)work.grid.x * work.grid.y * work.grid.z / work.cluster;
  workers->asked = workers->busy = (int)std::min<u64>(workers->count, workers->total);
  for (int i = workers->asked; i > 0; i--) workers->begin.notify_one();
  workers->end.wait(hold, [&] { return workers->busy == 0; });
  return Outcome{!workers->failed, workers->loaded, workers->stored};
}

std::string messagesSoFar() {
  std::lock_guard<std::mutex> hold(messagesLock);
  return messages;
}

std::string takeMessages() {
  std::lock_guard<std::mutex> hold(messagesLock);
  std::string all = std::move(messages);
  messages.clear();
  return all;
}

void complain(const std::string& message) { note(message); }

}  // namespace emulator

static void matrices(u32 (&r)[4], u32 row, bool turned) {
  if ((row & 15) != 0) emulator::fail("ldmatrix at %u, which is not a multiple of 16", row);
  emulator::readingShared(row, 16);
  auto all = emulator::exchange(0xffffffffu, &row, sizeof row, turned ? "ldmatrix.trans" : "ldmatrix");
  int lane = emulator::block->linear & 31;
  for (int m = 0; m < 4; m++) {
    u16 v[2];
    for (int j = 0; j < 2; j++) {
      int y = lane / 4, x = lane % 4 * 2 + j;
      if (turned) std::swap(x, y);
      u32 at;
      memcpy(&at, all[m * 8 + y], 4);
      memcpy(&v[j], emulator::block->shared + at + x * 2, 2);
    }
    r[m] = v[0] | (u32)v[1] << 16;
  }
}
void loadMatrices(u32 (&r)[4], u32 row) { matrices(r, row, false); }
void loadMatricesTurned(u32 (&r)[4], u32 row) { matrices(r, row, true); }

static float half(u32 pair, int upper) { return bitsToFloat(upper ? pair & 0xffff0000u : pair << 16); }

void multiplyAdd(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  struct Operands {
    u32 a[4], b[2];
  } mine = {{a[0], a[1], a[2], a[3]}, {b0, b1}};
  auto all = emulator::exchange(0xffffffffu, &mine, sizeof mine, "mma");
  int lane = emulator::block->linear & 31, g = lane >> 2, t = lane & 3;
  for (int i = 0; i < 2; i++) {
    float row[16];  // of a: lane row % 8 * 4 + k % 8 / 2, register (row >= 8) + 2 (k >= 8)
    for (int q = 0; q < 4; q++) {
      Operands x;
      memcpy(&x, all[g * 4 + q], sizeof x);
      for (int h = 0; h < 2; h++) {
        row[q * 2 + h] = half(x.a[i], h);
        row[8 + q * 2 + h] = half(x.a[i + 2], h);
      }
    }
    for (int j = 0; j < 2; j++) {
      float sum = d[i * 2 + j];
      for (int q = 0; q < 4; q++) {  // of b: lane column * 4 + k % 8 / 2, register k >= 8
        Operands y;
        memcpy(&y, all[(t * 2 + j) * 4 + q], sizeof y);
        for (int h = 0; h < 2; h++) sum += row[q * 2 + h] * half(y.b[0], h) + row[8 + q * 2 + h] * half(y.b[1], h);
      }
      d[i * 2 + j] = sum;
    }
  }
}
