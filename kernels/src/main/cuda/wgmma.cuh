// More of Hopper's own instructions (sm_90a): wide products of a warpgroup, tiles that a copy brings to all blocks of a
// cluster, and what lets warps of one block do different work. Addresses and tiles are those of hopper.cuh.
//
// An operand of a product lies in shared memory as it lies in memory. Along: rows of 64 of the summed size, one below the other.
// Across: for each 64 of its rows a tile of 64 of the summed size by these, 8192 bytes apart.
#pragma once
#include "hopper.cuh"

#define CLUSTER 2  // blocks of a cluster

#ifdef __CUDACC__

// The number of this block in its cluster.
BODY u32 clusterRank() {
  u32 r;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(r));
  return r;
}
// Waits for all threads of the cluster, and shows each what the others wrote; by whole warps.
BODY void clusterBarrier() { asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory"); }
// Arrives at the barrier of a block of the cluster that lies where this address is in one's own, and so says that products have read
// something. It shows nothing that was written: with .release.cluster the warp would wait at each step for all its stores.
BODY void arriveAt(u32 at, u32 rank) {
  asm volatile(
      "{\n.reg .b32 there;\nmapa.shared::cluster.u32 there, %0, %1;\nmbarrier.arrive.shared::cluster.b64 _, [there];\n}" ::"r"(at),
      "r"(rank) : "memory");
}
// Copies a tile to the same place of all blocks of the cluster, and counts its bytes at the barrier of each.
BODY void loadTileForAll(u32 to, const TileMap* map, u32 barrier, int x, int y) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(to),
      "l"(map), "r"(x), "r"(y), "r"(barrier), "h"((u16)((1 << CLUSTER) - 1)) : "memory");
}
// Gives registers back, or takes those that were given back, so that each thread of this warpgroup has so many.
template <int REGISTERS> BODY void giveRegisters() { asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(REGISTERS)); }
template <int REGISTERS> BODY void takeRegisters() { asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(REGISTERS)); }

// What a product takes for a tile that lies across the summed size: groups of 8 of the summed size 1024 bytes apart, and the next
// 64 rows 8192 bytes on.
BODY u64 tileAcross(u32 at) { return (u64)((at & 0x3ffff) >> 4) | ((u64)(8192 >> 4) << 16) | ((u64)(1024 >> 4) << 32) | (1ull << 62); }

#define QUINTET_48 \
  "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23," \
  "%24,%25,%26,%27,%28,%29,%30,%31,%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47"
#define QUINTET_96 \
  "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63,%64,%65,%66,%67,%68,%69,%70,%71," \
  "%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95"
#define QUINTET_128 \
  "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,%115,%116,%117,%118,%119," \
  "%120,%121,%122,%123,%124,%125,%126,%127"
#define QUINTET_EIGHT(d, i) QUINTET_FOUR(d[i], 0), QUINTET_FOUR(d[i + 1], 0)
#define QUINTET_24(d, i) QUINTET_EIGHT(d, i), QUINTET_EIGHT(d, i + 2), QUINTET_EIGHT(d, i + 4)
#define QUINTET_PRODUCT(width, registers, a, b, add, acrossA, acrossB, ...)                                                        \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" add ", 0;\nwgmma.mma_async.sync.aligned.m64n" width "k16.f32.bf16.bf16 {" registers \
               "}, %" a ", %" b ", p, 1, 1, %" acrossA ", %" acrossB ";\n}"                                                               \
               : __VA_ARGS__                                                                                                             \
               : "l"(left), "l"(right), "r"((int)more), "n"(ACROSS_A ? 1 : 0), "n"(ACROSS_B ? 1 : 0))

// d = left right of a warpgroup, or d += it: left 64 x 16, right WIDTH x 16; d in blocks of 8 columns, of which lane 4 g + t of
// warp w holds rows 16 w + g and that + 8, columns 2 t and 2 t + 1.
template <int WIDTH, bool ACROSS_A, bool ACROSS_B> BODY void multiplyTiles(float (&d)[WIDTH / 8][4], u64 left, u64 right, bool more) {
  static_assert(WIDTH == 96 || WIDTH == 192 || WIDTH == 256, "widths that are written out");
  if constexpr (WIDTH == 96) {
    QUINTET_PRODUCT("96", QUINTET_48, "48", "49", "50", "51", "52", QUINTET_24(d, 0), QUINTET_24(d, 6));
  } else if constexpr (WIDTH == 192) {
    QUINTET_PRODUCT("192", QUINTET_48 "," QUINTET_96, "96", "97", "98", "99", "100", QUINTET_24(d, 0), QUINTET_24(d, 6), QUINTET_24(d, 12),
                    QUINTET_24(d, 18));
  } else {
    QUINTET_PRODUCT("256", QUINTET_48 "," QUINTET_96 "," QUINTET_128, "128", "129", "130", "131", "132", QUINTET_24(d, 0), QUINTET_24(d, 6),
                    QUINTET_24(d, 12), QUINTET_24(d, 18), QUINTET_24(d, 24), QUINTET_EIGHT(d, 30));
  }
}

