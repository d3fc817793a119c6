// Attention in bfloat16 on tensor cores: the second rung, and the third, which brings tiles and multiplies them by other instructions.
//
// `How` it does so is WarpTiles, or GroupTiles of attentionhopper.cuh. Pairs of tiles go to two stages in turn, OWN_STAGE is for what a block keeps.
#pragma once
#include "attentiontile.cuh"

// What a block of queries looks up of a tile of keys.
DEVICE Ahead aheadOfKeys(const Attention& a, const Place& p, int h, int q0, int k0) {
  Ahead ahead = {0.f, 0};
  if (windowed(a) && thread() < 2 * TILE - 1) ahead.window = windowAt(a, h, k0 - q0 - a.offset + thread() - (TILE - 1));
  if (numbered(a) && thread() < TILE) ahead.number = keyNumber(a, p, min(k0 + thread(), p.keys - 1));
  return ahead;
}

#define OWN_STAGE 2

// How a block of four warps works by instructions that all chips from 8.0 on have: each thread copies 16 bytes at a time (cp.async), each
// warp multiplies its 16 rows (mma.sync) and has its sums at once.
struct WarpTiles {
  static const int BYTES = 0;  // of shared memory beside the tiles

  DEVICE void open() {}

  // Begins to copy 64 queries, or queries and behind them their dO, or keys and behind them their values.
  template <int W> DEVICE void queries(const Attention& a, const Place& p, int h, int i, int stage, u32 to) {
    copyTile<W>(to, a.q.as<const bf16>(), queryAt(a, p, h, i), (i64)a.heads * W, p.queries - i);
    commitCopies();
  }
  template <int W>
  DEVICE void queries(const Attention& a, const Place& p, int h, int i, int stage, u32 to, Global<const bf16> dOut) {
    i64 base = queryAt(a, p, h, i), step = (i64)a.heads * W;
    copyTile<W>(to, a.q.as<const bf16>(), base, step, p.queries - i);
    copyTile<W>(to + TILE * W * 2, dOut, base, step, p.queries - i);
    commitCopies();
  }
  template <int W> DEVICE void keys(const Attention& a, const Place& p, int h, int j, int stage, u32 to) {
    i64 base = keyAt(a, p, h, j), step = (i64)a.heads * W;
    copyTile<W>(to, a.k.as<const bf16>(), base, step, p.keys - j);
    copyTile<W>(to + TILE * W * 2, a.v.as<const bf16>(), base, step, p.keys - j);
    commitCopies();
  }

  // Waits until a stage's tiles have arrived, of which `rows` rows are there, and for the whole block.
  template <int W> DEVICE void await(const Attention& a, int stage, u32 at, int tiles, int rows) {
    waitCopies<0>();
    __syncthreads();
  }

  // s = own rows times a tile's rows.
  template <int W> static DEVICE void timesRows(float (&s)[8][4], const u32 (&own)[W / 16][4], u32 tile) { ::timesRows<W>(s, own, tile); }
  // sum += p, rounded to bfloat16, times a tile.
  template <int W> static DEVICE void addProduct(float (&sum)[W / 8][4], const float (&p)[8][4], u32 tile) { ::addProduct<W>(sum, p, tile); }
  // Waits for all products but the last N, of which these are sums.
  template <int N, int COUNT> static DEVICE void finish(float (&sum)[COUNT][4]) {}
};

// Bias, masks and what is not there, on the scores of 64 keys.
DEVICE void finishScores(float (&s)[8][4], const Attention& a, const Place& p, const Beside& beside, int stage, int k0,
                         i32 own0, i32 own1) {
  float factor = a.scale * LOG2_OF_E;
  if (windowed(a)) {
    addWindow(s, beside.window(stage), factor);
  } else {
    scaleScores(s, factor);
  }
  if (numbered(a)) hideOthers(s, beside.numbers(stage), own0, own1);
  if (k0 + TILE > p.seen) hideBehind(s, p.seen - k0, p.keys - k0);
}

// The numbers of the lane's two queries, and the range of the block's.
DEVICE void ownQueries(const Attention& a, const Place& p, const Beside& beside, int q0, i32& own0, i32& own1) {
  own0 = own1 = 0;
  if (!numbered(a)) return;
  int mine = q0 + 16 * warp() + (lane() >> 2);
  own0 = queryNumber(a, p, min(mine, p.queries - 1));
  own1 = queryNumber(a, p, min(mine + 8, p.queries - 1));
  if (thread() < TILE) layRange(beside.ranges(2), queryNumber(a, p, min(q0 + thread(), p.queries - 1)));
}

