// The effects of Hopper's instructions. The copy engine delivers when no thread can move, and until then what it will
// write is NaN; a product reads its tiles when it begins and again when it is waited for, and must find the same.
#include "hopper.cuh"

#include "emulator.hpp"

#include <vector>

namespace emulator {

namespace {

const u32 MAGIC = 0x514d4150;

// What the stand-in's cuTensorMapEncodeTiled writes.
struct Map {
  u32 magic, width, height, boxWidth, boxHeight, pad;
  u64 base, rowBytes;
};

const Map& decode(const TileMap* map) {
  auto* m = (const Map*)map;
  if (m->magic != MAGIC) fail("a tile's map that was not encoded");
  return *m;
}

// 8 bytes of shared memory.
struct Bar {
  u16 expected, pending;
  u32 rest;  // bit 0: phase; above it, bytes that are still to come, as a signed number
};

struct BarView {
  u32 at;
  Bar b;
  explicit BarView(u32 at) : at(at) {
    if ((at & 7) != 0 || at + 8 > block->sharedBytes) fail("a barrier at %u of %u bytes of shared memory", at, block->sharedBytes);
    memcpy(&b, block->shared + at, 8);
    if (block->sharedState[at] != WRITTEN) fail("a barrier at %u that was not opened", at);
  }
  i32 bytes() const { return (i32)b.rest >> 1; }
  void bytes(i32 n) { b.rest = (u32)(n << 1) | (b.rest & 1); }
  void save() {
    if (b.pending == 0 && bytes() == 0) {
      b.rest ^= 1;
      b.pending = b.expected;
      ++*activity();
    }
    memcpy(block->shared + at, &b, 8);
  }
};

u32 swizzled(u32 at) { return at ^ (((at >> 7) & 7) << 4); }

struct Product {
  float* d;
  u64 a, b;
  float early[32];
};

struct Own {
  u64 number = 0;  // of the block
  std::vector<std::vector<Product>> groups;
  std::vector<Product> open;
  std::vector<std::vector<std::function<void()>>> storeGroups;
  std::vector<std::function<void()>> stores;
};

// Each thread's own, empty when its block begins.
Own& own() {
  static thread_local std::vector<Own> all(1024);
  Own& mine = all[block->linear];
  if (mine.number != block->number) {
    mine = Own();
    mine.number = block->number;
  }
  return mine;
}

float element(u64 description, int row, int k) {
  u32 start = (u32)(description & 0x3fff) << 4, step = (u32)((description >> 32) & 0x3fff) << 4;
  if ((description >> 62) != 1) fail("a product's tile that is not swizzled in 128 bytes");
  u32 at = swizzled(start + (row >> 3) * step + (row & 7) * 128 + k * 2);
  if (at + 2 > block->sharedBytes) fail("a product's tile at %u of %u bytes of shared memory", at, block->sharedBytes);
  u16 v;
  memcpy(&v, block->shared + at, 2);
  return bitsToFloat((u32)v << 16);
}

void compute(float (&out)[32], u64 a, u64 b) {
  int t = block->linear & 127, w = t >> 5, l = t & 31;
  float rows[2][16];
  for (int r = 0; r < 2; r++) {
    for (int k = 0; k < 16; k++) rows[r][k] = element(a, w * 16 + (l >> 2) + r * 8, k);
  }
  for (int j = 0; j < 8; j++) {
    for (int e = 0; e < 2; e++) {
      for (int r = 0; r < 2; r++) {
        float sum = 0;
        for (int k = 0; k < 16; k++) sum += rows[r][k] * element(b, j * 8 + (l & 3) * 2 + e, k);
        out[j * 4 + r * 2 + e] = sum;
      }
    }
  }
}

}  // namespace

void waitStoresLater(int leave) {
  auto& groups = own().storeGroups;
  while (groups.size() > (size_t)leave) {
    for (auto& store : groups[0]) store();
    groups.erase(groups.begin());
  }
}

void finishProducts(int leave) {
  u8 none = 0;
  exchange(0xffffffffu, &none, 1, "wgmma.wait_group");
  Own& mine = own();
  if (!mine.open.empty()) fail("wgmma.wait_group without commit_group before it");
  while (mine.groups.size() > (size_t)leave) {
    for (Product& p : mine.groups[0]) {
      float late[32];
      compute(late, p.a, p.b);
      if (memcmp(late, p.early, sizeof late) != 0) fail("a product's tiles changed in shared memory before it had ended");
      for (int i = 0; i < 32; i++) p.d[i] += late[i];
    }
    mine.groups.erase(mine.groups.begin());
  }
}

}  // namespace emulator

