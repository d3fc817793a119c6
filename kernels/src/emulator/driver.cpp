// A stand-in for libcuda.so.1: the driver's calls that Quintet uses, with device memory in the host's and kernels run by the emulator.
//
// It is stricter than a driver. Fresh memory is NaN; every pointer argument of a launch must point into memory that is in use; the
// number of arguments must be right (Quintet's launches end them with a null); shared memory beyond 48 KB must have been asked
// for. It counts what it is asked, and can fail any call. What it computes is done at once, or with QUINTET_STAND_IN_LATE=1 only
// when somebody waits, in the order of the calls; with QUINTET_STAND_IN_DRY=1 never: what is read is 0 then.
#include "emulator.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

typedef int CUresult;
typedef u64 CUdeviceptr;

enum : CUresult {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  INVALID_CONTEXT = 201,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
  INVALID_CLUSTER_SIZE = 912,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901
};

namespace {

const u64 PAGE = 2 << 20;

u64 setting(const char* name, u64 otherwise) {
  const char* text = getenv(name);
  return text == nullptr || *text == 0 ? otherwise : strtoull(text, nullptr, 10);
}

u8* reserve(u64 bytes, int protection) {
  void* p = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : (u8*)p;
}

struct Memory : emulator::Slabs {
  struct Taken {
    u64 bytes;
  };
  std::map<u64, emulator::Slab> slabs;  // by base
  std::map<u64, Taken> blocks;  // that the pool above has told of
  std::map<u64, u64> gone;  // and those that it took back last
  u64 used = 0;

  const emulator::Slab* find(u64 address) override {
    auto i = slabs.upper_bound(address);
    if (i == slabs.begin()) return nullptr;
    --i;
    return address - i->first < i->second.bytes ? &i->second : nullptr;
  }

  std::string near(u64 address) override {
    char text[200];
    auto i = blocks.upper_bound(address);
    if (i != blocks.begin()) {
      --i;
      if (address - i->first < i->second.bytes + 4096) {
        snprintf(text, sizeof text, "byte %llu of a block of %llu", address - i->first, i->second.bytes);
        return text;
      }
    }
    auto g = gone.upper_bound(address);
    if (g != gone.begin()) {
      --g;
      if (address - g->first < g->second) {
        snprintf(text, sizeof text, "byte %llu of a block of %llu that was released", address - g->first, g->second);
        return text;
      }
    }
    return "no block is near";
  }

  void add(u64 base, u64 bytes, u8 state) {
    u8* states = reserve(bytes, PROT_READ | PROT_WRITE);
    if (state != emulator::NO_BLOCK) memset(states, state, bytes);
    slabs[base] = emulator::Slab{base, bytes, states};
  }

  void remove(u64 base) {
    auto i = slabs.find(base);
    munmap(i->second.state, i->second.bytes);
    slabs.erase(i);
  }

  // The states of a range, or null where it is not all in blocks.
  u8* states(u64 at, u64 bytes) {
    const emulator::Slab* s = find(at);
    if (s == nullptr || at - s->base + bytes > s->bytes) return nullptr;
    u8* states = s->state + (at - s->base);
    for (u64 i = 0; i < bytes; i++) {
      if (states[i] == emulator::NO_BLOCK) return nullptr;
    }
    return states;
  }
};

struct KernelCounts {
  u64 launches = 0, loaded = 0, stored = 0;
};

struct Command {
  std::function<CUresult()> run;
};

struct Graph {
  std::vector<Command> nodes;
};

struct Stream {
  std::unique_ptr<Graph> capturing;
  bool invalid = false;
};

struct Event {
  bool done = true;
  double at = 0;
};

struct Function {
  const emulator::Entry* entry;
  u32 shared = 49152;
};

struct Driver {
  std::recursive_mutex lock;
  Memory memory;
  Stream first;
  Stream* capturing = nullptr;  // one at a time
  std::deque<Command> pending;
  std::map<std::string, Function> functions;
  std::map<std::string, KernelCounts> counts;
  std::map<u64, u64> handles;  // of physical memory: bytes
  std::map<u64, u64> mapped;
  u64 nextHandle = 1;
  CUresult broken = SUCCESS;  // an error of a kernel, which every later call reports
  emulator::Schedule schedule = emulator::FORWARD;
  bool late = false;
  bool dry = false;  // computes nothing, and holds no memory: for walks at real sizes
  u64 commands = 0, waits = 0, uploads = 0, readBack = 0, graphLaunches = 0, allocations = 0;
  std::string failing;
  int failIn = 0;
  CUresult failWith = SUCCESS;
  std::string answer;