template <int W, class How> DEVICE void flashForward(How how, const Attention& a, Global<bf16> out, Global<float> logSumExp) {
  const int BYTES = TILE * W * 2;
  Place p = {};
  int q0 = 0;
  if (!findTile(a, false, TILE, p, q0)) return;
  int h = blockIdx.y, mine = q0 + 16 * warp() + (lane() >> 2);
  u32 tiles = shared<u8>(0).address(0);  // queries, then keys and values, twice
  Beside beside = {5 * BYTES};
  i64 step = (i64)a.heads * W;
  how.open();
  how.template queries<W>(a, p, h, q0, OWN_STAGE, tiles);
  int end = visible(a, p, min(q0 + TILE, p.queries) - 1);
  if (end > 0) {
    how.template keys<W>(a, p, h, 0, 0, tiles + BYTES);
    lay(a, beside, 0, aheadOfKeys(a, p, h, q0, 0));
  }
  i32 own0, own1;
  ownQueries(a, p, beside, q0, own0, own1);
  Dropping dropping = Dropping::from(a, h);
  how.template await<W>(a, OWN_STAGE, tiles, 1, p.queries - q0);
  u32 q[W / 16][4];
  loadOwn<W>(q, tiles);
  float o[W / 8][4], most[2], sum[2];
  bool skipping = true;
  while (true) {
#pragma unroll
    for (int j = 0; j < W / 8; j++)
#pragma unroll
      for (int e = 0; e < 4; e++) o[j][e] = 0.f;
    most[0] = most[1] = HIDDEN;
    sum[0] = sum[1] = 0.f;
    int stage = 0;
    for (int k0 = 0; k0 < end; k0 += TILE, stage ^= 1) {
      u32 keys = tiles + (1 + 2 * stage) * BYTES;
      how.template await<W>(a, stage, keys, 2, p.keys - k0);
      bool more = k0 + TILE < end;
      Ahead ahead = {0.f, 0};
      if (more) {
        how.template keys<W>(a, p, h, k0 + TILE, stage ^ 1, tiles + (3 - 2 * stage) * BYTES);
        ahead = aheadOfKeys(a, p, h, q0, k0 + TILE);
      }
      if (!(skipping && numbered(a) && apart(beside, stage))) {
        float s[8][4];
        How::template timesRows<W>(s, q, keys);
        How::template finish<0>(s);
        finishScores(s, a, p, beside, stage, k0, own0, own1);
#pragma unroll
        for (int r = 0; r < 2; r++) {
          float now = most[r];
#pragma unroll
          for (int j = 0; j < 8; j++) now = fmaxf(now, fmaxf(s[j][2 * r], s[j][2 * r + 1]));
          now = fmaxf(now, __shfl_xor_sync(ALL_LANES, now, 1));
          now = fmaxf(now, __shfl_xor_sync(ALL_LANES, now, 2));
          float shrink = ex2(most[r] - now), all = 0.f;
#pragma unroll
          for (int j = 0; j < 8; j++) {
            s[j][2 * r] = ex2(s[j][2 * r] - now);
            s[j][2 * r + 1] = ex2(s[j][2 * r + 1] - now);
            all += s[j][2 * r] + s[j][2 * r + 1];
          }
#pragma unroll
          for (int j = 0; j < W / 8; j++) {
            o[j][2 * r] *= shrink;
            o[j][2 * r + 1] *= shrink;
          }
          sum[r] = sum[r] * shrink + all;
          most[r] = now;
        }
        if (dropping.of.active()) drop(s, dropping, p.row, mine, k0 / TILE);
        How::template addProduct<W>(o, s, keys + BYTES);
        How::template finish<0>(o);
      }
      if (more) lay(a, beside, stage ^ 1, ahead);
    }
    if (!skipping || allSee(a, p, q0)) break;
    // keys that are hidden from all count where a query sees none: then all over again, with all of them
    bool blind = (mine < p.queries && most[0] == HIDDEN) || (mine + 8 < p.queries && most[1] == HIDDEN);
    if (!anyOfBlock(blind, beside.flags())) break;
    skipping = false;
    end = p.keys;
    how.template keys<W>(a, p, h, 0, 0, tiles + BYTES);
    lay(a, beside, 0, aheadOfKeys(a, p, h, q0, 0));
  }
  float factor[2];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    sum[r] += __shfl_xor_sync(ALL_LANES, sum[r], 1);
    sum[r] += __shfl_xor_sync(ALL_LANES, sum[r], 2);
    factor[r] = (dropping.of.active() ? dropping.of.scale : 1.f) / sum[r];
    if ((lane() & 3) == 0 && mine + 8 * r < p.queries) {
      logSumExp.store(sumAt(a, p, h, mine + 8 * r), most[r] == HIDDEN ? HIDDEN : most[r] * LOG_OF_2 + logf(sum[r]));
    }
  }
  putRows<W>(out, queryAt(a, p, h, q0), step, p.queries - q0, false, o, factor[0], factor[1]);
}

