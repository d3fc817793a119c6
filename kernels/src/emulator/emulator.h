// The processor's half of quintet.cuh: a block of threads runs as fibers on one thread of the operating system, and every access to
// global and shared memory is checked and counted.
//
// What a kernel does wrong ends its launch with a message that names kernel, block and thread: an access outside a live block
// of memory, one that is not aligned, a read of what nobody has written, a barrier or a warp's exchange at which threads are missing.
// It proves the logic of kernels and the wrappers' documented effects. It does not prove the assembly, nor timing, nor
// the order in which a GPU's caches show writes.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define BODY inline

struct Index3 {
  unsigned x, y, z;
};

namespace emulator {

// What is known of a byte of device memory.
enum State : u8 { NO_BLOCK = 0, UNWRITTEN = 1, WRITTEN = 2 };

// A range of device memory that the driver handed out, and the state of each of its bytes.
struct Slab {
  u64 base = 0, bytes = 0;
  u8* state = nullptr;
};

struct Fiber;

// The block that runs on this thread of the operating system.
struct Block {
  Index3 id{}, dim{}, grid{};
  Fiber* fiber = nullptr;  // the one that runs
  Index3 thread{};  // of that fiber
  int linear = 0;  // its number in the block
  u8* shared = nullptr;
  u8* sharedState = nullptr;
  u32 sharedBytes = 0;
  Slab slab;  // the last one that was used
  u64 loaded = 0, stored = 0;  // bytes of global memory
  u64 number = 0;  // of the blocks that ran here
  u32 rank = 0;  // in its cluster
};

extern constinit thread_local Block* block __attribute__((tls_model("initial-exec")));

// Ends the launch with a message.
[[noreturn]] void fail(const char* format, ...) __attribute__((format(printf, 1, 2)));

// The slow and exact judgement of an access; returns if it is allowed.
void judgeRead(u64 at, u32 bytes);
void judgeWrite(u64 at, u32 bytes);
void judgeShared(u32 at, u32 bytes, bool write);

// Whether the states of 1, 2, 4, 8 or 16 bytes are all `state`.
inline bool all(const u8* s, u32 n, State state) {
  const u64 eight = 0x0101010101010101ull * state;
  u64 low = eight, high = eight;
  switch (n) {
    case 1: return *s == state;
    case 2: memcpy(&low, s, 2); break;
    case 4: memcpy(&low, s, 4); break;
    case 16: memcpy(&high, s + 8, 8); [[fallthrough]];
    case 8: memcpy(&low, s, 8); break;
    default:
      for (u32 i = 0; i < n; i++) {
        if (s[i] != state) return false;
      }
  }
  return low == eight && high == eight;
}

inline void reading(const void* p, u32 n) {
  Block* b = block;
  b->loaded += n;
  u64 at = (u64)p, offset = at - b->slab.base;
  if (offset + n <= b->slab.bytes && (at & (n - 1)) == 0) {
    if (all(b->slab.state + offset, n, WRITTEN)) return;
  }
  judgeRead(at, n);
}

inline void writing(void* p, u32 n) {
  Block* b = block;
  b->stored += n;
  u64 at = (u64)p, offset = at - b->slab.base;
  if (offset + n <= b->slab.bytes && (at & (n - 1)) == 0) {
    u8* s = b->slab.state + offset;
    if (all(s, n, WRITTEN)) return;
    if (all(s, n, UNWRITTEN)) {
      memset(s, WRITTEN, n);
      return;
    }
  }
  judgeWrite(at, n);
}

inline void readingShared(u32 at, u32 n) {
  Block* b = block;
  if (at + n <= b->sharedBytes && (at & (n - 1)) == 0) {
    if (all(b->sharedState + at, n, WRITTEN)) return;
  }
  judgeShared(at, n, false);
}

inline void writingShared(u32 at, u32 n) {
  Block* b = block;
  if (at + n > b->sharedBytes || (at & (n - 1)) != 0) judgeShared(at, n, true);
  memset(b->sharedState + at, WRITTEN, n);
}

// All lanes of `mask` leave up to 64 bytes each and go on when all have; what lane l left is at [l] until the next exchange.
const u8 (*exchange(u32 mask, const void* value, u32 bytes, const char* what))[64];
// The same for 4 bytes, which is most, and which lie closer together.
const u32* exchangeWord(u32 mask, u32 value, const char* what);
void barrier(int id, int threads, int line);
void copyLater(u32 to, const void* from, bool there);
void commitLater();
void waitLater(int leave);

template <class T> T shuffle(u32 mask, T v, int source, int width, const char* what) {
  static_assert(sizeof(T) <= 64);
  const void* all;
  if constexpr (sizeof(T) == 4) {
    u32 word;
    memcpy(&word, &v, 4);
    all = exchangeWord(mask, word, what);
  } else {
    all = exchange(mask, &v, sizeof v, what);
  }
  int lane = block->linear & 31;
  if (((source ^ lane) & -width) != 0) source = lane;  // beyond the lane's part of a power of two
  if (!((mask >> source) & 1)) fail("%s reads lane %d, which is not in mask %08x", what, source, mask);
  T r;
  memcpy(&r, (const u8*)all + source * (sizeof(T) == 4 ? 4 : 64), sizeof r);
  return r;
}

// A kernel by its name, and what its parameters are.
struct Parameter {
  u32 bytes;
  bool address;
};
struct Entry {
  const char* name;
  void (*call)(void* function, void** parameters);
  void* function;
  int parameters;
  Parameter parameter[64];
  Entry* next;
};
extern Entry* entries;

}  // namespace emulator

