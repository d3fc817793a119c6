// Every function of quintet.cuh that stands for an instruction, a conversion or an exchange, alone: a GPU's answer is compared
// with the emulator's, which was recorded (CudaCalibration, calibrate.bin.gz). It is no part of a computation.
//
// All but the last take `in` words a thread and give `out`: thread t of block b those from (b threads + t) in on.
#include "counters.cuh"
#include "wgmma.cuh"

// The words of this thread.
template <int COUNT> struct Own {
  static DEVICE i64 at() { return ((i64)blockIdx.x * blockDim.x + thread()) * COUNT; }
};

#define CALIBRATE(name, threads, in, out)                                                \
  DEVICE void name(const u32 (&x)[in], u32 (&y)[out]);                                   \
  KERNEL(threads, calibrate_##name)(Global<const u32> x, Global<u32> y) {                \
    u32 taken[in], given[out];                                                           \
    _Pragma("unroll") for (int i = 0; i < in; i++) taken[i] = x.load(Own<in>::at() + i); \
    name(taken, given);                                                                  \
    _Pragma("unroll") for (int i = 0; i < out; i++) y.store(Own<out>::at() + i, given[i]); \
  }                                                                                      \
  REGISTER(calibrate_##name);                                                            \
  DEVICE void name(const u32 (&x)[in], u32 (&y)[out])

// cvt.rn.bf16x2.f32
CALIBRATE(pack, 32, 2, 1) { y[0] = pack(bitsToFloat(x[0]), bitsToFloat(x[1])); }

CALIBRATE(halves, 32, 1, 2) {
  y[0] = floatToBits(lower(x[0]));
  y[1] = floatToBits(upper(x[0]));
}

CALIBRATE(gather, 32, 8, 12) {
  float v[8];
#pragma unroll
  for (int i = 0; i < 8; i++) v[i] = bitsToFloat(x[i]);
  Wide w = Lanes<bf16>::gather(v);
  Lanes<bf16>::spread(w, v);
#pragma unroll
  for (int i = 0; i < 4; i++) y[i] = w.word[i];
#pragma unroll
  for (int i = 0; i < 8; i++) y[4 + i] = floatToBits(v[i]);
}

CALIBRATE(multiply_high, 32, 2, 1) { y[0] = mulHigh(x[0], x[1]); }

// ex2.approx.ftz.f32
CALIBRATE(ex2, 32, 1, 1) { y[0] = floatToBits(ex2(bitsToFloat(x[0]))); }

// The library's functions that kernels call, of a number above 0.
CALIBRATE(exp, 32, 1, 1) { y[0] = floatToBits(expf(bitsToFloat(x[0]))); }
CALIBRATE(log, 32, 1, 1) { y[0] = floatToBits(logf(bitsToFloat(x[0]))); }
CALIBRATE(log1p, 32, 1, 1) { y[0] = floatToBits(log1pf(bitsToFloat(x[0]))); }
CALIBRATE(tanh, 32, 1, 1) { y[0] = floatToBits(tanhf(bitsToFloat(x[0]))); }
CALIBRATE(erf, 32, 1, 1) { y[0] = floatToBits(erff(bitsToFloat(x[0]))); }
CALIBRATE(rsqrt, 32, 1, 1) { y[0] = floatToBits(rsqrtf(bitsToFloat(x[0]))); }
CALIBRATE(root, 32, 1, 1) { y[0] = floatToBits(sqrtf(bitsToFloat(x[0]))); }
CALIBRATE(quotient, 32, 2, 1) { y[0] = floatToBits(bitsToFloat(x[0]) / bitsToFloat(x[1])); }
CALIBRATE(fused, 32, 3, 1) { y[0] = floatToBits(fmaf(bitsToFloat(x[0]), bitsToFloat(x[1]), bitsToFloat(x[2]))); }

// A value and a number from 0 to 31.
CALIBRATE(shuffle, 32, 2, 7) {
  int by = (int)x[1];
  y[0] = __shfl_sync(ALL_LANES, x[0], by);
  y[1] = __shfl_sync(ALL_LANES, x[0], by, 8);
  y[2] = __shfl_up_sync(ALL_LANES, x[0], 3);
  y[3] = __shfl_down_sync(ALL_LANES, x[0], 5);
  y[4] = __shfl_xor_sync(ALL_LANES, x[0], 13);
  y[5] = __ballot_sync(ALL_LANES, x[0] & 1);
  y[6] = (u32)__popc(x[0]);
}

CALIBRATE(warp_sums, 32, 1, 2) {
  y[0] = floatToBits(warpSum(bitsToFloat(x[0])));
  y[1] = floatToBits(warpMax(bitsToFloat(x[0])));
}

// Shared memory of calibrate_block_sums: 16 bytes
CALIBRATE(block_sums, 128, 1, 2) {
  y[0] = floatToBits(blockSum(bitsToFloat(x[0]), shared<float>(0)));
  y[1] = floatToBits(blockMax(bitsToFloat(x[0]), shared<float>(0)));
}

// bar.sync: the first two warps hand their words to each other, as do the last two.
// Shared memory of calibrate_named_barrier: 512 bytes
CALIBRATE(named_barrier, 128, 1, 1) {
  Shared<u32> words = shared<u32>(0);
  words.set(thread(), x[0]);
  namedBarrier(1 + thread() / 64, 64);
  y[0] = words.get(thread() ^ 32);
}

// Words of 16, 8 and 4 bytes in shared memory.
// Shared memory of calibrate_access: 512 bytes
CALIBRATE(access, 32, 4, 5) {
  Shared<u32> words = shared<u32>(0) + 4 * lane();
  Wide w;
#pragma unroll
  for (int i = 0; i < 4; i++) w.word[i] = x[i];
  words.setAs<Wide>(0, w);
  Half h = words.getAs<Half>(2);
  y[0] = h.word[0];
  y[1] = h.word[1];
  h.word[0] = x[1];
  words.setAs<Half>(0, h);
  __syncwarp();
  w = (shared<u32>(0) + 4 * (lane() ^ 1)).getAs<Wide>(0);
  y[2] = w.word[0];
  y[3] = w.word[1];
  y[4] = shared<bf16>(0).get(8 * lane() + 3).bits;
}

// cp.async: each thread copies 16 bytes twice, or zeros where its word is odd, in two groups, and reads its neighbour's.
// Shared memory of calibrate_copy_async: 1024 bytes
KERNEL(32, calibrate_copy_async)(Global<const u32> x, Global<u32> y) {
  Shared<u32> words = shared<u32>(0);
  i64 mine = Own<8>::at();
  bool there = (x.load(mine) & 1) == 0;
#pragma unroll
  for (int group = 0; group < 2; group++) {
    copyAsync(words.address(128 * group + 4 * lane()), x, mine + 4 * group, there);
    commitCopies();
  }
  waitCopies<1>();
  __syncwarp();
  i64 out = Own<8>::at();
#pragma unroll
  for (int i = 0; i < 4; i++) y.store(out + i, words.get(4 * (lane() ^ 1) + i));
  waitCopies<0>();
  __syncwarp();
#pragma unroll
  for (int i = 0; i < 4; i++) y.store(out + 4 + i, words.get(128 + 4 * (lane() ^ 1) + i));
}
REGISTER(calibrate_copy_async);

// Global memory by 16, 8 and 4 bytes.
KERNEL(32, calibrate_global)(Global<const u32> x, Global<u32> y) {
  i64 in = Own<8>::at();
  y.storeWide(in, x.loadWide(in));
  y.storeHalf(in + 4, x.loadHalf(in + 4));
  y.as<bf16>().storePair(2 * (in + 6), x.as<const bf16>().loadPair(2 * (in + 6)));
  y.as<bf16>().store(2 * (in + 7), x.as<const bf16>().load(2 * (in + 7) + 1));
  y.as<bf16>().store(2 * (in + 7) + 1, x.as<const bf16>().load(2 * (in + 7)));
}
REGISTER(calibrate_global);

// ldmatrix: each thread lays 16 bytes down; the address that it gives is its row.
// Shared memory of calibrate_load_matrices: 512 bytes
CALIBRATE(load_matrices, 32, 4, 8) {
  Shared<u32> words = shared<u32>(0);
  Wide w;
#pragma unroll
  for (int i = 0; i < 4; i++) w.word[i] = x[i];
  words.setAs<Wide>(4 * lane(), w);
  __syncwarp();
  u32 straight[4], turned[4];
  loadMatrices(straight, words.address(4 * lane()));
  loadMatricesTurned(turned, words.address(4 * (lane() ^ 8)));
#pragma unroll
  for (int i = 0; i < 4; i++) {
    y[i] = straight[i];
    y[4 + i] = turned[i];
  }
}

// mma.sync m16n8k16: a, b, d
CALIBRATE(multiply_add, 32, 10, 4) {
  const u32 a[4] = {x[0], x[1], x[2], x[3]};
  float d[4];
#pragma unroll
  for (int i = 0; i < 4; i++) d[i] = bitsToFloat(x[6 + i]);
  multiplyAdd(d, a, x[4], x[5]);
#pragma unroll
  for (int i = 0; i < 4; i++) y[i] = floatToBits(d[i]);
}

// By 9.0's own instructions (on others it does nothing, and is not launched): y[64, 64] = left[64, 64] right[64, 64]ᵀ by tiles that were copied, of bfloat16, and the
// left tile copied back with some of its words changed.
// Shared memory of calibrate_tiles: 16392 bytes
KERNEL(128, calibrate_tiles)(IN_PLACE const TileMap left, IN_PLACE const TileMap right, IN_PLACE const TileMap back, Global<u32> y) {
#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
  const u32 base = shared<u8>(0).address(0), full = base + 16384;
  if (thread() == 0) {
    openBarrier(full, 128);
    showBarriers();
  }
  __syncthreads();
  if (thread() == 0) {
    arriveExpecting(full, 16384);
    loadTile(base, &left, full, 0, 0);
    loadTile(base + 8192, &right, full, 0, 0);
  } else {
    arrive(full);
  }
  awaitBarrier(full, 0);
  float d[32];
#pragma unroll
  for (int i = 0; i < 32; i++) d[i] = 0.f;
  fenceProducts();
#pragma unroll
  for (int part = 0; part < 4; part++) multiplyTiles(d, tile(base + part * 32), tile(base + 8192 + part * 32));
  commitProducts();
  waitProducts<0>();
#pragma unroll
  for (int i = 0; i < 32; i++) {
    int row = warp() * 16 + (lane() >> 2) + ((i >> 1) & 1) * 8, column = (i >> 2) * 8 + (lane() & 3) * 2 + (i & 1);
    y.store(row * 64 + column, floatToBits(d[i]));
  }
  __syncthreads();
  Shared<u32> words = shared<u32>(0);
  words.set(thread(), words.get(thread()) ^ 0x10001u);
  showShared();
  __syncthreads();
  if (thread() == 0) {
    storeTile(&back, base, 0, 0);
    commitStores();
    waitStores<0>();
  }
#endif
}
REGISTER(calibrate_tiles);

// y[2, 64, 64]: left rightᵀ and left right, the left side in registers. Both are matrices of one map, and the right side begins at its row 3, so
// that its last three rows are zeros.
KERNEL(128, calibrate_products_own)(IN_PLACE const TileMap both, Global<u32> y) {
#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
  const u32 base = shared<u8>(0).address(0), full = base + 16384;
  if (thread() == 0) {
    openBarrier(full, 1);
    showBarriers();
  }
  __syncthreads();
  if (thread() == 0) {
    arriveExpecting(full, 16384);
    loadTile(base, &both, full, 0, 0, 0);
    loadTile(base + 8192, &both, full, 0, 3, 1);
  }
  awaitBarrier(full, 0);
  u32 left[4][4];
#pragma unroll
  for (int k = 0; k < 4; k++) {
    int row = 16 * warp() + (lane() & 15), chunk = 2 * k + (lane() >> 4);
    loadMatrices(left[k], base + row * 128 + ((chunk ^ (row & 7)) << 4));
  }
  float d[8][4];
#pragma unroll
  for (int across = 0; across < 2; across++) {
    fenceProducts();
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (across) {
        multiplyOwn<true>(d, left[k], tileAcross(base + 8192 + k * 2048), k > 0);
      } else {
        multiplyOwn<false>(d, left[k], tile(base + 8192 + k * 32), k > 0);
      }
    }
    commitProducts();
    waitProducts<0>();
    hold(d);
#pragma unroll
    for (int i = 0; i < 32; i++) {
      int row = warp() * 16 + (lane() >> 2) + ((i >> 1) & 1) * 8, column = (i >> 2) * 8 + (lane() & 3) * 2 + (i & 1);
      y.store(4096 * across + row * 64 + column, floatToBits(d[i >> 2][i & 3]));
    }
  }
#endif
}
REGISTER(calibrate_products_own);