// Sums of dO O over the width, [H, tokens]: W / 8 lanes for each row, 16 bytes a lane.
template <int W>
DEVICE void flashDelta(Global<const bf16> out, Global<const bf16> dOut, Global<float> delta, i64 tokens, i32 heads) {
  const int LANES = W / 8;
  i64 rows = tokens * heads, blocks = (rows + 256 / LANES - 1) / (256 / LANES);
  for (i64 block = blockIdx.x; block < blocks; block += gridDim.x) {
    i64 row = block * (256 / LANES) + thread() / LANES;
    float sum = 0.f;
    if (row < rows) {
      float x[8], y[8];
      Lanes<bf16>::spread(out.loadWide(row * W + thread() % LANES * 8), x);
      Lanes<bf16>::spread(dOut.loadWide(row * W + thread() % LANES * 8), y);
#pragma unroll
      for (int n = 0; n < 8; n++) sum += x[n] * y[n];
    }
#pragma unroll
    for (int o = LANES / 2; o > 0; o >>= 1) sum += __shfl_xor_sync(ALL_LANES, sum, o);
    if (row < rows && thread() % LANES == 0) delta.store(row % heads * tokens + row / heads, sum);
  }
}

// The log-sum-exp of a query in units of log 2; infinite where no score has a gradient.
DEVICE float shift(float logSumExp) { return logSumExp == HIDDEN ? infinity() : logSumExp * LOG2_OF_E; }