  Driver() {
    late = setting("QUINTET_STAND_IN_LATE", 0) != 0;
    dry = setting("QUINTET_STAND_IN_DRY", 0) != 0;
    const char* names[] = {"forward", "reverse", "random", "greedy", "greedy-random"};
    const char* wanted = getenv("QUINTET_EMULATOR_SCHEDULE");
    for (int i = 0; wanted != nullptr && i < 5; i++) {
      if (std::string(wanted) == names[i]) schedule = (emulator::Schedule)i;
    }
    // which call is to fail, which one of them, and how: cuLaunchKernel:12:719
    const char* fail = getenv("QUINTET_STAND_IN_FAIL");
    char name[64];
    if (fail != nullptr && sscanf(fail, "%63[^:]:%d:%d", name, &failIn, &failWith) == 3) failing = name;
  }
};

Driver& driver() {
  static auto* d = new Driver();
  return *d;
}

// Every call begins so: one that is to fail fails, and after a kernel's error all do.
CUresult enter(const char* call, bool evenBroken = false) {
  Driver& d = driver();
  if (d.failIn > 0 && d.failing == call && --d.failIn == 0) return d.failWith;
  return evenBroken ? SUCCESS : d.broken;
}

#define ENTER(call)                                                 \
  Driver& d = driver();                                             \
  std::lock_guard<std::recursive_mutex> hold(d.lock);               \
  if (CUresult failed = enter(#call); failed != SUCCESS) return failed;

Stream& of(void* stream) { return stream == nullptr ? driver().first : *(Stream*)stream; }

CUresult now(const Command& command) {
  Driver& d = driver();
  CUresult result = d.broken != SUCCESS ? d.broken : command.run();
  if (result != SUCCESS && d.broken == SUCCESS) d.broken = result;
  return SUCCESS;  // what a kernel does wrong is found at the next wait
}

CUresult call(void* stream, std::function<CUresult()> work) {
  Driver& d = driver();
  Stream& s = of(stream);
  if (s.capturing != nullptr) {
    s.capturing->nodes.push_back(Command{std::move(work)});
    return SUCCESS;
  }
  d.commands++;
  if (d.late) {
    d.pending.push_back(Command{std::move(work)});
    return SUCCESS;
  }
  return now(Command{std::move(work)});
}

CUresult finish() {
  Driver& d = driver();
  while (!d.pending.empty()) {
    Command c = std::move(d.pending.front());
    d.pending.pop_front();
    now(c);
  }
  return d.broken;
}

// A wait of the host, which a capture does not survive.
CUresult await(void* stream) {
  Driver& d = driver();
  Stream& s = of(stream);
  if (s.capturing != nullptr) {
    s.invalid = true;
    return CAPTURE_UNSUPPORTED;
  }
  d.waits++;
  return finish();
}

CUresult wrong(const char* format, u64 x, u64 y) {
  char text[300];
  snprintf(text, sizeof text, format, x, y);
  emulator::complain(std::string("stand-in: ") + text);
  return ILLEGAL_ADDRESS;
}

CUresult toDevice(u64 to, const void* from, u64 bytes) {
  if (bytes == 0 || driver().dry) return SUCCESS;
  u8* states = driver().memory.states(to, bytes);
  if (states == nullptr) return wrong("a copy of %llu bytes to 0x%llx leaves the blocks that are in use", bytes, to);
  memcpy((void*)to, from, bytes);
  memset(states, emulator::WRITTEN, bytes);
  return SUCCESS;
}

CUresult toHost(void* to, u64 from, u64 bytes) {
  if (driver().dry) memset(to, 0, bytes);
  if (bytes == 0 || driver().dry) return SUCCESS;
  const u8* states = driver().memory.states(from, bytes);
  if (states == nullptr) return wrong("a copy of %llu bytes from 0x%llx leaves the blocks that are in use", bytes, from);
  for (u64 i = 0; i < bytes; i++) {
    if (states[i] != emulator::WRITTEN) return wrong("the host reads byte %llu of what is at 0x%llx, which nobody has written", i, from);
  }
  memcpy(to, (void*)from, bytes);
  return SUCCESS;
}

CUresult within(u64 to, u64 from, u64 bytes) {
  if (bytes == 0 || driver().dry) return SUCCESS;
  u8* source = driver().memory.states(from, bytes);
  u8* target = driver().memory.states(to, bytes);
  if (source == nullptr || target == nullptr) return wrong("a copy from 0x%llx to 0x%llx leaves the blocks that are in use", from, to);
  memmove((void*)to, (void*)from, bytes);
  memmove(target, source, bytes);
  return SUCCESS;
}

CUresult set(u64 to, u32 value, u32 width, u64 count) {
  if (count == 0 || driver().dry) return SUCCESS;
  u8* states = driver().memory.states(to, count * width);
  if (states == nullptr) return wrong("a fill of %llu elements at 0x%llx leaves the blocks that are in use", count, to);
  for (u64 i = 0; i < count; i++) memcpy((void*)(to + i * width), &value, width);
  memset(states, emulator::WRITTEN, count * width);
  return SUCCESS;
}

struct Launch {
  const emulator::Entry* entry;
  Index3 grid, block;
  u32 shared, cluster;
  std::vector<u8> values;  // the arguments, copied when the call is made
  std::vector<size_t> offsets;

  CUresult run() const {
    Driver& d = driver();
    if (d.dry) {
      d.counts[entry->name].launches++;
      return SUCCESS;
    }
    std::vector<void*> pointers;
    for (size_t o : offsets) pointers.push_back((void*)(values.data() + o));
    for (int i = 0; i < entry->parameters; i++) {
      if (!entry->parameter[i].address) continue;
      u64 at;
      memcpy(&at, pointers[i], 8);
      const emulator::Slab* s = at == 0 ? nullptr : d.memory.find(at);
      bool fine = at == 0 || d.memory.blocks.count(at) > 0 || (s != nullptr && (s->state[at - s->base] != emulator::NO_BLOCK || (at > s->base && s->state[at - 1 - s->base] != emulator::NO_BLOCK)));
      if (!fine) {
        char text[300];
        snprintf(text, sizeof text, "stand-in: kernel %s, argument %d: 0x%llx is no address in a block that is in use (%s)", entry->name, i, at,
                 d.memory.near(at).c_str());
        emulator::complain(text);
        return ILLEGAL_ADDRESS;
      }
    }
    emulator::Work work{entry, grid, block, shared, pointers.data(), d.schedule, 1, &d.memory, cluster};
    emulator::Outcome outcome = emulator::run(work);
    KernelCounts& c = d.counts[entry->name];
    c.launches++;
    c.loaded += outcome.loaded;
    c.stored += outcome.stored;
    return outcome.well ? SUCCESS : LAUNCH_FAILED;
  }
};

CUresult launch(void* f, const u32 (&g)[3], const u32 (&b)[3], u32 shared, u32 cluster, void* stream, void** parameters) {
  if (f == nullptr || parameters == nullptr) return INVALID_VALUE;
  auto* function = (Function*)f;
  const emulator::Entry* e = function->entry;
  u64 threads = (u64)b[0] * b[1] * b[2];
  if (g[0] == 0 || g[1] == 0 || g[2] == 0 || g[0] > 0x7fffffffu || g[1] > 65535 || g[2] > 65535 || threads == 0 || threads > 1024) return INVALID_VALUE;
  if (shared > function->shared) return INVALID_VALUE;
  if (cluster == 0 || cluster > emulator::MOST_CLUSTER || g[0] % cluster != 0) return INVALID_CLUSTER_SIZE;
  auto work = std::make_shared<Launch>();
  work->entry = e;
  work->grid = Index3{g[0], g[1], g[2]};
  work->block = Index3{b[0], b[1], b[2]};
  work->shared = shared;
  work->cluster = cluster;
  for (int i = 0; i <= e->parameters; i++) {
    if ((parameters[i] == nullptr) != (i == e->parameters)) {
      emulator::complain("stand-in: kernel " + std::string(e->name) + " takes " + std::to_string(e->parameters) + " arguments, and not " +
                         (i == e->parameters ? "more" : std::to_string(i)));
      return INVALID_VALUE;
    }
    if (i == e->parameters) break;
    work->values.resize((work->values.size() + 63) & ~63ull);
    work->offsets.push_back(work->values.size());
    auto* from = (const u8*)parameters[i];
    work->values.insert(work->values.end(), from, from + e->parameter[i].bytes);
  }
  return call(stream, [work] { return work->run(); });
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned) {
  ENTER(cuInit);
  (void)d;
  return SUCCESS;
}
CUresult cuDriverGetVersion(int* version) {
  ENTER(cuDriverGetVersion);
  (void)d;
  *version = 13000;
  return SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  ENTER(cuDeviceGetCount);
  (void)d;
  *count = (int)setting("QUINTET_STAND_IN_DEVICES", 1);
  return SUCCESS;
}
CUresult cuDeviceGet(int* device, int ordinal) {
  ENTER(cuDeviceGet);
  (void)d;
  *device = ordinal;
  return SUCCESS;
}
CUresult cuDeviceGetName(char* name, int length, int) {
  ENTER(cuDeviceGetName);
  (void)d;
  snprintf(name, length, "stand-in");
  return SUCCESS;
}
CUresult cuDeviceTotalMem_v2(size_t* bytes, int) {
  ENTER(cuDeviceTotalMem);
  (void)d;
  *bytes = setting("QUINTET_STAND_IN_MEMORY", 4ull << 30);
  return SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER(cuDeviceGetAttribute);
  (void)d;
  u64 capability = setting("QUINTET_STAND_IN_CAPABILITY", 90);
  switch (attribute) {
    case 1: *value = 1024; break;  // threads a block
    case 8: *value = 49152; break;  // shared memory a block
    case 10: *value = 32; break;  // warp
    case 13: *value = 1980000; break;  // clock, kHz
    case 16: *value = (int)setting("QUINTET_STAND_IN_PROCESSORS", 8); break;
    case 36: *value = 3200000; break;  // memory clock, kHz
    case 37: *value = 6144; break;  // bits of its bus
    case 38: *value = 60 << 20; break;  // L2
    case 75: *value = (int)capability / 10; break;
    case 76: *value = (int)capability % 10; break;
    case 81: *value = 233472; break;  // shared memory a multiprocessor
    case 97: *value = capability == 86 || capability == 89 || capability == 120 ? 101376 : capability < 90 ? 166912 : 232448; break;  // by opting in
    case 102: *value = 1; break;  // virtual memory
    default: *value = 0;
  }
  return SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(void** context, int) {
  ENTER(cuDevicePrimaryCtxRetain);
  (void)d;
  *context = (void*)1;
  return SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
CUresult cuCtxSetCurrent(void*) {
  ENTER(cuCtxSetCurrent);
  (void)d;
  return SUCCESS;
}
CUresult cuCtxGetCurrent(void** context) {
  *context = (void*)1;
  return SUCCESS;
}
CUresult cuCtxSynchronize() {
  ENTER(cuCtxSynchronize);
  (void)d;
  return await(nullptr);
}
CUresult cuGetErrorName(CUresult code, const char** name) {
  switch (code) {
    case SUCCESS: *name = "CUDA_SUCCESS"; break;
    case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; break;
    case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case NOT_FOUND: *name = "CUDA_ERROR_NOT_FOUND"; break;
    case NOT_READY: *name = "CUDA_ERROR_NOT_READY"; break;
    case ILLEGAL_ADDRESS: *name = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
    case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; break;
    case CAPTURE_UNSUPPORTED: *name = "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"; break;
    case CAPTURE_INVALIDATED: *name = "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"; break;
    default: *name = "CUDA_ERROR_UNKNOWN";
  }
  return SUCCESS;
}
CUresult cuGetErrorString(CUresult code, const char** text) { return cuGetErrorName(code, text); }

// ---- memory

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER(cuMemGetInfo);
  *total = setting("QUINTET_STAND_IN_MEMORY", 4ull << 30);
  *free = *total - std::min<u64>(*total, d.memory.used);
  return SUCCESS;
}
CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  ENTER(cuMemAlloc);
  if (bytes == 0) return INVALID_VALUE;
  u64 whole = (bytes + PAGE - 1) / PAGE * PAGE;
  if (d.memory.used + whole > setting("QUINTET_STAND_IN_MEMORY", 4ull << 30)) return OUT_OF_MEMORY;
  u8* p = reserve(whole, PROT_READ | PROT_WRITE);
  if (p == nullptr) return OUT_OF_MEMORY;
  memset(p, 0xff, bytes);
  d.memory.add((u64)p, bytes, emulator::UNWRITTEN);
  d.memory.used += whole;
  d.allocations++;
  *address = (u64)p;
  return SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr address) {
  ENTER(cuMemFree);
  finish();
  auto i = d.memory.slabs.find(address);
  if (i == d.memory.slabs.end()) return INVALID_VALUE;
  u64 whole = (i->second.bytes + PAGE - 1) / PAGE * PAGE;
  d.memory.remove(address);
  munmap((void*)address, whole);
  d.memory.used -= whole;
  return SUCCESS;
}
CUresult cuMemAddressReserve(CUdeviceptr* address, size_t bytes, size_t, CUdeviceptr, u64) {
  ENTER(cuMemAddressReserve);
  if (bytes % PAGE != 0) return INVALID_VALUE;
  u8* p = reserve(bytes + PAGE, PROT_NONE);
  if (p == nullptr) return OUT_OF_MEMORY;
  u64 at = ((u64)p + PAGE - 1) / PAGE * PAGE;
  d.memory.add(at, bytes, emulator::NO_BLOCK);
  *address = at;
  return SUCCESS;
}
CUresult cuMemAddressFree(CUdeviceptr address, size_t bytes) {
  ENTER(cuMemAddressFree);
  if (d.memory.slabs.count(address) == 0) return INVALID_VALUE;
  d.memory.remove(address);
  munmap((void*)address, bytes);
  return SUCCESS;
}
CUresult cuMemGetAllocationGranularity(size_t* bytes, const void*, int) {
  ENTER(cuMemGetAllocationGranularity);
  (void)d;
  *bytes = PAGE;
  return SUCCESS;
}
CUresult cuMemCreate(u64* handle, size_t bytes, const void*, u64) {
  ENTER(cuMemCreate);
  if (bytes % PAGE != 0 || bytes == 0) return INVALID_VALUE;
  if (d.memory.used + bytes > setting("QUINTET_STAND_IN_MEMORY", 4ull << 30)) return OUT_OF_MEMORY;
  d.memory.used += bytes;
  d.allocations++;
  d.handles[d.nextHandle] = bytes;
  *handle = d.nextHandle++;
  return SUCCESS;
}
CUresult cuMemRelease(u64 handle) {
  ENTER(cuMemRelease);
  auto i = d.handles.find(handle);
  if (i == d.handles.end()) return INVALID_VALUE;
  bool inUse = std::any_of(d.mapped.begin(), d.mapped.end(), [&](auto& m) { return m.second == handle; });
  if (!inUse) d.memory.used -= i->second, d.handles.erase(i);
  return SUCCESS;
}
CUresult cuMemMap(CUdeviceptr address, size_t bytes, size_t, u64 handle, u64) {
  ENTER(cuMemMap);
  if (d.handles.count(handle) == 0 || d.memory.find(address) == nullptr) return INVALID_VALUE;
  (void)bytes;
  d.mapped[address] = handle;
  return SUCCESS;
}
CUresult cuMemSetAccess(CUdeviceptr address, size_t bytes, const void*, size_t) {
  ENTER(cuMemSetAccess);
  const emulator::Slab* s = d.memory.find(address);
  if (s == nullptr || mprotect((void*)address, bytes, PROT_READ | PROT_WRITE) != 0) return INVALID_VALUE;
  if (d.dry) return SUCCESS;
  memset((void*)address, 0xff, bytes);
  memset(s->state + (address - s->base), emulator::UNWRITTEN, bytes);
  return SUCCESS;
}
CUresult cuMemUnmap(CUdeviceptr address, size_t bytes) {
  ENTER(cuMemUnmap);
  finish();
  auto i = d.mapped.find(address);
  const emulator::Slab* s = d.memory.find(address);
  if (i == d.mapped.end() || s == nullptr) return INVALID_VALUE;
  madvise((void*)address, bytes, MADV_DONTNEED);
  mprotect((void*)address, bytes, PROT_NONE);
  memset(s->state + (address - s->base), emulator::NO_BLOCK, bytes);
  auto h = d.handles.find(i->second);
  if (h != d.handles.end()) d.memory.used -= h->second, d.handles.erase(h);
  d.mapped.erase(i);
  return SUCCESS;
}
// Pinned memory of the host, which kernels may touch too.
CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  ENTER(cuMemHostAlloc);
  if (bytes == 0) return INVALID_VALUE;
  *address = aligned_alloc(4096, (bytes + 4095) & ~4095ull);
  if (*address == nullptr) return OUT_OF_MEMORY;
  d.memory.add((u64)*address, bytes, emulator::WRITTEN);
  return SUCCESS;
}
CUresult cuMemAllocHost_v2(void** address, size_t bytes) { return cuMemHostAlloc(address, bytes, 0); }
CUresult cuMemFreeHost(void* address) {
  ENTER(cuMemFreeHost);
  finish();
  if (d.memory.slabs.count((u64)address) == 0) return INVALID_VALUE;
  d.memory.remove((u64)address);
  free(address);
  return SUCCESS;
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
  ENTER(cuMemcpyHtoDAsync);
  d.uploads++;
  return call(stream, [=] { return toDevice(to, from, bytes); });
}
CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  ENTER(cuMemcpyHtoD);
  d.uploads++;
  d.waits++;
  call(nullptr, [=] { return toDevice(to, from, bytes); });
  return finish();
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
  ENTER(cuMemcpyDtoHAsync);
  d.readBack += bytes;
  return call(stream, [=] { return toHost(to, from, bytes); });
}
CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  ENTER(cuMemcpyDtoH);
  d.readBack += bytes;
  d.waits++;
  call(nullptr, [=] { return toHost(to, from, bytes); });
  return finish();
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void* stream) {
  ENTER(cuMemcpyDtoDAsync);
  (void)d;
  return call(stream, [=] { return within(to, from, bytes); });
}
CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) { return cuMemcpyDtoDAsync_v2(to, from, bytes, nullptr); }
CUresult cuMemsetD8Async(CUdeviceptr to, u8 value, size_t count, void* stream) {
  ENTER(cuMemsetD8Async);
  (void)d;
  return call(stream, [=] { return set(to, value, 1, count); });
}
CUresult cuMemsetD32Async(CUdeviceptr to, u32 value, size_t count, void* stream) {
  ENTER(cuMemsetD32Async);
  (void)d;
  return call(stream, [=] { return set(to, value, 4, count); });
}
CUresult cuMemsetD8_v2(CUdeviceptr to, u8 value, size_t count) { return cuMemsetD8Async(to, value, count, nullptr); }
CUresult cuMemsetD32_v2(CUdeviceptr to, u32 value, size_t count) { return cuMemsetD32Async(to, value, count, nullptr); }