using namespace emulator;

void openBarrier(u32 at, int arrivals) {
  writingShared(at, 8);
  Bar b{(u16)arrivals, (u16)arrivals, 0};
  memcpy(block->shared + at, &b, 8);
}

void arrive(u32 at) {
  BarView v(at);
  if (v.b.pending == 0) fail("more threads arrive at the barrier at %u than it waits for", at);
  v.b.pending--;
  v.save();
}

void arriveExpecting(u32 at, u32 bytes) {
  BarView v(at);
  v.bytes(v.bytes() + (i32)bytes);
  if (v.b.pending == 0) fail("more threads arrive at the barrier at %u than it waits for", at);
  v.b.pending--;
  v.save();
}

void awaitBarrier(u32 at, u32 parity) {
  for (;;) {
    BarView v(at);
    if ((v.b.rest & 1) != (parity & 1)) return;
    await(activity(), *activity(), "awaitBarrier");
  }
}

void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y) {
  Map m = decode(map);
  u32 bytes = m.boxWidth * m.boxHeight * 2;
  if ((to & 1023) != 0) fail("a tile at %u, which is not a multiple of 1024", to);
  if (to + bytes > block->sharedBytes) fail("a tile of %u bytes at %u of %u bytes of shared memory", bytes, to, block->sharedBytes);
  memset(block->shared + to, 0xff, bytes);
  memset(block->sharedState + to, UNWRITTEN, bytes);
  later([=] {
    for (u32 r = 0; r < m.boxHeight; r++) {
      for (u32 c = 0; c < m.boxWidth; c++) {
        u16 v = 0;
        if (y + r < m.height && x + c < m.width) {
          auto* from = (const u16*)(m.base + (u64)(y + r) * m.rowBytes) + x + c;
          reading(from, 2);
          v = *from;
        }
        memcpy(block->shared + swizzled(to + r * 128 + c * 2), &v, 2);
      }
    }
    memset(block->sharedState + to, WRITTEN, bytes);
    BarView b(barrier);
    b.bytes(b.bytes() - (i32)bytes);
    b.save();
  });
}

void storeTile(const TileMap* map, u32 from, int x, int y) {
  Map m = decode(map);
  u32 bytes = m.boxWidth * m.boxHeight * 2;
  if ((from & 1023) != 0) fail("a tile at %u, which is not a multiple of 1024", from);
  if (from + bytes > block->sharedBytes) fail("a tile of %u bytes at %u of %u bytes of shared memory", bytes, from, block->sharedBytes);
  own().stores.push_back([=] {
    for (u32 r = 0; r < m.boxHeight && y + r < m.height; r++) {
      for (u32 c = 0; c < m.boxWidth && x + c < m.width; c++) {
        u32 at = swizzled(from + r * 128 + c * 2);
        if (block->sharedState[at] != WRITTEN) fail("a tile is stored whose shared memory at %u nobody has written", at);
        auto* to = (u16*)(m.base + (u64)(y + r) * m.rowBytes) + x + c;
        writing(to, 2);
        memcpy(to, block->shared + at, 2);
      }
    }
  });
}

void commitStores() {
  Own& mine = own();
  mine.storeGroups.push_back(std::move(mine.stores));
  mine.stores.clear();
}

void fenceProducts() {}

void commitProducts() {
  Own& mine = own();
  mine.groups.push_back(std::move(mine.open));
  mine.open.clear();
}

void multiplyTiles(float (&d)[32], u64 a, u64 b) {
  Product p{d, a, b, {}};
  compute(p.early, a, b);
  own().open.push_back(p);
}

extern "C" int cuTensorMapEncodeTiled(TileMap* map, int type, u32 rank, void* base, const u64* sizes, const u64* strides, const u32* box,
                                      const u32* steps, int interleave, int swizzle, int promotion, int fill) {
  (void)promotion;
  (void)fill;
  bool fine = type == 9 && rank == 2 && interleave == 0 && swizzle == 3 && ((u64)base & 15) == 0 && (strides[0] & 15) == 0 && steps[0] == 1 &&
              steps[1] == 1 && box[0] == 64 && box[1] <= 256;
  if (!fine) return 1;
  Map m{MAGIC, (u32)sizes[0], (u32)sizes[1], box[0], box[1], 0, (u64)base, strides[0]};
  memset((void*)map, 0, sizeof *map);
  memcpy((void*)map, &m, sizeof m);
  return 0;
}