// Gradients of 64 queries, and sums over each distance of the gradients of scores, a strip of 2 R + 1 for each block.
template <int W, class How>
DEVICE void flashQueries(How how, const Attention& a, Global<const bf16> dOut, Global<const float> logSumExp, Global<const float> delta,
                         Global<bf16> dq, bool add, Global<float> strips, int reach) {
  const int BYTES = TILE * W * 2;
  Place p = {};
  int q0 = 0, h = blockIdx.y, length = 2 * reach + 1;
  bool there = findTile(a, false, TILE, p, q0);
  Global<float> strip = strips + (((i64)h * gridDim.z + blockIdx.z) * gridDim.x + blockIdx.x) * length;
  if (!there) {
    if (strips) {
      for (int n = thread(); n < length; n += TILE_THREADS) strip.store(n, 0.f);
    }
    return;
  }
  int mine = q0 + 16 * warp() + (lane() >> 2);
  u32 tiles = shared<u8>(0).address(0);  // queries and dO, later the gradients of scores; keys and values, twice
  Beside beside = {6 * BYTES};
  Shared<float> distances = shared<float>(6 * BYTES + Beside::BYTES + How::BYTES);
  how.open();
  how.template queries<W>(a, p, h, q0, OWN_STAGE, tiles, dOut);
  int end = visible(a, p, min(q0 + TILE, p.queries) - 1);
  if (end > 0) {
    how.template keys<W>(a, p, h, 0, 0, tiles + 2 * BYTES);
    lay(a, beside, 0, aheadOfKeys(a, p, h, q0, 0));
  }
  i32 own0, own1;
  ownQueries(a, p, beside, q0, own0, own1);
  Dropping dropping = Dropping::from(a, h);
  float log[2], d[2];
#pragma unroll
  for (int r = 0; r < 2; r++) {
    bool real = mine + 8 * r < p.queries;
    log[r] = real ? shift(logSumExp.load(sumAt(a, p, h, mine + 8 * r))) : infinity();
    d[r] = real ? delta.load(deltaAt(a, p, h, mine + 8 * r)) : 0.f;
  }
  if (strips) {
    for (int n = thread(); n < length; n += TILE_THREADS) distances.set(n, 0.f);
  }
  how.template await<W>(a, OWN_STAGE, tiles, 2, p.queries - q0);
  u32 q[W / 16][4], o[W / 16][4];
  loadOwn<W>(q, tiles);
  loadOwn<W>(o, tiles + BYTES);
  float sum[W / 8][4], before = 0.f, behind = 0.f;
#pragma unroll
  for (int j = 0; j < W / 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++) sum[j][e] = 0.f;
  int stage = 0;
  for (int k0 = 0; k0 < end; k0 += TILE, stage ^= 1) {
    u32 keys = tiles + (2 + 2 * stage) * BYTES;
    how.template await<W>(a, stage, keys, 2, p.keys - k0);
    bool more = k0 + TILE < end;
    Ahead ahead = {0.f, 0};
    if (more) {
      how.template keys<W>(a, p, h, k0 + TILE, stage ^ 1, tiles + (4 - 2 * stage) * BYTES);
      ahead = aheadOfKeys(a, p, h, q0, k0 + TILE);
    }
    if (!(numbered(a) && apart(beside, stage))) {
      float s[8][4], dp[8][4];
      How::template timesRows<W>(s, q, keys);
      How::template timesRows<W>(dp, o, keys + BYTES);
      How::template finish<1>(s);
      finishScores(s, a, p, beside, stage, k0, own0, own1);
      How::template finish<0>(dp);
      if (dropping.of.active()) {
        drop(dp, dropping, p.row, mine, k0 / TILE);
        scaleScores(dp, dropping.of.scale);
      }
#pragma unroll
      for (int j = 0; j < 8; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) s[j][e] = ex2(s[j][e] - log[e >> 1]) * (dp[j][e] - d[e >> 1]);
      }
      How::template addProduct<W>(sum, s, keys);
      if (strips) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
#pragma unroll
          for (int r = 0; r < 2; r++) {
            int at = place<64>(16 * warp() + (lane() >> 2) + 8 * r, j) + 4 * (lane() & 3);
            shared<u8>(0).setAs<u32>(at, pack(s[j][2 * r], s[j][2 * r + 1]));
          }
        }
        __syncthreads();
        // a thread has a diagonal; all walk down the rows together, so that none waits for another's bank
        int diagonal = thread() - (TILE - 1), distance = k0 - q0 - a.offset + diagonal;
        float all = 0.f;
#pragma unroll 4
        for (int row = 0; row < TILE; row++) {
          int column = row + diagonal;
          if (column >= 0 && column < TILE) {
            all += toFloat(shared<u8>(0).getAs<bf16>(place<64>(row, column >> 3) + 2 * (column & 7)));
          }
        }
        if (distance <= -reach) {
          before += all;
        } else if (distance >= reach) {
          behind += all;
        } else {
          distances.set(distance + reach, distances.get(distance + reach) + all);
        }
      }
      How::template finish<0>(sum);
    }
    if (more) lay(a, beside, stage ^ 1, ahead);
  }
  if (strips) {
    // the ends, where distances beyond the reach come together
    Shared<float> part = shared<float>(beside.at);
    before = warpSum(before);
    behind = warpSum(behind);
    __syncthreads();
    if (lane() == 0) {
      part.set(warp(), before);
      part.set(4 + warp(), behind);
    }
    __syncthreads();
    if (thread() == 0) {
      distances.set(0, distances.get(0) + part.get(0) + part.get(1) + part.get(2) + part.get(3));
      distances.set(length - 1, distances.get(length - 1) + part.get(4) + part.get(5) + part.get(6) + part.get(7));
    }
    __syncthreads();
    for (int n = thread(); n < length; n += TILE_THREADS) strip.store(n, distances.get(n));
  }
  __syncthreads();
  if (dq) putRows<W>(dq, queryAt(a, p, h, q0), (i64)a.heads * W, p.queries - q0, add, sum, a.scale, a.scale);
}

// What a block of keys reads of 64 queries beside what Beside has, twice: the shift of each, the sum of dO O, the probability of a
// query that sees nothing, whether there is one, and a byte of dropout for each counter and query.
struct OfQueries {
  u32 at;
  static const int SHIFTS = 0;  // 2 x 64 float32
  static const int DELTAS = 512;
  static const int EVEN = 1024;
  static const int BLIND = 1536;  // 2 x 2 int32
  static const int KEPT = 1552;  // 2 x 8 x 64 bytes
  static const int BYTES = 2576;

  DEVICE Shared<float> shifts(int stage) const { return shared<float>(at + SHIFTS + 256 * stage); }
  DEVICE Shared<float> deltas(int stage) const { return shared<float>(at + DELTAS + 256 * stage); }
  DEVICE Shared<float> even(int stage) const { return shared<float>(at + EVEN + 256 * stage); }
  DEVICE Shared<i32> blind(int stage) const { return shared<i32>(at + BLIND + 8 * stage); }
  DEVICE Shared<u8> kept(int stage) const { return shared<u8>(at + KEPT + 512 * stage); }
};

