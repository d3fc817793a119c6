// Attention by Hopper's own instructions: how the third rung brings tiles and multiplies them. Everything else is the second rung's.
#pragma once
#include "attentionflash.cuh"
#include "wgmma.cuh"

// Maps of all heads side by side, [rows of the batch, tokens, H W]; 512 bytes.
struct AttentionMaps {
  TileMap q;
  TileMap k;
  TileMap v;
  TileMap dOut;
};

// One thread has the copy engine bring tiles (TMA), and four warps multiply their 64 rows together (wgmma): the other side is read
// from shared memory, once for all four, where mma.sync has each warp load all of it.
struct GroupTiles {
  static const int BYTES = 24;

  const AttentionMaps& maps;
  u32 barriers;  // three, a stage each
  u32 phases;  // of each of them, a bit

  DEVICE GroupTiles(const AttentionMaps& maps, u32 barriers) : maps(maps), barriers(barriers), phases(0) {}

  DEVICE u32 barrier(int stage) const { return barriers + 8 * stage; }

  DEVICE void open() {
    if (thread() == 0) {
      for (int stage = 0; stage <= OWN_STAGE; stage++) openBarrier(barrier(stage), 1);
      showBarriers();
    }
    __syncthreads();
  }

  // Where copies find a token of a row: those of rows with starts of their own lie behind each other as those of one.
  static DEVICE int line(const Attention& a, i64 before, int i) { return a.kind == BY_STARTS ? (int)before + i : i; }
  static DEVICE int rowOfQueries(const Attention& a, const Place& p) { return a.kind == BY_STARTS ? 0 : p.row; }
  static DEVICE int rowOfKeys(const Attention& a, const Place& p) { return a.kind == BY_STARTS || a.keyStride == 0 ? 0 : p.row; }

  template <int W> DEVICE void queries(const Attention& a, const Place& p, int h, int i, int stage, u32 to) {
    if (thread() == 0) {
      arriveExpecting(barrier(stage), TILE * W * 2);
      loadTile(to, &maps.q, barrier(stage), h * W, line(a, p.query, i), rowOfQueries(a, p));
    }
  }
  template <int W>
  DEVICE void queries(const Attention& a, const Place& p, int h, int i, int stage, u32 to, Global<const bf16>) {
    if (thread() == 0) {
      int y = line(a, p.query, i), z = rowOfQueries(a, p);
      arriveExpecting(barrier(stage), 2 * TILE * W * 2);
      loadTile(to, &maps.q, barrier(stage), h * W, y, z);
      loadTile(to + TILE * W * 2, &maps.dOut, barrier(stage), h * W, y, z);
    }
  }
  template <int W> DEVICE void keys(const Attention& a, const Place& p, int h, int j, int stage, u32 to) {
    if (thread() == 0) {
      int y = line(a, p.key, j), z = rowOfKeys(a, p);
      arriveExpecting(barrier(stage), 2 * TILE * W * 2);
      loadTile(to, &maps.k, barrier(stage), h * W, y, z);
      loadTile(to + TILE * W * 2, &maps.v, barrier(stage), h * W, y, z);
    }
  }

  // What lies behind a row is zero, but where the next row's tokens lie there: those are put to zero here.
  template <int W> DEVICE void await(const Attention& a, int stage, u32 at, int tiles, int rows) {
    awaitBarrier(barrier(stage), phases >> stage & 1);
    phases ^= 1u << stage;
    if (a.kind == BY_STARTS && rows < TILE) {
      Shared<u8> memory = shared<u8>(0);
      u32 first = at - memory.address(0);
      Wide zero = {{0u, 0u, 0u, 0u}};
#pragma unroll 1
      for (int n = thread(); n < (TILE - rows) * (W / 8); n += TILE_THREADS) {
        for (int tile = 0; tile < tiles; tile++) memory.setAs<Wide>(first + tile * TILE * W * 2 + (rows * (W / 8) + n) * 16, zero);
      }
      showShared();
    }
    __syncthreads();
  }

  template <int W> static DEVICE void timesRows(float (&s)[8][4], const u32 (&own)[W / 16][4], u32 at) {
    static_assert(W == 64, "a tile of 128 bytes a row");
    fenceProducts();
#pragma unroll
    for (int k = 0; k < W / 16; k++) multiplyOwn<false>(s, own[k], tile(at + k * 32), k > 0);
    commitProducts();
  }

  template <int W> static DEVICE void addProduct(float (&sum)[W / 8][4], const float (&p)[8][4], u32 at) {
    u32 own[4][4];
#pragma unroll
    for (int k = 0; k < 4; k++) packOwn(own[k], p[2 * k], p[2 * k + 1]);
    fenceProducts();
#pragma unroll
    for (int k = 0; k < 4; k++) multiplyOwn<true>(sum, own[k], tileAcross(at + k * 2048), true);
    commitProducts();
  }

  template <int N, int COUNT> static DEVICE void finish(float (&sum)[COUNT][4]) {
    waitProducts<N>();
    hold(sum);
  }
};
