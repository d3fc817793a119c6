// A decoder's step by one token for up to 16 rows, planned once by CudaDecoder: what a product reads is a few rows, so it is
// the weights that cost, and each is read once for all rows (cross attention's q once for each input).
//
// Three chains, each held to the same test:
// 1. plain, 7 launches a layer, float32 alone: norm with q, k and v; attention to the tokens so far; O; norm with cross
//    attention's q and that attention; its O; norm with the feed-forward layer's first half; its second. At 16 rows
//    each weight takes 16 multiplications in float32, a warp 64 sums in registers, and each warp all rows anew.
// 2. of up to 4 rows, 5 launches: the first three are decode_own, a few blocks a head. Each of them computes the head's q, k
//    and v and its attention once more, which the second cache gives quicker than a launch, and a part of O's rows
//    for the head's columns. The heads' sums are added, in their order, by who reads the residual stream next. For more
//    rows that does not pay: what is computed again are all rows' tokens, and the heads' sums are rows x heads x D.
// 3. of 5 to 16 rows in bfloat16, 5 launches, nothing computed twice: products on tensor cores (decodetensor.cuh), and O in the launch
//    of the attention before it, behind a counter. float32's weights, of which no tensor core multiplies all bits, stay with the
//    plain chain.
//
// Norms have no pass of their own: a product's sums are of the raw rows, with the norm's weight in the matrix, and are scaled at
// their end. All between is float32, whatever the weights and caches are. Sums have one order: nothing depends on how
// blocks follow one another.
#include "decodeattention.cuh"
#include "decodeproduct.cuh"
#include "decodetensor.cuh"

// ---------------------------------------------------------------------------------------------------------------------------
// A step's beginning and end.

// Reads a mask once: for each input, what lies behind the last source token that is seen, or -1 if none is.
// Shared memory of decode_shown: 128 bytes
KERNEL(256, decode_shown)(Global<const i32> mask, Global<i32> limits, i32 sources) {
  Shared<float> part = shared<float>(0);
  float last = 0;
  for (i32 j = thread(); j < sources; j += blockDim.x) {
    if (mask.load((i64)blockIdx.x * sources + j) != 0) last = (float)(j + 1);
  }
  last = blockMax(last, part);
  if (thread() == 0) limits.store(blockIdx.x, last == 0.f ? -1 : (i32)last);
}
REGISTER(decode_shown);

// The embedding of a row's id, a block for each; and where beams find their tokens from now on.
//
// places: two tables [rows, capacity] that take turns, or none
template <class T>
DEVICE void begin(Global<i32> state, Global<const T> embedding, Global<float> h, Global<i32> places, Global<i64> fault, i32 rows,
                  i32 vocabulary, i32 width, i32 capacity) {
  i32 row = blockIdx.x;
  i32 id = state.load(IDS + row);
  if (id < 0 || id >= vocabulary) {
    if (thread() == 0) report(fault, 1, id, vocabulary);
    id = 0;
  }
  for (i32 k = thread(); k < width; k += blockDim.x) h.store((i64)row * width + k, toFloat(embedding.load((i64)id * width + k)));
  if (!places) return;
  i32 position = state.load(POSITION), from = state.load(FROM + row), straight = state.load(STRAIGHT);
  i64 table = (i64)rows * capacity;
  Global<i32> before = places + (position & 1 ? 0 : table), now = places + (position & 1 ? table : 0);
  for (i32 t = thread(); t < position; t += blockDim.x) {
    now.store((i64)row * capacity + t, straight ? from : before.load((i64)from * capacity + t));
  }
  if (thread() == 0) now.store((i64)row * capacity + position, row);
}

