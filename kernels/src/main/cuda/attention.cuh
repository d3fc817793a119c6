// What all kernels of attention take and share: the call, where a row of the batch lies, and who sees whom.
//
// Scores are kept in units of log 2, so that 2^x serves for e^x. The score of a key that a query does not see is HIDDEN, a finite
// number: 2^(HIDDEN - m) is 0 beside any score that counts and 1 where nothing does, which makes a row without keys uniform over
// all S by itself. Places behind the last key are minus infinity: 0 everywhere.
#pragma once
#include "dropout.cuh"

// core's AttentionCall, 184 bytes as CudaAttention writes them.
struct Attention {
  Global<const u8> q;  // byte 0
  Global<const u8> k;  // 8
  Global<const u8> v;  // 16
  Global<const float> bias;  // 24
  Global<const i32> ofQueries;  // 32
  Global<const i32> ofKeys;  // 40
  i64 keyStride;  // 48; elements from one row's keys to the next row's
  i64 biasBatch;  // 56
  i64 biasHead;  // 64
  i32 batch;  // 72
  i32 heads;  // 76
  i32 queries;  // 80
  i32 keys;  // 84
  i32 width;  // 88
  i32 kind;  // 92
  i32 causal;  // 96
  i32 offset;  // 100
  i32 reach;  // 104; -1 for a full bias
  float scale;  // 108
  Global<i64> fault;  // 112
  DropoutMask dropout;  // 120
};

// core's AttentionCall.Kind
enum { SEES_ALL = 0, BY_MASK = 1, BY_LENGTHS = 2, BY_SEGMENTS = 3, BY_STARTS = 4 };

#define FAULT_OF_STARTS 4
#define HIDDEN -3.402823466e+38f
#define LOG2_OF_E 1.4426950408889634f
#define LOG_OF_2 0.6931471805599453f

// A row of the batch.
struct Place {
  i32 row;
  i32 queries;  // its T
  i32 keys;  // its S
  i32 seen;  // keys that lengths let through
  i64 query;  // tokens before its first query
  i64 key;  // tokens before its first key, where keys lie close
  i64 keyAt;  // elements before its first key
};

// A row of the batch, where none has a start of its own.
DEVICE void placeOf(const Attention& a, int row, Place& p) {
  p.row = row;
  p.queries = a.queries;
  p.keys = a.keys;
  p.query = (i64)row * a.queries;
  p.key = (i64)row * a.keys;
  p.keyAt = row * a.keyStride;
  p.seen = a.kind == BY_LENGTHS ? min(max(a.ofKeys.load(row), 0), a.keys) : a.keys;
}

// Finds the row of this block and its first query or key there, where the grid has a place for every `tile` of them: with starts
// of rows, floor(start / tile) + row is the first place of a row, which leaves each enough and is found without a table.
//
// Returns false where nothing is there. Faulty starts are reported and leave their row alone.
DEVICE bool findTile(const Attention& a, bool byKeys, int tile, Place& p, int& first) {
  int slot = blockIdx.x;
  if (a.kind != BY_STARTS) {
    placeOf(a, blockIdx.z, p);
    first = slot * tile;
    return true;
  }
  if (slot == 0 && blockIdx.y == 0) {
    for (int row = thread(); row <= a.batch; row += blockDim.x) {
      i32 q = a.ofQueries.load(row), k = a.ofKeys.load(row);
      i32 beforeQ = row > 0 ? a.ofQueries.load(row - 1) : 0, beforeK = row > 0 ? a.ofKeys.load(row - 1) : 0;
      bool end = row == a.batch;
      if (q < beforeQ || (row == 0 && q != 0) || (end && q != a.queries)) report(a.fault, FAULT_OF_STARTS, q, a.queries);
      if (k < beforeK || (row == 0 && k != 0) || (end && k != a.keys)) report(a.fault, FAULT_OF_STARTS, k, a.keys);
      if (q > beforeQ && k == beforeK) report(a.fault, FAULT_OF_STARTS, k, a.keys);
    }
  }
  Global<const i32> starts = byKeys ? a.ofKeys : a.ofQueries;
  int low = 0, high = a.batch;
  while (high - low > 1) {
    int middle = (low + high) >> 1;
    if (starts.load(middle) / tile + middle <= slot) {
      low = middle;
    } else {
      high = middle;
    }
  }
  i32 q0 = a.ofQueries.load(low), q1 = a.ofQueries.load(low + 1), k0 = a.ofKeys.load(low), k1 = a.ofKeys.load(low + 1);
  if (q0 < 0 || q1 < q0 || q1 > a.queries || k0 < 0 || k1 < k0 || k1 > a.keys) return false;
  p.row = low;
  p.queries = q1 - q0;
  p.keys = p.seen = k1 - k0;
  p.query = q0;
  p.key = k0;
  p.keyAt = (i64)k0 * a.heads * a.width;
  first = (slot - (starts.load(low) / tile + low)) * tile;
  return first >= 0 && first < (byKeys ? p.keys : p.queries) && p.keys > 0;
}