struct AheadOfQueries {
  Ahead beside;
  float logSumExp;
  float delta;
};

DEVICE AheadOfQueries aheadOfQueries(const Attention& a, const Place& p, int h, int q0, int k0, Global<const float> logSumExp,
                                     Global<const float> delta) {
  AheadOfQueries ahead = {{0.f, 0}, infinity(), 0.f};
  if (windowed(a) && thread() < 2 * TILE - 1) ahead.beside.window = windowAt(a, h, k0 - q0 - a.offset - thread() + (TILE - 1));
  if (thread() < TILE) {
    int i = q0 + thread();
    if (numbered(a)) ahead.beside.number = queryNumber(a, p, min(i, p.queries - 1));
    if (i < p.queries) {
      ahead.logSumExp = logSumExp.load(sumAt(a, p, h, i));
      ahead.delta = delta.load(deltaAt(a, p, h, i));
    }
  }
  return ahead;
}

DEVICE void lay(const Attention& a, const Place& p, const Beside& beside, const OfQueries& of, int stage,
                const AheadOfQueries& ahead) {
  lay(a, beside, stage, ahead.beside);
  if (thread() < TILE) {
    bool blind = ahead.logSumExp == HIDDEN;
    of.shifts(stage).set(thread(), shift(ahead.logSumExp));
    of.deltas(stage).set(thread(), ahead.delta);
    of.even(stage).set(thread(), blind ? 1.f / p.keys : 0.f);
    u32 votes = __ballot_sync(ALL_LANES, blind);
    if (lane() == 0) of.blind(stage).set(warp(), votes != 0);
  }
}

// Draws what is kept of 64 queries and keys: of query c and counter i the bits 2 j + h of a byte.
DEVICE void draw(const Dropping& dropping, const Place& p, const OfQueries& of, int stage, int q0, int block) {
#pragma unroll 1
  for (int n = 0; n < 4; n++) {
    int e = thread() + n * TILE_THREADS, c = e & 63, i = e >> 6;
    Dropper dropper = dropping.query(q0 + c);
    u32 w[4], bits = 0;
    dropper.words(p.row, block, i, w);
#pragma unroll
    for (int j = 0; j < 4; j++) {
      bits |= (u32)dropper.keeps(w, j, 0) << (2 * j);
      bits |= (u32)dropper.keeps(w, j, 1) << (2 * j + 1);
    }
    of.kept(stage).set(e, (u8)bits);
  }
}