// What products of clusters are made of, by two blocks and two steps of 64 of the summed size: y[2, 64, WIDTH] = left[128, 128] right[WIDTH, 128]ᵀ,
// each operand along or across the summed size.
template <int WIDTH, bool ACROSS_A, bool ACROSS_B> DEVICE void clusterProduct(const TileMap* left, const TileMap* right, Global<u32> y) {
  typedef Operand<64, ACROSS_A> OperandA;
  typedef Operand<WIDTH, ACROSS_B> OperandB;
  const u32 base = shared<u8>(0).address(0), full = base + OperandA::BYTES + OperandB::BYTES, empty = full + 8;
  const int rank = clusterRank();
  if (thread() == 0) {
    openBarrier(full, 1);
    openBarrier(empty, 4 * CLUSTER);
    showBarriers();
  }
  clusterBarrier();
  if (warp() < 4) {
    giveRegisters<40>();
    if (thread() == 0) {
      for (int step = 0; step < 2; step++) {
        awaitBarrier(empty, (step & 1) ^ 1);
        arriveExpecting(full, OperandA::BYTES + OperandB::BYTES);
        OperandA::load(base, left, full, 64 * rank, 64 * step);
        OperandB::loadForAll(base + OperandA::BYTES, right, full, 0, 64 * step, rank);
      }
    }
  } else {
    takeRegisters<232>();
    float d[WIDTH / 8][4];
    for (int step = 0; step < 2; step++) {
      awaitBarrier(full, step & 1);
      fenceProducts();
#pragma unroll
      for (int part = 0; part < 4; part++) {
        multiplyTiles<WIDTH, ACROSS_A, ACROSS_B>(d, OperandA::slice(base, part), OperandB::slice(base + OperandA::BYTES, part), step > 0 || part > 0);
      }
      commitProducts();
      waitProducts<0>();
      if (lane() < CLUSTER) arriveAt(empty, lane());
    }
#pragma unroll
    for (int i = 0; i < WIDTH / 8; i++) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        int row = rank * 64 + (warp() & 3) * 16 + (lane() >> 2) + (e >> 1) * 8, column = i * 8 + (lane() & 3) * 2 + (e & 1);
        y.store(row * WIDTH + column, floatToBits(d[i][e]));
      }
    }
  }
  __syncwarp();
  clusterBarrier();
}