// Elements of queries of a head before query i of a row.
DEVICE i64 queryAt(const Attention& a, const Place& p, int h, int i) { return ((p.query + i) * a.heads + h) * a.width; }
// Of keys likewise, as they come.
DEVICE i64 keyAt(const Attention& a, const Place& p, int h, int j) { return p.keyAt + ((i64)j * a.heads + h) * a.width; }
// Of their gradients, which lie close.
DEVICE i64 closeKeyAt(const Attention& a, const Place& p, int h, int j) { return ((p.key + j) * a.heads + h) * a.width; }
// Where the log-sum-exp of query i lies.
DEVICE i64 sumAt(const Attention& a, const Place& p, int h, int i) {
  return p.query * a.heads + (i64)h * p.queries + i;
}
// Where the sum of dO O of query i lies: [H, all tokens].
DEVICE i64 deltaAt(const Attention& a, const Place& p, int h, int i) {
  return (i64)h * (a.kind == BY_STARTS ? 1 : a.batch) * a.queries + p.query + i;
}

// Keys before this number are all that queries up to `last` of a row see, but for what masks hide of them.
DEVICE int visible(const Attention& a, const Place& p, int last) {
  return a.causal ? max(0, min(p.seen, last + a.offset + 1)) : p.seen;
}
// Whether every query from `first` on is known to see a key.
DEVICE bool allSee(const Attention& a, const Place& p, int first) {
  return a.kind != BY_MASK && a.kind != BY_SEGMENTS && p.seen > 0 && (!a.causal || first + a.offset >= 0);
}

// What a query and a key must have in common to see each other, with masks and segments.
DEVICE bool numbered(const Attention& a) { return a.kind == BY_MASK || a.kind == BY_SEGMENTS; }
DEVICE i32 queryNumber(const Attention& a, const Place& p, int i) {
  return a.kind == BY_MASK ? 1 : a.ofQueries.load(p.query + i);
}
DEVICE i32 keyNumber(const Attention& a, const Place& p, int j) {
  i32 n = a.ofKeys.load(p.key + j);
  return a.kind == BY_MASK ? n != 0 : n;
}

DEVICE int clampTo(int x, int reach) { return max(-reach, min(x, reach)); }

// Dropout of a call: the mask of one head's and one query's probabilities.
struct Dropping {
  Dropper of;
  u64 mix;
  u64 site;

  static DEVICE Dropping from(const Attention& a, int h) {
    Dropping d;
    d.of = Dropper::of(a.dropout);
    d.mix = d.of.stream ^ a.dropout.site;
    d.site = a.dropout.site + ((u64)h << 32) + (u64)(i64)a.offset;
    return d;
  }
  DEVICE Dropper query(int i) const {
    Dropper d = of;
    d.stream = (site + (u64)i) ^ mix;
    return d;
  }
};

// Whether one of the block's threads says so.
DEVICE bool anyOfBlock(bool yes, Shared<i32> flags) {
  u32 votes = __ballot_sync(ALL_LANES, yes);
  if (lane() == 0) flags.set(warp(), votes != 0);
  __syncthreads();
  bool any = false;
  for (int w = 0; w < (int)(blockDim.x >> 5); w++) any |= flags.get(w) != 0;
  __syncthreads();
  return any;
}