// Gradients of 64 keys and their values. Scores are made with the keys as rows, so that they are in registers what both products
// take on their left.
template <int W, class How>
DEVICE void flashKeys(How how, const Attention& a, Global<const bf16> dOut, Global<const float> logSumExp, Global<const float> delta,
                      Global<bf16> dk, bool addK, Global<bf16> dv, bool addV) {
  const int BYTES = TILE * W * 2;
  Place p = {};
  int k0 = 0, h = blockIdx.y;
  if (!findTile(a, true, TILE, p, k0)) return;
  int g = lane() >> 2, t = lane() & 3, mine = k0 + 16 * warp() + g;
  u32 tiles = shared<u8>(0).address(0);  // keys and values; queries and dO, twice
  Beside beside = {6 * BYTES};
  OfQueries of = {6 * BYTES + Beside::BYTES + How::BYTES};
  int q0 = 0;
  if (allSee(a, p, 0)) {
    if (a.causal) q0 = max(0, k0 - a.offset) / TILE * TILE;
    if (k0 >= p.seen) q0 = p.queries;
  }
  Dropping dropping = Dropping::from(a, h);
  how.open();
  how.template keys<W>(a, p, h, k0, OWN_STAGE, tiles);
  if (q0 < p.queries) {
    how.template queries<W>(a, p, h, q0, 0, tiles + 2 * BYTES, dOut);
    lay(a, p, beside, of, 0, aheadOfQueries(a, p, h, q0, k0, logSumExp, delta));
    if (dropping.of.active()) draw(dropping, p, of, 0, q0, k0 / TILE);
  }
  i32 own0 = 0, own1 = 0;
  if (numbered(a)) {
    own0 = keyNumber(a, p, min(mine, p.keys - 1));
    own1 = keyNumber(a, p, min(mine + 8, p.keys - 1));
    if (thread() < TILE) layRange(beside.ranges(2), keyNumber(a, p, min(k0 + thread(), p.keys - 1)));
  }
  how.template await<W>(a, OWN_STAGE, tiles, 2, p.keys - k0);
  u32 k[W / 16][4], v[W / 16][4];
  loadOwn<W>(k, tiles);
  loadOwn<W>(v, tiles + BYTES);
  float sumK[W / 8][4], sumV[W / 8][4], factor = a.scale * LOG2_OF_E;
#pragma unroll
  for (int j = 0; j < W / 8; j++)
#pragma unroll
    for (int e = 0; e < 4; e++) sumK[j][e] = sumV[j][e] = 0.f;
  for (int stage = 0; q0 < p.queries; q0 += TILE, stage ^= 1) {
    u32 queries = tiles + (2 + 2 * stage) * BYTES;
    how.template await<W>(a, stage, queries, 2, p.queries - q0);
    bool more = q0 + TILE < p.queries;
    AheadOfQueries ahead = {{0.f, 0}, 0.f, 0.f};
    if (more) {
      how.template queries<W>(a, p, h, q0 + TILE, stage ^ 1, tiles + (4 - 2 * stage) * BYTES, dOut);
      ahead = aheadOfQueries(a, p, h, q0 + TILE, k0, logSumExp, delta);
    }
    bool blind = (of.blind(stage).get(0) | of.blind(stage).get(1)) != 0;
    bool hidden = k0 >= p.seen || (a.causal && q0 + TILE - 1 + a.offset < k0) || (numbered(a) && apart(beside, stage));
    if (blind || !hidden) {
      float s[8][4], dp[8][4];
      How::template timesRows<W>(s, k, queries);
      How::template timesRows<W>(dp, v, queries + BYTES);
      How::template finish<1>(s);
      if (windowed(a)) {
        addWindow(s, beside.window(stage), factor);
      } else {
        scaleScores(s, factor);
      }
      if (numbered(a)) hideOthers(s, beside.numbers(stage), own0, own1);
      if (k0 + TILE > p.seen) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
#pragma unroll
          for (int e = 0; e < 4; e++) {
            if (mine + 8 * (e >> 1) >= p.seen) s[j][e] = HIDDEN;
          }
        }
      }
      How::template finish<0>(dp);
#pragma unroll
      for (int j = 0; j < 8; j++) {
        Half shifts = of.shifts(stage).getAs<Half>(8 * j + 2 * t), deltas = of.deltas(stage).getAs<Half>(8 * j + 2 * t);
        Half even = {{0, 0}};
        if (blind) even = of.even(stage).getAs<Half>(8 * j + 2 * t);
        u32 kept[2] = {0xffffu, 0xffffu};
        if (dropping.of.active()) {
          kept[0] = of.kept(stage).getAs<u16>((g >> 1) * TILE + 8 * j + 2 * t) >> (2 * warp() + (g & 1));
          kept[1] = of.kept(stage).getAs<u16>(((g >> 1) + 4) * TILE + 8 * j + 2 * t) >> (2 * warp() + (g & 1));
        }
#pragma unroll
        for (int e = 0; e < 4; e++) {
          float chance = ex2(s[j][e] - bitsToFloat(shifts.word[e & 1]));
          float keeps = dropping.of.active() ? ((kept[e >> 1] >> (8 * (e & 1))) & 1 ? dropping.of.scale : 0.f) : 1.f;
          dp[j][e] = chance * (dp[j][e] * keeps - bitsToFloat(deltas.word[e & 1]));
          s[j][e] = (chance + bitsToFloat(even.word[e & 1])) * keeps;
        }
      }
      How::template addProduct<W>(sumV, s, queries + BYTES);
      How::template addProduct<W>(sumK, dp, queries);
      How::template finish<0>(sumV);
      How::template finish<0>(sumK);
    }
    if (more) {
      lay(a, p, beside, of, stage ^ 1, ahead);
      if (dropping.of.active()) draw(dropping, p, of, stage ^ 1, q0 + TILE, k0 / TILE);
    }
  }
  __syncthreads();
  i64 base = closeKeyAt(a, p, h, k0), step = (i64)a.heads * W;
  if (dv) putRows<W>(dv, base, step, p.keys - k0, addV, sumV, 1.f, 1.f);
  __syncwarp();
  if (dk) putRows<W>(dk, base, step, p.keys - k0, addK, sumK, a.scale, a.scale);
}
