// The effects of Hopper's instructions. The copy engine delivers when no thread can move, and until then what it will
// write is NaN; a product that is waited for ends likewise. It reads its tiles when it begins and again when it ends, and must find
// the same, and until then its result is NaN.
#include "wgmma.cuh"

#include "emulator.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

namespace emulator {

namespace {

const u32 MAGIC = 0x514d4150;

// What the stand-in's cuTensorMapEncodeTiled writes.
struct Map {
  u32 magic, rank, width, height, depth, boxWidth, boxHeight, pad;
  u64 base, rowBytes, planeBytes;
};

const Map& decode(const TileMap* map, u32 rank = 2) {
  auto* m = (const Map*)map;
  if (m->magic != MAGIC) fail("a tile's map that was not encoded");
  if (m->rank != rank) fail("a tile of %u coordinates by a map of %u", rank, m->rank);
  return *m;
}

// 8 bytes of shared memory.
struct Bar {
  u16 expected, pending;
  u32 rest;  // bit 0: phase; above it, bytes that are still to come, as a signed number
};

struct BarView {
  Block* of;
  u32 at;
  Bar b;
  explicit BarView(u32 at, Block* of = block) : of(of), at(at) {
    if ((at & 7) != 0 || at + 8 > of->sharedBytes) fail("a barrier at %u of %u bytes of shared memory", at, of->sharedBytes);
    memcpy(&b, of->shared + at, 8);
    if (of->sharedState[at] != WRITTEN) fail("a barrier at %u that was not opened", at);
  }
  i32 bytes() const { return (i32)b.rest >> 1; }
  void bytes(i32 n) { b.rest = (u32)(n << 1) | (b.rest & 1); }
  void arrive() {
    if (b.pending == 0) fail("more threads arrive at the barrier at %u than it waits for", at);
    b.pending--;
    save();
  }
  void save() {
    if (b.pending == 0 && bytes() == 0) {
      b.rest ^= 1;
      b.pending = b.expected;
      ++*activity(of);
    }
    memcpy(of->shared + at, &b, 8);
  }
};

u32 swizzled(u32 at) { return at ^ (((at >> 7) & 7) << 4); }

// One product of a warp: 16 rows of its warpgroup's 64.
struct Product {
  int width;
  u64 a, b;
  bool acrossA, acrossB;
  bool own;  // its rows came from registers
  std::vector<u16> rows, columns;  // both operands when it began, each row of 16
  std::vector<float> sum;  // [16, width], once it is computed
  int taken = 0;  // lanes that have theirs
};

// What products are to write, or to add to, and how many of them are under way.
struct Result {
  float* d;
  int count, width;
  std::vector<float> value;
};

struct Issued {
  u64 product;
  float* d;
  bool more;
};

struct Own {
  u64 number = 0;  // of the block
  bool fenced = false;
  u64 issued = 0;
  u32 waits = 0;
  std::vector<std::vector<Issued>> groups;
  std::vector<Issued> open;
  std::vector<Result> results;
  std::vector<std::vector<std::function<void()>>> storeGroups;
  std::vector<std::function<void()>> stores;
};

struct WarpsOwn {
  u64 number = 0;
  u64 first = 0;  // number of the product that is first in the list
  u32 waits = 0, ended = 0;  // of the warp for products, and those that have ended
  std::deque<Product> products;
};

// What belongs to each thread, and to each warp, of a block; empty when it begins.
template <class T> T& ownOf(int index, int most) {
  static thread_local std::vector<std::unique_ptr<T>> all;
  size_t at = block->rank * most + index;
  if (all.size() <= at) all.resize(at + 1);
  if (all[at] == nullptr || all[at]->number != block->number) {
    all[at] = std::make_unique<T>();
    all[at]->number = block->number;
  }
  return *all[at];
}
Own& own() { return ownOf<Own>(block->linear, 1024); }
WarpsOwn& warpsOwn() { return ownOf<WarpsOwn>(block->linear / 32, 32); }

// `count` rows of an operand from `first` on, 16 of the summed size each.
std::vector<u16> operand(u64 description, bool across, int first, int count) {
  u32 start = (u32)(description & 0x3fff) << 4, lead = (u32)((description >> 16) & 0x3fff) << 4, step = (u32)((description >> 32) & 0x3fff) << 4;
  if ((description >> 62) != 1) fail("a product's tile that is not swizzled in 128 bytes");
  std::vector<u16> all(count * 16);
  auto chunk = [&](u32 at, u16 (&eight)[8]) {
    at = swizzled(at);
    if (at + 16 > block->sharedBytes) fail("a product's tile at %u of %u bytes of shared memory", at, block->sharedBytes);
    if (block->sharedState[at] != WRITTEN) fail("a product's tile at %u that has not arrived in shared memory", at);
    memcpy(eight, block->shared + at, 16);
  };
  u16 eight[8];
  if (across) {
    for (int k = 0; k < 16; k++) {
      for (int row = 0; row < count; row += 8) {
        int r = first + row;
        chunk(start + (r >> 6) * lead + (k >> 3) * step + (k & 7) * 128 + (r & 63) * 2, eight);
        for (int i = 0; i < 8; i++) all[(row + i) * 16 + k] = eight[i];
      }
    }
  } else {
    for (int row = 0; row < count; row++) {
      int r = first + row;
      for (int k = 0; k < 16; k += 8) {
        chunk(start + (r >> 3) * step + (r & 7) * 128 + k * 2, eight);
        memcpy(&all[row * 16 + k], eight, 16);
      }
    }
  }
  return all;
}

float widened(u16 bits) { return bitsToFloat((u32)bits << 16); }

void compute(Product& p) {
  p.sum.assign(16 * p.width, 0.f);
  // rows beyond a matrix are zeros, which most are where it is small; only what is not finite would show through them
  bool zeros = std::all_of(p.rows.begin(), p.rows.end(), [](u16 v) { return (v & 0x7fff) == 0; });
  bool finite = std::all_of(p.columns.begin(), p.columns.end(), [](u16 v) { return (v & 0x7f80) != 0x7f80; });
  if (zeros && finite) return;
  std::vector<float> turned(16 * p.width);  // columns by the summed size
  for (int n = 0; n < p.width; n++) {
    for (int k = 0; k < 16; k++) turned[k * p.width + n] = widened(p.columns[n * 16 + k]);
  }
  for (int r = 0; r < 16; r++) {
    float* to = &p.sum[r * p.width];
    for (int k = 0; k < 16; k++) {
      float x = widened(p.rows[r * 16 + k]);
      const float* from = &turned[k * p.width];
      for (int n = 0; n < p.width; n += 8) {
        for (int i = 0; i < 8; i++) to[n + i] += x * from[n + i];
      }
    }
  }
}

int rowsOf() { return (block->linear >> 5 & 3) * 16; }

// This thread's part of a product that has ended.
void take(const Issued& issued) {
  WarpsOwn& w = warpsOwn();
  Product& p = w.products[issued.product - w.first];
  if (p.sum.empty()) {
    if ((!p.own && operand(p.a, p.acrossA, rowsOf(), 16) != p.rows) || operand(p.b, p.acrossB, 0, p.width) != p.columns) {
      fail("a product's tiles changed in shared memory before it had ended");
    }
    compute(p);
  }
  auto& results = own().results;
  size_t at = 0;
  while (results[at].d != issued.d) at++;
  Result& to = results[at];
  int l = block->linear & 31;
  for (int i = 0; i < to.width / 2; i++) {
    int row = (l >> 2) + (i >> 1 & 1) * 8, column = (i >> 2) * 8 + (l & 3) * 2 + (i & 1);
    float v = p.sum[row * p.width + column];
    to.value[i] = issued.more ? to.value[i] + v : v;
  }
  if (--to.count == 0) {
    memcpy(to.d, to.value.data(), 4 * to.value.size());
    results.erase(results.begin() + at);
  }
  p.taken++;
  while (!w.products.empty() && w.products.front().taken == 32) {
    w.products.pop_front();
    w.first++;
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
  if (mine.groups.size() > (size_t)leave) {
    WarpsOwn& w = warpsOwn();
    if (++mine.waits > w.waits) {  // the first of the warp
      w.waits++;
      later([&w] { w.ended++; });
    }
    while (w.ended < mine.waits) await(&w.ended, w.ended, "wgmma.wait_group");
  }
  while (mine.groups.size() > (size_t)leave) {
    for (const Issued& p : mine.groups[0]) take(p);
    mine.groups.erase(mine.groups.begin());
  }
  mine.fenced = false;
}

namespace {

// This thread's part in a product of its warp, which `begin` makes.
template <class Begin> void issue(float* d, int width, bool more, const Begin& begin) {
  Own& mine = own();
  WarpsOwn& w = warpsOwn();
  if (!mine.fenced) fail("wgmma without wgmma.fence behind the last wait");
  u64 number = mine.issued++;
  if (number == w.first + w.products.size()) w.products.push_back(begin());  // the first of the warp
  Result* result = nullptr;
  for (Result& r : mine.results) {
    if (r.d == d) result = &r;
  }
  if (result == nullptr) {
    mine.results.push_back(Result{d, 0, width, std::vector<float>(d, d + width / 2)});
    result = &mine.results.back();
    for (int i = 0; i < width / 2; i++) d[i] = bitsToFloat(0x7fffffffu);  // until it has been waited for
  }
  result->count++;
  mine.open.push_back(Issued{number, d, more});
}

}  // namespace

void multiplyLater(float* d, int width, u64 a, u64 b, bool acrossA, bool acrossB, bool more) {
  struct {
    u64 a, b;
    int more;
  } said = {a, b, more};
  auto all = exchange(0xffffffffu, &said, sizeof said, "wgmma");
  if (memcmp(all[0], &said, sizeof(u64) * 2 + 4) != 0) fail("wgmma: threads of a warp that name different tiles");
  issue(d, width, more, [=] {
    return Product{width, a, b, acrossA, acrossB, false, operand(a, acrossA, rowsOf(), 16), operand(b, acrossB, 0, width), {}, 0};
  });
}

void multiplyOwnLater(float* d, const u32 (&left)[4], u64 b, bool acrossB, bool more) {
  struct {
    u64 b;
    int more;
    u32 left[4];
  } said = {b, more, {left[0], left[1], left[2], left[3]}};
  auto all = exchange(0xffffffffu, &said, sizeof said, "wgmma");
  if (memcmp(all[0], &said, sizeof(u64) + 4) != 0) fail("wgmma: threads of a warp that name different tiles");
  issue(d, 64, more, [&] {
    std::vector<u16> rows(16 * 16);
    for (int l = 0; l < 32; l++) {
      memcpy(&said, all[l], sizeof said);
      for (int i = 0; i < 8; i++) {  // the halves of four registers
        int row = (l >> 2) + 8 * (i >> 1 & 1), column = 2 * (l & 3) + 8 * (i >> 2) + (i & 1);
        rows[row * 16 + column] = (u16)(said.left[i >> 1] >> (16 * (i & 1)));
      }
    }
    return Product{64, 0, b, false, acrossB, true, rows, operand(b, acrossB, 0, 64), {}, 0};
  });
}

namespace {

// A tile for blocks first .. last - 1 of the cluster, or for this block where `own`.
void load(u32 to, const Map& m, u32 barrier, int x, int y, int z, std::vector<Block*> blocks) {
  u32 bytes = m.boxWidth * m.boxHeight * 2;
  if ((to & 1023) != 0) fail("a tile at %u, which is not a multiple of 1024", to);
  if (x < 0 || y < 0 || z < 0) fail("a tile at column %d, row %d of matrix %d", x, y, z);
  for (Block* b : blocks) {
    if (to + bytes > b->sharedBytes) fail("a tile of %u bytes at %u of %u bytes of shared memory", bytes, to, b->sharedBytes);
    memset(b->shared + to, 0xff, bytes);
    memset(b->sharedState + to, UNWRITTEN, bytes);
  }
  later([=] {
    for (u32 r = 0; r < m.boxHeight; r++) {
      for (u32 c = 0; c < m.boxWidth; c += 8) {
        u16 eight[8] = {};
        int there = (u32)z < m.depth && y + r < m.height && x + c < m.width ? (int)min(8u, m.width - (x + c)) : 0;
        auto* from = (const u16*)(m.base + z * m.planeBytes + (u64)(y + r) * m.rowBytes) + x + c;
        if (there == 8 && ((u64)from & 15) == 0) {
          reading(from, 16);
          memcpy(eight, from, 16);
        } else {
          for (int i = 0; i < there; i++) {
            reading(from + i, 2);
            eight[i] = from[i];
          }
        }
        for (Block* b : blocks) memcpy(b->shared + swizzled(to + r * 128 + c * 2), eight, 16);
      }
    }
    for (Block* b : blocks) {
      memset(b->sharedState + to, WRITTEN, bytes);
      BarView v(barrier, b);
      v.bytes(v.bytes() - (i32)bytes);
      v.save();
    }
  });
}

}  // namespace

}  // namespace emulator

using namespace emulator;

void openBarrier(u32 at, int arrivals) {
  writingShared(at, 8);
  Bar b{(u16)arrivals, (u16)arrivals, 0};
  memcpy(block->shared + at, &b, 8);
}

void arrive(u32 at) { BarView(at).arrive(); }
void arriveAt(u32 at, u32 rank) { BarView(at, peer(rank)).arrive(); }

void arriveExpecting(u32 at, u32 bytes) {
  BarView v(at);
  v.bytes(v.bytes() + (i32)bytes);
  v.arrive();
}

void awaitBarrier(u32 at, u32 parity) {
  for (;;) {
    BarView v(at);
    if ((v.b.rest & 1) != (parity & 1)) return;
    u32* counter = activity(block);
    await(counter, *counter, "awaitBarrier");
  }
}

void clusterBarrier(int line) { emulator::clusterBarrier(line); }

void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y) { load(to, decode(map), barrier, x, y, 0, {block}); }
void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y, int z) { load(to, decode(map, 3), barrier, x, y, z, {block}); }
void loadTileForAll(u32 to, const TileMap* map, u32 barrier, int x, int y) {
  std::vector<Block*> all;
  for (u32 rank = 0; rank < CLUSTER; rank++) all.push_back(peer(rank));
  load(to, decode(map), barrier, x, y, 0, all);
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

void fenceProducts() { own().fenced = true; }

void commitProducts() {
  Own& mine = own();
  mine.groups.push_back(std::move(mine.open));
  mine.open.clear();
}

void multiplyTiles(float (&d)[32], u64 a, u64 b) { multiplyLater(d, 64, a, b, false, false, true); }

extern "C" int cuTensorMapEncodeTiled(TileMap* map, int type, u32 rank, void* base, const u64* sizes, const u64* strides, const u32* box,
                                      const u32* steps, int interleave, int swizzle, int promotion, int fill) {
  (void)promotion;
  (void)fill;
  bool deep = rank == 3;
  bool fine = type == 9 && (rank == 2 || deep) && interleave == 0 && swizzle == 3 && ((u64)base & 15) == 0 && (strides[0] & 15) == 0 &&
              strides[0] >= 2 * sizes[0] && steps[0] == 1 && steps[1] == 1 && box[0] == 64 && box[1] > 0 && box[1] <= 256 && sizes[0] > 0 &&
              sizes[1] > 0;
  // a stride is a multiple of the one before it, and no smaller than what lies there
  if (fine && deep) fine = steps[2] == 1 && box[2] == 1 && sizes[2] > 0 && strides[1] % strides[0] == 0 && strides[1] >= sizes[1] * strides[0];
  if (!fine) return 1;
  Map m{MAGIC, rank, (u32)sizes[0], (u32)sizes[1], deep ? (u32)sizes[2] : 1u, box[0], box[1], 0, (u64)base, strides[0], deep ? strides[1] : 0};
  memset((void*)map, 0, sizeof *map);
  memcpy((void*)map, &m, sizeof m);
  return 0;
}