// Blocks that follow each other by counters: each goes on from what the one with the ticket before has written, another lane's.
//
// counters: a ticket's and how many have ended, both 0 before
// Shared memory of calibrate_counters: 4 bytes
KERNEL(32, calibrate_counters)(Global<const u32> x, Global<u32> y, Global<u32> counters) {
  Shared<u32> ticket = shared<u32>(0);
  if (thread() == 0) {
    u32 mine = take(counters, 0);
    ticket.set(0, mine);
    awaitCount(counters, 1, mine);
  }
  __syncthreads();
  i32 at = 32 * (i32)ticket.get(0);
  u32 before = at == 0 ? 0 : y.load(at - 32 + ((lane() + 5) & 31));
  y.store(at + lane(), 3 * before + x.load(at + lane()));
  __syncthreads();
  if (thread() == 0) countUp(counters, 1);
}
REGISTER(calibrate_counters);

#if !defined(__CUDACC__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define CLUSTER_PRODUCT(width, acrossA, acrossB) clusterProduct<width, acrossA, acrossB>(&left, &right, y)
#else
#define CLUSTER_PRODUCT(width, acrossA, acrossB)
#endif

// Shared memory of calibrate_products_*: at most 40976 bytes
#define PRODUCTS(form, width, acrossA, acrossB)                                                                                       \
  KERNEL_BESIDE(256, 1, calibrate_products_##form##_##width)(IN_PLACE const TileMap left, IN_PLACE const TileMap right, Global<u32> y) { \
    CLUSTER_PRODUCT(width, acrossA, acrossB);                                                                                         \
  }                                                                                                                                   \
  REGISTER(calibrate_products_##form##_##width);

PRODUCTS(nn, 96, false, true)
PRODUCTS(nn, 192, false, true)
PRODUCTS(nn, 256, false, true)
PRODUCTS(nt, 96, false, false)
PRODUCTS(nt, 192, false, false)
PRODUCTS(nt, 256, false, false)
PRODUCTS(tn, 96, true, true)
PRODUCTS(tn, 192, true, true)
PRODUCTS(tn, 256, true, true)