// ---- modules and launches

CUresult cuModuleLoadData(void** module, const void* image) {
  ENTER(cuModuleLoadData);
  (void)d;
  if (image == nullptr) return INVALID_VALUE;
  *module = (void*)1;
  return SUCCESS;
}
CUresult cuModuleLoadDataEx(void** module, const void* image, unsigned, void*, void**) {
  ENTER(cuModuleLoadDataEx);
  (void)d;
  if (image == nullptr) return INVALID_VALUE;
  *module = (void*)1;
  return SUCCESS;
}
CUresult cuModuleUnload(void*) { return SUCCESS; }
CUresult cuModuleGetFunction(void** function, void*, const char* name) {
  ENTER(cuModuleGetFunction);
  for (emulator::Entry* e = emulator::entries; e != nullptr; e = e->next) {
    if (strcmp(e->name, name) == 0) {
      Function& f = d.functions[name];
      f.entry = e;
      *function = &f;
      return SUCCESS;
    }
  }
  return NOT_FOUND;
}
CUresult cuFuncSetAttribute(void* function, int attribute, int value) {
  ENTER(cuFuncSetAttribute);
  (void)d;
  if (attribute == 8) {
    if (value > 232448) return INVALID_VALUE;
    ((Function*)function)->shared = std::max(value, 49152);
  }
  return SUCCESS;
}
CUresult cuFuncGetAttribute(int* value, int, void*) {
  ENTER(cuFuncGetAttribute);
  (void)d;
  *value = 0;
  return SUCCESS;
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, size_t) {
  ENTER(cuOccupancyMaxActiveBlocksPerMultiprocessor);
  (void)d;
  *blocks = 1;
  return SUCCESS;
}
CUresult cuLaunchKernel(void* f, u32 gx, u32 gy, u32 gz, u32 bx, u32 by, u32 bz, u32 shared, void* stream, void** parameters, void**) {
  ENTER(cuLaunchKernel);
  (void)d;
  return launch(f, {gx, gy, gz}, {bx, by, bz}, shared, 1, stream, parameters);
}
struct LaunchAttribute {
  u32 id, pad, value[16];
};
struct LaunchConfig {
  u32 grid[3], block[3], shared;
  void* stream;
  const LaunchAttribute* attributes;
  u32 count;
};
CUresult cuLaunchKernelEx(const LaunchConfig* c, void* f, void** parameters, void**) {
  ENTER(cuLaunchKernelEx);
  (void)d;
  u32 cluster = 1;
  for (u32 i = 0; i < c->count; i++) {
    if (c->attributes[i].id == 4) cluster = c->attributes[i].value[0];
  }
  return launch(f, {c->grid[0], c->grid[1], c->grid[2]}, {c->block[0], c->block[1], c->block[2]}, c->shared, cluster, c->stream, parameters);
}