// d = left right, or d += it, of a left side in registers: 64 x 16, of which each warp has its 16 rows as loadMatrices leaves them;
// right 64 x 16.
template <bool ACROSS_B> BODY void multiplyOwn(float (&d)[8][4], const u32 (&left)[4], u64 right, bool more) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %37, 0;\nwgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31}, "
      "{%32,%33,%34,%35}, %36, p, 1, 1, %38;\n}"
      : QUINTET_24(d, 0), QUINTET_EIGHT(d, 6)
      : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "l"(right), "r"((int)more), "n"(ACROSS_B ? 1 : 0));
}

// Keeps the compiler from reading sums of products before this, which stands behind the wait for them.
template <int COUNT> BODY void hold(float (&d)[COUNT][4]) {
#pragma unroll
  for (int i = 0; i < COUNT; i++) asm volatile("" : QUINTET_FOUR(d[i], 0)::"memory");
}

#else

inline u32 clusterRank() { return emulator::block->rank; }
void clusterBarrier(int line = __builtin_LINE());
void arriveAt(u32 at, u32 rank);
void loadTileForAll(u32 to, const TileMap* map, u32 barrier, int x, int y);
template <int REGISTERS> void giveRegisters() {}
template <int REGISTERS> void takeRegisters() {}
inline u64 tileAcross(u32 at) { return (u64)((at & 0x3ffff) >> 4) | ((u64)(8192 >> 4) << 16) | ((u64)(1024 >> 4) << 32) | (1ull << 62); }
namespace emulator {
void multiplyLater(float* d, int width, u64 left, u64 right, bool acrossA, bool acrossB, bool more);
void multiplyOwnLater(float* d, const u32 (&left)[4], u64 right, bool acrossB, bool more);
}
template <bool ACROSS_B> void multiplyOwn(float (&d)[8][4], const u32 (&left)[4], u64 right, bool more) {
  emulator::multiplyOwnLater(&d[0][0], left, right, ACROSS_B, more);
}
template <int COUNT> void hold(float (&)[COUNT][4]) {}
template <int WIDTH, bool ACROSS_A, bool ACROSS_B> void multiplyTiles(float (&d)[WIDTH / 8][4], u64 left, u64 right, bool more) {
  emulator::multiplyLater(&d[0][0], WIDTH, left, right, ACROSS_A, ACROSS_B, more);
}

#endif

// ROWS rows of an operand by 64 of the summed size, in shared memory. ACROSS: whether memory runs across the summed size.
template <int ROWS, bool ACROSS> struct Operand {
  static const int BYTES = ACROSS ? (ROWS + 63) / 64 * 8192 : ROWS * 128;

  // Copies it for this block, from `row` and `k` on.
  static DEVICE void load(u32 to, const TileMap* map, u32 barrier, int row, int k) {
    if (ACROSS) {
#pragma unroll
      for (int i = 0; i < BYTES / 8192; i++) loadTile(to + i * 8192, map, barrier, row + 64 * i, k);
    } else {
      loadTile(to, map, barrier, k, row);
    }
  }

  // Copies a block's share of it for all blocks of the cluster.
  static DEVICE void loadForAll(u32 to, const TileMap* map, u32 barrier, int row, int k, int rank) {
    if (ACROSS) {
      const int DEEP = 64 / CLUSTER;
#pragma unroll
      for (int i = 0; i < BYTES / 8192; i++) loadTileForAll(to + i * 8192 + rank * DEEP * 128, map, barrier, row + 64 * i, k + rank * DEEP);
    } else {
      const int SHARE = ROWS / CLUSTER;
      loadTileForAll(to + rank * SHARE * 128, map, barrier, k, row + rank * SHARE);
    }
  }

  // What a product takes for 16 of the summed size: `part` from 0 to 3.
  static DEVICE u64 slice(u32 at, int part) { return ACROSS ? tileAcross(at + part * 2048) : tile(at + part * 32); }
};
