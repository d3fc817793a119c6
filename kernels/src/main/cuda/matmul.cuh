// What all matrix products share: what they are handed, which tile a block takes, and how C is reached.
#pragma once
#include "quintet.cuh"

#define MATMUL_GROUP 8

// One product, several of one shape, or the sum of several, as the host hands it over, 280 bytes (CudaMatmul writes it).
struct Products {
  Global<const bf16> a[MATMUL_GROUP];  // bytes 0, 64 and 128; their types are in `form`
  Global<const bf16> b[MATMUL_GROUP];
  Global<bf16> c[MATMUL_GROUP];
  i64 nextA;  // 192: elements from one matrix of the batch to the next
  i64 nextB;
  i64 nextC;
  Global<float> sums;  // 216: [parts, members, batch, m, rowSums], where parts > 1
  i32 m;  // 224
  i32 n;
  i32 k;
  i32 rowA;  // elements from one stored row to the next
  i32 rowB;
  i32 rowC;
  i32 rowSums;
  i32 batch;
  i32 members;  // products that have each their A, B and C
  i32 terms;  // products whose sum is C; 1 where members > 1
  i32 parts;  // into which the summed size is cut
  i32 steps;  // of the summed size in a part
  i32 form;  // the bits below
  i32 unused;  // up to 280
};

enum {
  ACCUMULATE = 1,
  NARROW_A = 2,  // bfloat16, else float32
  NARROW_B = 4,
  NARROW_C = 8,
  TURNED_A = 16,  // stored [k, m]
  TURNED_B = 32,  // stored [n, k]
  WIDE_C = 64,  // every row of C begins at a multiple of 16 bytes
};

// The tile of a block: blocks run down panels of 8 rows of tiles, so that those which run together read the same A and B.
struct Tile {
  int part;
  int matrix;  // of the batch
  int member;
  int row;
  int column;

  static DEVICE Tile of(const Products& p, int height, int width) { return at(p, height, width, blockIdx.x); }

  // The tile of a block by its number, where blocks take several.
  static DEVICE Tile at(const Products& p, int height, int width, int block) {
    Tile t;
    int rows = (p.m + height - 1) / height;
    int each = (p.n + width - 1) / width;
    int columns = each * p.members;
    int layer = block / (rows * columns);
    block -= layer * rows * columns;
    t.part = layer / p.batch;
    t.matrix = layer - t.part * p.batch;
    int panel = block / (8 * columns);
    block -= panel * 8 * columns;
    int high = min(8, rows - 8 * panel);
    int column = block / high;
    t.row = (8 * panel + block - column * high) * height;
    t.member = column / each;
    t.column = (column - t.member * each) * width;
    return t;
  }
};

// One matrix C: its elements by offset, whatever their type.
struct Result {
  Global<bf16> at;
  bool narrow;

  static DEVICE Result of(const Products& p, int member, int matrix) {
    Result r;
    r.narrow = (p.form & NARROW_C) != 0;
    r.at = r.narrow ? p.c[member] + matrix * p.nextC : (p.c[member].as<float>() + matrix * p.nextC).as<bf16>();
    return r;
  }

  DEVICE float load(i64 i) const { return narrow ? toFloat(at.load(i)) : at.as<float>().load(i); }

  DEVICE void store(i64 i, float v) const {
    if (narrow) {
      at.store(i, fromFloat<bf16>(v));
    } else {
      at.as<float>().store(i, v);
    }
  }

  // Four elements that lie together, the first `count` of them; `wide` where they begin at a multiple of their size.
  DEVICE void load(i64 i, int count, bool wide, float (&v)[4]) const {
    if (count >= 4 && wide) {
      if (narrow) {
        Half h = at.loadHalf(i);
        v[0] = lower(h.word[0]);
        v[1] = upper(h.word[0]);
        v[2] = lower(h.word[1]);
        v[3] = upper(h.word[1]);
      } else {
        Lanes<float>::spread(at.as<float>().loadWide(i), v);
      }
    } else {
#pragma unroll
      for (int e = 0; e < 4; e++) v[e] = e < count ? load(i + e) : 0.f;
    }
  }

  DEVICE void store(i64 i, int count, bool wide, const float (&v)[4]) const {
    if (count >= 4 && wide) {
      if (narrow) {
        Half h;
        h.word[0] = pack(v[0], v[1]);
        h.word[1] = pack(v[2], v[3]);
        at.storeHalf(i, h);
      } else {
        at.as<float>().storeWide(i, Lanes<float>::gather(v));
      }
    } else {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        if (e < count) store(i + e, v[e]);
      }
    }
  }
};

// Where the sums of a part lie in Products::sums.
DEVICE i64 sumsOf(const Products& p, const Tile& t) {
  return (((i64)t.part * p.members + t.member) * p.batch + t.matrix) * p.m * p.rowSums;
}