KERNEL(128, decode_begin_f32)
(Global<i32> state, Global<const float> embedding, Global<float> h, Global<i32> places, Global<i64> fault, i32 rows,
 i32 vocabulary, i32 width, i32 capacity) {
  begin(state, embedding, h, places, fault, rows, vocabulary, width, capacity);
}
REGISTER(decode_begin_f32);
KERNEL(128, decode_begin_bf16)
(Global<i32> state, Global<const bf16> embedding, Global<float> h, Global<i32> places, Global<i64> fault, i32 rows,
 i32 vocabulary, i32 width, i32 capacity) {
  begin(state, embedding, h, places, fault, rows, vocabulary, width, capacity);
}
REGISTER(decode_begin_bf16);

// Goes on by a token, one block, a warp for each row: takes the likeliest of each block's best, or what was chosen;
// what has ended gets the pad id; the host's numbers of the next step are written.
//
// Shared memory of decode_finish: 64 bytes
//
// best, where: [parts, rows]; parts: 0 where a chooser has written NEXT
KERNEL(512, decode_finish)(Global<i32> state, Global<const float> best, Global<const i32> where, i32 parts, i32 rows) {
  Shared<i32> going = shared<i32>(0);
  i32 row = warp();
  i32 count = state.load(CHOSEN);
  if (row < rows) {
    float most = -infinity();
    i32 at = 0x7fffffff;
    for (i32 i = lane(); i < parts; i += 32) {
      float v = best.load((i64)i * rows + row);
      i32 w = where.load((i64)i * rows + row);
      if (at == 0x7fffffff || before(v, w, most, at)) {
        most = v;
        at = w;
      }
    }
#pragma unroll
    for (int o = 16; o > 0; o >>= 1) {
      float v = __shfl_xor_sync(ALL_LANES, most, o);
      i32 w = __shfl_xor_sync(ALL_LANES, at, o);
      if (w != 0x7fffffff && (at == 0x7fffffff || before(v, w, most, at))) {
        most = v;
        at = w;
      }
    }
    if (lane() == 0) {
      i32 ended = state.load(ENDED + row);
      i32 id = ended ? state.load(PAD) : parts == 0 ? state.load(NEXT + row) : at;
      i32 ends = state.load(END_COUNT);
      for (i32 i = 0; i < ends; i++) ended |= state.load(END_IDS + i) == id;
      if (id < 0) ended = 1;  // nothing could be chosen: the host reads that
      state.store(IDS + row, max(id, 0));
      state.store(FROM + row, row);
      state.store(ENDED + row, ended);
      state.store(HISTORY + count * rows + row, id);
      going.set(row, ended ? 0 : 1);
    }
  }
  __syncthreads();
  if (thread() == 0) {
    i32 left = 0;
    for (i32 r = 0; r < rows; r++) left += going.get(r);
    if (left == 0 && state.load(DONE) == 0) state.store(DONE, count + 1);
    state.store(CHOSEN, count + 1);
    state.store(POSITION, state.load(POSITION) + 1);
    state.store(STRAIGHT, 0);
  }
}
REGISTER(decode_finish);

// ---------------------------------------------------------------------------------------------------------------------------
// Products.

// Shared memory of decode_project_f32_16: 64 bytes
// Shared memory of decode_merge_*: at most 49152 bytes
// Shared memory of decode_widen_*: 64 bytes
// Shared memory of decode_head_*: 1088 bytes
KERNEL(256, decode_project_f32_16)
(Global<const float> x, Global<const float> norm, Global<const float> wq, Global<const float> wk, Global<const float> wv,
 Global<float> q, Global<float> keys, Global<float> values, Global<const i32> state, i32 rows, i32 width, i32 inner,
 i32 capacity, float epsilon) {
  project<float, 16>(x, norm, wq, wk, wv, q, keys, values, state, rows, width, inner, capacity, epsilon);
}
REGISTER(decode_project_f32_16);