// ---- streams, events, graphs

CUresult cuStreamCreate(void** stream, unsigned) {
  ENTER(cuStreamCreate);
  (void)d;
  *stream = new Stream();
  return SUCCESS;
}
CUresult cuStreamDestroy_v2(void* stream) {
  ENTER(cuStreamDestroy);
  (void)d;
  finish();
  delete (Stream*)stream;
  return SUCCESS;
}
CUresult cuStreamSynchronize(void* stream) {
  ENTER(cuStreamSynchronize);
  (void)d;
  return await(stream);
}
CUresult cuStreamQuery(void*) {
  ENTER(cuStreamQuery);
  return d.pending.empty() ? SUCCESS : NOT_READY;
}
CUresult cuStreamWaitEvent(void*, void*, unsigned) {
  ENTER(cuStreamWaitEvent);
  (void)d;
  return SUCCESS;
}
CUresult cuStreamBeginCapture_v2(void* stream, int) {
  ENTER(cuStreamBeginCapture);
  if (stream == nullptr || d.capturing != nullptr) return INVALID_VALUE;
  d.capturing = &of(stream);
  d.capturing->capturing = std::make_unique<Graph>();
  of(stream).invalid = false;
  return SUCCESS;
}
CUresult cuStreamEndCapture(void* stream, void** graph) {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  Stream& s = of(stream);
  std::unique_ptr<Graph> taken = std::move(s.capturing);
  if (taken != nullptr) d.capturing = nullptr;  // whatever comes of it
  *graph = nullptr;
  if (CUresult failed = enter("cuStreamEndCapture"); failed != SUCCESS) return failed;
  if (taken == nullptr) return INVALID_VALUE;
  if (s.invalid) return CAPTURE_INVALIDATED;
  *graph = taken.release();
  return SUCCESS;
}
CUresult cuStreamIsCapturing(void* stream, int* status) {
  ENTER(cuStreamIsCapturing);
  (void)d;
  *status = of(stream).capturing != nullptr ? 1 : 0;
  return SUCCESS;
}
CUresult cuEventCreate(void** event, unsigned) {
  ENTER(cuEventCreate);
  (void)d;
  *event = new Event();
  return SUCCESS;
}
CUresult cuEventRecord(void* event, void* stream) {
  ENTER(cuEventRecord);
  auto* e = (Event*)event;
  if (of(stream).capturing != nullptr) return SUCCESS;
  e->done = false;
  auto happen = [e] {
    e->done = true;
    e->at = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    return SUCCESS;
  };
  if (d.late) {
    d.pending.push_back(Command{happen});
  } else {
    happen();
  }
  return SUCCESS;
}
CUresult cuEventQuery(void* event) {
  ENTER(cuEventQuery);
  (void)d;
  return ((Event*)event)->done ? SUCCESS : NOT_READY;
}
CUresult cuEventSynchronize(void* event) {
  ENTER(cuEventSynchronize);
  auto* e = (Event*)event;
  if (!e->done) finish();
  d.waits++;
  return d.broken;
}
CUresult cuEventElapsedTime(float* ms, void* from, void* to) {
  ENTER(cuEventElapsedTime);
  (void)d;
  *ms = (float)((((Event*)to)->at - ((Event*)from)->at) * 1e3);
  return SUCCESS;
}
CUresult cuEventDestroy_v2(void* event) {
  ENTER(cuEventDestroy);
  finish();
  (void)d;
  delete (Event*)event;
  return SUCCESS;
}
CUresult cuGraphInstantiateWithFlags(void** executable, void* graph, u64) {
  ENTER(cuGraphInstantiate);
  (void)d;
  if (graph == nullptr) return INVALID_VALUE;
  *executable = new Graph(*(Graph*)graph);
  return SUCCESS;
}
CUresult cuGraphGetNodes(void* graph, void**, size_t* count) {
  ENTER(cuGraphGetNodes);
  (void)d;
  *count = ((Graph*)graph)->nodes.size();
  return SUCCESS;
}
CUresult cuGraphUpload(void*, void*) {
  ENTER(cuGraphUpload);
  (void)d;
  return SUCCESS;
}
CUresult cuGraphLaunch(void* executable, void* stream) {
  ENTER(cuGraphLaunch);
  d.graphLaunches++;
  auto nodes = std::make_shared<std::vector<Command>>(((Graph*)executable)->nodes);
  return call(stream, [nodes] {
    for (const Command& c : *nodes) {
      if (CUresult failed = c.run(); failed != SUCCESS) return failed;
    }
    return (CUresult)SUCCESS;
  });
}
CUresult cuGraphExecDestroy(void* executable) {
  ENTER(cuGraphExecDestroy);
  (void)d;
  delete (Graph*)executable;
  return SUCCESS;
}
CUresult cuGraphDestroy(void* graph) {
  ENTER(cuGraphDestroy);
  (void)d;
  delete (Graph*)graph;
  return SUCCESS;
}