#define threadIdx (emulator::block->thread)
#define blockIdx (emulator::block->id)
#define blockDim (emulator::block->dim)
#define gridDim (emulator::block->grid)

inline void __syncthreads(int line = __builtin_LINE()) { emulator::barrier(0, 0, line); }
inline void __syncwarp(u32 mask = 0xffffffffu) { emulator::exchangeWord(mask, 0, "__syncwarp"); }
template <class T> T __shfl_sync(u32 mask, T v, int source, int width = 32) {
  int lane = emulator::block->linear & 31;
  return emulator::shuffle(mask, v, (lane & -width) + (source & (width - 1)), width, "__shfl_sync");
}
template <class T> T __shfl_xor_sync(u32 mask, T v, int x, int width = 32) {
  return emulator::shuffle(mask, v, (emulator::block->linear & 31) ^ x, width, "__shfl_xor_sync");
}
template <class T> T __shfl_down_sync(u32 mask, T v, int by, int width = 32) {
  return emulator::shuffle(mask, v, (emulator::block->linear & 31) + by, width, "__shfl_down_sync");
}
template <class T> T __shfl_up_sync(u32 mask, T v, int by, int width = 32) {
  return emulator::shuffle(mask, v, (emulator::block->linear & 31) - by, width, "__shfl_up_sync");
}
inline u32 __ballot_sync(u32 mask, int yes) {
  auto all = emulator::exchangeWord(mask, (u32)yes, "__ballot_sync");
  u32 r = 0;
  for (int i = 0; i < 32; i++) {
    if (((mask >> i) & 1) && all[i] != 0) r |= 1u << i;
  }
  return r;
}
inline int __any_sync(u32 mask, int yes) { return __ballot_sync(mask, yes) != 0; }
inline int __all_sync(u32 mask, int yes) { return __ballot_sync(mask, yes) == (mask & __ballot_sync(mask, 1)); }
inline int __popc(u32 x) { return __builtin_popcount(x); }
inline int __clz(u32 x) { return x == 0 ? 32 : __builtin_clz(x); }
inline int __ffs(u32 x) { return __builtin_ffs((int)x); }
inline void __threadfence() {}

BODY float bitsToFloat(u32 bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}
BODY u32 floatToBits(float x) {
  u32 bits;
  memcpy(&bits, &x, 4);
  return bits;
}
inline double __longlong_as_double(i64 bits) {
  double x;
  memcpy(&x, &bits, 8);
  return x;
}
inline i64 __double_as_longlong(double x) {
  i64 bits;
  memcpy(&bits, &x, 8);
  return bits;
}
inline float __int_as_float(i32 bits) { return bitsToFloat((u32)bits); }
inline i32 __float_as_int(float x) { return (i32)floatToBits(x); }