#define PRODUCTS(T, R, S)                                                                                                    \
  KERNEL(256, decode_add_##S)                                                                                                \
  (Global<const float> x, Global<const T> matrix, Global<const float> heads, i32 headCount, Global<float> h, i32 rows,       \
   i32 width, i32 out) {                                                                                                     \
    addProduct<T, R>(x, matrix, heads, headCount, h, rows, width, out);                                                      \
  }                                                                                                                          \
  REGISTER(decode_add_##S);                                                                                                  \
  KERNEL(256, decode_merge_##S)                                                                                              \
  (Global<const float> parts, Global<const float> statistics, Global<const T> matrix, Global<const float> heads,             \
   i32 headCount, Global<float> h, i32 splits, i32 rows, i32 width, i32 headWidth, i32 out) {                                \
    mergeProduct<T, R>(parts, statistics, matrix, heads, headCount, h, splits, rows, width, headWidth, out);                 \
  }                                                                                                                          \
  REGISTER(decode_merge_##S);                                                                                                \
  KERNEL(256, decode_widen_##S)                                                                                              \
  (Global<const float> x, Global<const T> norm, Global<const T> gate, Global<const T> up, Global<float> y, i32 rows,         \
   i32 width, i32 inner, i32 activation, float epsilon) {                                                                    \
    widen<T, R>(x, norm, gate, up, y, rows, width, inner, activation, epsilon);                                              \
  }                                                                                                                          \
  REGISTER(decode_widen_##S);                                                                                                \
  KERNEL(256, decode_head_##S)                                                                                               \
  (Global<const float> x, Global<const T> norm, Global<const T> matrix, Global<float> logits, Global<float> best,            \
   Global<i32> where, i32 rows, i32 width, i32 vocabulary, float epsilon, float factor) {                                    \
    headOf<T, R>(x, norm, matrix, logits, best, where, rows, width, vocabulary, epsilon, factor);                            \
  }                                                                                                                          \
  REGISTER(decode_head_##S);
PRODUCTS(float, 1, f32_1)
PRODUCTS(float, 4, f32_4)
PRODUCTS(float, 16, f32_16)
PRODUCTS(bf16, 1, bf16_1)
PRODUCTS(bf16, 4, bf16_4)

// ---------------------------------------------------------------------------------------------------------------------------
// Attention of one query a head. Neighbouring lanes, a team, share a key, 16 bytes each; a warp's teams take keys in turns.

// Shared memory of decode_attend_f32: at most 2080 bytes
KERNEL(128, decode_attend_f32)
(Global<const float> q, Global<const float> keys, Global<const float> values, Global<const float> table,
 Global<const i32> places, Global<const i32> state, Global<float> y, i32 rows, i32 heads, i32 headWidth, i32 capacity,
 i32 reach) {
  attendOwn<float, 4>(q, keys, values, table, places, state, y, blockIdx.x, blockIdx.y, rows, heads, headWidth, capacity,
                      reach, shared<float>(0));
}
REGISTER(decode_attend_f32);

// Shared memory of decode_cross_f32_*: at most 98304 bytes
// Shared memory of decode_cross_bf16_*: at most 98304 bytes
#define CROSS(T, R, S)                                                                                                       \
  KERNEL(256, decode_cross_##S)                                                                                              \
  (Global<const float> h, Global<const float> sums, Global<const T> norm, Global<const T> wq, Global<const T> keys,          \
   Global<const T> values, Global<const i32> mask, Global<const i32> limits, Global<float> y, Global<float> statistics,      \
   CrossSizes sizes) {                                                                                                       \
    attendCross<T, R>(h, sums, norm, wq, keys, values, mask, limits, y, statistics, sizes);                                  \
  }                                                                                                                          \
  REGISTER(decode_cross_##S);
CROSS(float, 1, f32_1)
CROSS(float, 4, f32_4)
CROSS(float, 16, f32_16)
CROSS(bf16, 1, bf16_1)
CROSS(bf16, 4, bf16_4)

// ---------------------------------------------------------------------------------------------------------------------------
// A layer's own attention as a whole, for up to 4 rows: a block for each head and slice of O's rows.
//
// Shared memory of decode_own_*: at most 24704 bytes
#define OWN(T, R, S)                                                                                                         \
  KERNEL(256, decode_own_##S)                                                                                                \
  (Global<const float> h, Global<const T> norm, Global<const T> wq, Global<const T> wk, Global<const T> wv,                  \
   Global<const T> wo, Global<T> keys, Global<T> values, Global<const float> table, Global<const i32> places,                \
   Global<const i32> state, Global<float> sums, OwnSizes sizes) {                                                            \
    own<T, R>(h, norm, wq, wk, wv, wo, keys, values, table, places, state, sums, sizes);                                     \
  }                                                                                                                          \
  REGISTER(decode_own_##S);
OWN(float, 1, f32_1)
OWN(float, 4, f32_4)
OWN(bf16, 1, bf16_1)
OWN(bf16, 4, bf16_4)

// ---------------------------------------------------------------------------------------------------------------------------
// 5 to 16 rows on tensor cores.

// Shared memory of decode_project_tensor: 8768 bytes
// Shared memory of decode_attend_tensor: at most 8832 bytes
// Shared memory of decode_cross_tensor: at most 49728 bytes
// Shared memory of decode_widen_tensor: 8768 bytes
// Shared memory of decode_add_tensor: 4672 bytes
// Shared memory of decode_head_tensor: 16960 bytes
KERNEL(256, decode_project_tensor)
(Global<const float> x, Global<const bf16> norm, Global<const bf16> wq, Global<const bf16> wk, Global<const bf16> wv,
 Global<float> q, Global<bf16> keys, Global<bf16> values, Global<const i32> state, Global<u32> counters, i32 counts, i32 rows,
 i32 width, i32 inner, i32 capacity, float epsilon) {
  projectOnTensorCores(x, norm, wq, wk, wv, q, keys, values, state, counters, counts, rows, width, inner, capacity, epsilon);
}
REGISTER(decode_project_tensor);
KERNEL(256, decode_attend_tensor)
(Global<const float> q, Global<const bf16> keys, Global<const bf16> values, Global<const float> table, Global<const i32> places,
 Global<const i32> state, Global<float> mixed, Global<const bf16> wo, Global<float> h, Global<u32> counters,
 OwnTensorSizes sizes) {
  attendOnTensorCores(q, keys, values, table, places, state, mixed, wo, h, counters, sizes);
}
REGISTER(decode_attend_tensor);
KERNEL(256, decode_cross_tensor)
(Global<float> h, Global<const bf16> norm, Global<const bf16> wq, Global<const bf16> keys, Global<const bf16> values,
 Global<const i32> mask, Global<const i32> limits, Global<float> mixed, Global<float> parts, Global<float> statistics,
 Global<const bf16> wo, Global<u32> counters, CrossSizes sizes) {
  crossOnTensorCores(h, norm, wq, keys, values, mask, limits, mixed, parts, statistics, wo, counters, sizes);
}
REGISTER(decode_cross_tensor);
KERNEL(256, decode_widen_tensor)
(Global<const float> x, Global<const bf16> norm, Global<const bf16> gate, Global<const bf16> up, Global<float> y, i32 rows,
 i32 width, i32 inner, i32 activation, float epsilon) {
  widenOnTensorCores(x, norm, gate, up, y, rows, width, inner, activation, epsilon);
}
REGISTER(decode_widen_tensor);
KERNEL(256, decode_add_tensor)
(Global<const float> x, Global<const bf16> matrix, Global<float> h, i32 rows, i32 width, i32 out) {
  addOnTensorCores(x, matrix, h, blockIdx.x, rows, width, out, Global<u32>{nullptr}, 0, 0);
}
REGISTER(decode_add_tensor);
KERNEL(256, decode_head_tensor)
(Global<const float> x, Global<const bf16> norm, Global<const bf16> matrix, Global<float> logits, Global<float> best,
 Global<i32> where, i32 rows, i32 width, i32 vocabulary, float epsilon, float factor) {
  headOnTensorCores(x, norm, matrix, logits, best, where, rows, width, vocabulary, epsilon, factor);
}
REGISTER(decode_head_tensor);