// ---- what a driver does not have

// A range of memory in which a pool hands out blocks: outside of them nothing may be touched.
void quintetSlab(u64 address, u64 bytes) {
  Driver& d = driver();
  if (d.dry) return;
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  if (u8* states = d.memory.states(address, bytes)) memset(states, emulator::NO_BLOCK, bytes);
}
static void mark(std::function<void()> work) {
  if (driver().dry) return;
  // in the order of the stream: kernels that were called before still see what was, and a graph has blocks of its own
  Driver& d = driver();
  if (d.capturing != nullptr) {
    d.capturing->capturing->nodes.push_back(Command{[work] {
      work();
      return SUCCESS;
    }});
  } else if (d.late) {
    d.pending.push_back(Command{[work] {
      work();
      return SUCCESS;
    }});
  } else {
    work();
  }
}
void quintetTaken(u64 address, u64 bytes) {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  mark([=, &d] {
    const emulator::Slab* s = d.memory.find(address);
    if (s == nullptr || address - s->base + bytes > s->bytes) return;
    memset(s->state + (address - s->base), emulator::UNWRITTEN, bytes);
    memset((void*)address, 0xff, bytes);
    d.memory.blocks[address] = Memory::Taken{bytes};
    d.memory.gone.erase(address);
  });
}
void quintetReleased(u64 address, u64 bytes) {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  mark([=, &d] {
    const emulator::Slab* s = d.memory.find(address);
    if (s == nullptr || address - s->base + bytes > s->bytes) return;
    memset(s->state + (address - s->base), emulator::NO_BLOCK, bytes);
    d.memory.blocks.erase(address);
    d.memory.gone[address] = bytes;
    if (d.memory.gone.size() > 10000) d.memory.gone.clear();
  });
}
void quintetSchedule(int schedule) { driver().schedule = (emulator::Schedule)schedule; }
void quintetLate(int late) {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  finish();
  d.late = late != 0;
}
void quintetFail(const char* call, int nth, int code) {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  d.failing = call;
  d.failIn = nth;
  d.failWith = code;
}
u64 quintetCommands() { return driver().commands; }
u64 quintetWaits() { return driver().waits; }
u64 quintetReadBack() { return driver().readBack; }
u64 quintetUploads() { return driver().uploads; }
u64 quintetGraphLaunches() { return driver().graphLaunches; }
u64 quintetAllocations() { return driver().allocations; }
// Counts nothing yet, and forgets a kernel's error.
void quintetReset() {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  finish();
  d.broken = SUCCESS;
  d.commands = d.waits = d.uploads = d.readBack = d.graphLaunches = d.allocations = 0;
  d.counts.clear();
  d.failIn = 0;
}
int quintetKernelCounts(const char* kernel, u64* launches, u64* loaded, u64* stored) {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  finish();
  auto i = d.counts.find(kernel);
  if (i == d.counts.end()) return 0;
  *launches = i->second.launches;
  *loaded = i->second.loaded;
  *stored = i->second.stored;
  return 1;
}
// What quintetErrors would say, which still says it.
const char* quintetSaid() {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  d.answer = emulator::messagesSoFar();
  return d.answer.c_str();
}
const char* quintetErrors() {
  Driver& d = driver();
  std::lock_guard<std::recursive_mutex> hold(d.lock);
  d.answer = emulator::takeMessages();
  return d.answer.c_str();
}

}  // extern "C"
