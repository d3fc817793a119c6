// Hopper's own instructions (sm_90a): barriers in shared memory, copies of tiles by the tensor memory accelerator, products of
// a warpgroup. Addresses are those of Shared::address. Tiles are rows of 64 bfloat16 (128 bytes), swizzled in 128 bytes.
#pragma once
#include "quintet.cuh"

// A CUtensorMap, which cuTensorMapEncodeTiled fills.
struct alignas(64) TileMap {
  u64 word[16];
};

#ifdef __CUDACC__

BODY void openBarrier(u32 at, int arrivals) { asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(at), "r"(arrivals) : "memory"); }
// Shows barriers that were opened to the copy engine; before the block's first barrier.
BODY void showBarriers() { asm volatile("fence.mbarrier_init.release.cluster;\nfence.proxy.async.shared::cta;" ::: "memory"); }
// Shows what this thread wrote to shared memory to the copy engine and to products.
BODY void showShared() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }
BODY void arrive(u32 at) { asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(at) : "memory"); }
// Arrives, and has the barrier wait for so many bytes of copies.
BODY void arriveExpecting(u32 at, u32 bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at), "r"(bytes) : "memory");
}
// Waits until the phase of this parity has ended.
BODY void awaitBarrier(u32 at, u32 parity) {
  u32 done;
  do {
    asm volatile(
        "{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"
        : "=r"(done) : "r"(at), "r"(parity) : "memory");
  } while (!done);
}
// Copies the map's tile from column x and row y on to shared memory, and counts its bytes at the barrier.
BODY void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y) {
  asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(to),
               "l"(map), "r"(x), "r"(y), "r"(barrier) : "memory");
}
// The same of matrices behind each other, from matrix z.
BODY void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y, int z) {
  asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];" ::"r"(to),
               "l"(map), "r"(x), "r"(y), "r"(z), "r"(barrier) : "memory");
}
BODY void storeTile(const TileMap* map, u32 from, int x, int y) {
  asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%2, %3}], [%1];" ::"l"(map), "r"(from), "r"(x), "r"(y) : "memory");
}
BODY void commitStores() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
// Waits until all but the last N groups of stores have read their tiles.
template <int N> BODY void waitStores() { asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(N) : "memory"); }

// What a product takes for a tile: rows of 128 bytes, groups of 8 rows 1024 bytes apart.
BODY u64 tile(u32 at) { return (u64)((at & 0x3ffff) >> 4) | (1ull << 16) | ((u64)(1024 >> 4) << 32) | (1ull << 62); }
BODY void fenceProducts() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
BODY void commitProducts() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int N> BODY void waitProducts() { asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory"); }
#define QUINTET_FOUR(d, i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
// d += a b of a warpgroup: a 64 x 16 and b 64 x 16, both by rows along k; d 64 x 64.
BODY void multiplyTiles(float (&d)[32], u64 a, u64 b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31}, "
      "%32, %33, 1, 1, 1, 0, 0;"
      : QUINTET_FOUR(d, 0), QUINTET_FOUR(d, 4), QUINTET_FOUR(d, 8), QUINTET_FOUR(d, 12), QUINTET_FOUR(d, 16), QUINTET_FOUR(d, 20),
        QUINTET_FOUR(d, 24), QUINTET_FOUR(d, 28)
      : "l"(a), "l"(b));
}

#else

void openBarrier(u32 at, int arrivals);
inline void showBarriers() {}
inline void showShared() {}
void arrive(u32 at);
void arriveExpecting(u32 at, u32 bytes);
void awaitBarrier(u32 at, u32 parity);
void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y);
void loadTile(u32 to, const TileMap* map, u32 barrier, int x, int y, int z);
void storeTile(const TileMap* map, u32 from, int x, int y);
void commitStores();
namespace emulator {
void waitStoresLater(int leave);
void finishProducts(int leave);
}
template <int N> void waitStores() { emulator::waitStoresLater(N); }
inline u64 tile(u32 at) { return (u64)((at & 0x3ffff) >> 4) | (1ull << 16) | ((u64)(1024 >> 4) << 32) | (1ull << 62); }
void fenceProducts();
void commitProducts();
template <int N> void waitProducts() { emulator::finishProducts(N); }
void multiplyTiles(float (&d)[32], u64 a, u64 b);

#endif