namespace emulator {
inline u32 round16(float x) {
  u32 u = floatToBits(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return 0x7fff;  // as cvt.rn.bf16 does
  return (u + 0x7fff + ((u >> 16) & 1)) >> 16;
}
}  // namespace emulator

BODY u32 pack(float low, float high) { return emulator::round16(low) | emulator::round16(high) << 16; }
BODY float ex2(float x) {
  float y = std::exp2(x);
  return std::fabs(y) < 1.17549435e-38f ? 0.f : y;
}
BODY u32 mulHigh(u32 x, u32 y) { return (u32)((u64)x * y >> 32); }

template <class T> inline T min(T x, T y) { return y < x ? y : x; }
template <class T> inline T max(T x, T y) { return x < y ? y : x; }
inline i64 min(i64 x, int y) { return min(x, (i64)y); }
inline i64 max(i64 x, int y) { return max(x, (i64)y); }
inline float rsqrtf(float x) { return 1.f / sqrtf(x); }
inline double rsqrt(double x) { return 1. / sqrt(x); }
inline void sincosf_(float x, float* s, float* c) { *s = sinf(x), *c = cosf(x); }

template <class T> struct Global {
  T* at;
  typedef std::remove_const_t<T> Element;
  explicit operator bool() const { return at != nullptr; }
  Global operator+(i64 elements) const { return Global{at + elements}; }
  template <class U> Global<U> as() const { return Global<U>{(U*)at}; }
  Element load(i64 i) const { return read<Element>(i); }
  void store(i64 i, Element v) const { write(i, v); }
  Wide loadWide(i64 i) const { return read<Wide>(i); }
  void storeWide(i64 i, Wide v) const { write(i, v); }
  Half loadHalf(i64 i) const { return read<Half>(i); }
  void storeHalf(i64 i, Half v) const { write(i, v); }
  u32 loadPair(i64 i) const { return read<u32>(i); }
  void storePair(i64 i, u32 v) const { write(i, v); }
  bool aligned(int bytes) const { return ((u64)at & (bytes - 1)) == 0; }

 private:
  template <class V> V read(i64 i) const {
    V v;
    emulator::reading(at + i, sizeof v);
    memcpy((void*)&v, at + i, sizeof v);
    return v;
  }
  template <class V> void write(i64 i, V v) const {
    static_assert(!std::is_const_v<T>, "stores to memory that is read only");
    emulator::writing((void*)(at + i), sizeof v);
    memcpy((void*)(at + i), &v, sizeof v);
  }
};

template <class T> Global<T> globalAt(i64 address) { return Global<T>{(T*)address}; }

template <class T> struct Shared {
  u32 byte;
  Shared operator+(int elements) const { return Shared{byte + (u32)(elements * (int)sizeof(T))}; }
  T get(int i) const { return getAs<T>(i); }
  void set(int i, T v) const { setAs<T>(i, v); }
  template <class V> V getAs(int i) const {
    V v;
    emulator::readingShared(address(i), sizeof v);
    memcpy((void*)&v, emulator::block->shared + address(i), sizeof v);
    return v;
  }
  template <class V> void setAs(int i, V v) const {
    emulator::writingShared(address(i), sizeof v);
    memcpy(emulator::block->shared + address(i), &v, sizeof v);
  }
  u32 address(int i) const { return byte + (u32)(i * (int)sizeof(T)); }
};

template <class T> Shared<T> shared(u32 byte) { return Shared<T>{byte}; }

inline void namedBarrier(int id, int threads, int line = __builtin_LINE()) { emulator::barrier(id, threads, line); }
template <class T> void copyAsync(u32 to, Global<T> from, i64 i, bool there = true) {
  emulator::copyLater(to, from.at + (there ? i : 0), there);
}
inline void commitCopies() { emulator::commitLater(); }
template <int N> void waitCopies() { emulator::waitLater(N); }
void loadMatrices(u32 (&r)[4], u32 row);
void loadMatricesTurned(u32 (&r)[4], u32 row);
void multiplyAdd(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1);

namespace emulator {
template <class T> struct IsGlobal : std::false_type {};
template <class T> struct IsGlobal<Global<T>> : std::true_type {};

template <class... A, size_t... I>
void call(void (*function)(A...), void** p, std::index_sequence<I...>) {
  function(*reinterpret_cast<std::decay_t<A>*>(p[I])...);
}
template <class... A> bool add(const char* name, void (*function)(A...)) {
  static_assert(sizeof...(A) < 64);
  entries = new Entry{name,
                      [](void* f, void** p) { call((void (*)(A...))f, p, std::index_sequence_for<A...>{}); },
                      (void*)function,
                      (int)sizeof...(A),
                      {Parameter{(u32)sizeof(A), IsGlobal<std::decay_t<A>>::value}...},
                      entries};
  return true;
}
}  // namespace emulator
