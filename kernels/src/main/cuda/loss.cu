// Cross entropy of rows of logits: losses, gradients, and both in one.
//
// Rungs, each beside the one before it and held to the same contract:
// 1. plain: a warp takes a row, element by element, twice on the way there (maximum, then sum of exponentials).
// 2. online: a block takes a row and reads it once, 16 bytes a time: each thread keeps a maximum and a sum, and scales the sum
//    when the maximum grows. Half the bytes of the plain kernel.
// 3. in place: loss and gradient in one kernel, where the head's loss makes both at once. The row stays in shared memory between
//    them, so that logits are read once and written once: of three passes over them two are left. Rows that are
//    too wide for that are read twice.
//
// A thread takes 8 neighbouring elements at a time whatever their type and address, so that each way gives the same bits.
#include "rows.cuh"

#define LOG2_E 1.4426950408889634f
#define LABEL_FAULT 3  // Fault.LABEL

// Natural exponential of a number that is not above 0 by much.
DEVICE float exponential(float x) { return ex2(x * LOG2_E); }

// What the rows of a loss share; the scale is a RunState's where there is one.
struct Rules {
  i32 width;
  i32 ignore;
  float smoothing;
  float zLoss;
};

// A row's loss, from what its logits come to; reports a label that is not there.
DEVICE float lossOf(const Rules& rules, float logSumExp, float total, float chosen) {
  float loss = logSumExp - chosen;
  if (rules.smoothing != 0.f) {
    loss = (1.f - rules.smoothing) * loss + rules.smoothing * (logSumExp - total / rules.width);
  }
  return rules.zLoss != 0.f ? loss + rules.zLoss * logSumExp * logSumExp : loss;
}

DEVICE bool within(const Rules& rules, i32 label) { return label >= 0 && label < rules.width; }

// A row's gradient at an element that is not its label's.
struct Slope {
  float logSumExp;
  float grow;  // 1 + 2 zLoss log Z
  float even;  // of the target, at each element
  float peak;  // of the target, at the label's
  float factor;

  static DEVICE Slope of(const Rules& rules, float logSumExp, float factor) {
    return Slope{logSumExp, 1.f + 2.f * rules.zLoss * logSumExp, rules.smoothing / rules.width, 1.f - rules.smoothing, factor};
  }
  DEVICE float at(float logit) const { return factor * (exponential(logit - logSumExp) * grow - even); }
  DEVICE float atLabel(float logit) const { return factor * (exponential(logit - logSumExp) * grow - even - peak); }
};

// The scale of a gradient: each factor is read by one lane.
DEVICE float scaleOf(float scale, Global<const float> state, Global<const float> dLoss) {
  float factor = state ? warpLoad(state, 0) : scale;
  return dLoss ? factor * warpLoad(dLoss, 0) : factor;
}

// ---------------------------------------------------------------------------------------------------------------------------
// Plain.

template <class T>
DEVICE void plainForward(Global<const T> logits, Global<const i32> labels, Global<float> losses, Global<float> logSumExps,
                         Global<i64> fault, i64 rows, const Rules& rules) {
  for (i64 row = blockIdx.x * 8ll + warp(); row < rows; row += gridDim.x * 8ll) {
    Global<const T> x = logits + row * rules.width;
    i32 label = warpLoad(labels, row);
    bool counts = label != rules.ignore;
    float most = -infinity(), sum = 0, total = 0;
    if (counts) {
      for (i32 i = lane(); i < rules.width; i += 32) most = fmaxf(most, toFloat(x.load(i)));
      most = warpMax(most);
      float base = most == -infinity() ? 0.f : most;
      for (i32 i = lane(); i < rules.width; i += 32) {
        float v = toFloat(x.load(i));
        sum += exponential(v - base);
        total += v;
      }
      most = base + logf(warpSum(sum));
      total = warpSum(total);
    }
    if (lane() > 0) continue;
    logSumExps.store(row, counts ? most : 0.f);
    if (counts && !within(rules, label)) report(fault, LABEL_FAULT, label, rules.width);
    losses.store(row, !counts ? 0.f
                      : within(rules, label) ? lossOf(rules, most, total, toFloat(x.load(label)))
                                             : notANumber());
  }
}

// dLogits may be logits.
template <class T>
DEVICE void plainBackward(Global<const T> logits, Global<const i32> labels, Global<const float> logSumExps, Global<T> dLogits,
                          float scale, Global<const float> state, Global<const float> dLoss, i64 rows, const Rules& rules,
                          bool add) {
  float factor = scaleOf(scale, state, dLoss);
  for (i64 row = blockIdx.x * 8ll + warp(); row < rows; row += gridDim.x * 8ll) {
    i32 label = warpLoad(labels, row);
    bool counts = label != rules.ignore;
    Slope slope = Slope::of(rules, warpLoad(logSumExps, row), factor);
    for (i32 i = lane(); i < rules.width; i += 32) {
      i64 at = row * rules.width + i;
      float v = 0;
      if (counts) {
        float logit = toFloat(logits.load(at));
        v = i == label ? slope.atLabel(logit) : slope.at(logit);
      }
      if (add) v += toFloat(dLogits.load(at));
      dLogits.store(at, fromFloat<T>(v));
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------------
// A block a row.

// Where a row lies and how it is read: by 16 bytes, or element by element.
template <class T> struct Row {
  Global<const T> from;
  i32 width;
  bool wide;

  // The elements from 8 `chunk` on; behind the row's end they are `rest`.
  DEVICE Eight<T> load(i32 chunk, float rest) const {
    if (wide) return Eight<T>::load(from, 8ll * chunk, true);
    float v[8];
#pragma unroll
    for (int j = 0; j < 8; j++) v[j] = 8 * chunk + j < width ? toFloat(from.load(8ll * chunk + j)) : rest;
    return Eight<T>::gather(v);
  }
  DEVICE void store(Global<T> to, i32 chunk, const float (&v)[8]) const {
    if (wide) {
      Eight<T>::gather(v).store(to, 8ll * chunk);
      return;
    }
#pragma unroll
    for (int j = 0; j < 8; j++) {
      if (8 * chunk + j < width) to.store(8ll * chunk + j, fromFloat<T>(v[j]));
    }
  }
  DEVICE i32 chunks() const { return (width + 7) >> 3; }
};

// Reads a row once, each thread its chunks, and leaves it in shared memory at `held` if that is wanted.
//
// Returns log Z, the same in all threads; `total` is the sum of logits.
template <class T> DEVICE float logSumExpOf(const Row<T>& row, Shared<float> part, Shared<T> held, bool hold, float& total) {
  float most = -infinity(), sum = 0;
  total = 0;
  for (i32 chunk = thread(); chunk < row.chunks(); chunk += blockDim.x) {
    Eight<T> eight = row.load(chunk, -infinity());
    if (hold) eight.hold(held, chunk, row.chunks());
    float v[8];
    eight.spread(v);
    float before = most;
#pragma unroll
    for (int j = 0; j < 8; j++) most = fmaxf(most, v[j]);
    float base = most == -infinity() ? 0.f : most;
    sum *= exponential(before - base);
#pragma unroll
    for (int j = 0; j < 8; j++) sum += exponential(v[j] - base);
    bool whole = 8 * chunk + 8 <= row.width;
#pragma unroll
    for (int j = 0; j < 8; j++) total += whole || 8 * chunk + j < row.width ? v[j] : 0.f;
  }
  float largest = blockMax(most, part);
  float base = largest == -infinity() ? 0.f : largest;
  sum = blockSum(sum * exponential(most - base), part);
  total = blockSum(total, part);
  return base + logf(sum);
}

// Writes a row's gradient; `load` gives the logits of a chunk.
template <class T, class F>
DEVICE void slopesOf(const Row<T>& row, const Slope& slope, i32 label, Global<T> to, bool add, F load) {
  for (i32 chunk = thread(); chunk < row.chunks(); chunk += blockDim.x) {
    float v[8];
    load(chunk).spread(v);
    bool here = label >> 3 == chunk;
#pragma unroll
    for (int j = 0; j < 8; j++) v[j] = here && (label & 7) == j ? slope.atLabel(v[j]) : slope.at(v[j]);
    if (add) {
      float before[8];
      Row<T>{to.template as<const T>(), row.width, row.wide}.load(chunk, 0.f).spread(before);
#pragma unroll
      for (int j = 0; j < 8; j++) v[j] += before[j];
    }
    row.store(to, chunk, v);
  }
}

// 0 for a row whose label does not count.
template <class T> DEVICE void noSlopes(const Row<T>& row, Global<T> to) {
  float zeros[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (i32 chunk = thread(); chunk < row.chunks(); chunk += blockDim.x) row.store(to, chunk, zeros);
}

// Where a gradient is made, the row may be held in shared memory behind the first 128 bytes.
// Shared memory of loss_rows_*: 128 bytes
// Shared memory of loss_in_place_*: at most 81920 bytes
//
// dLogits: the logits themselves where their gradient is to be made, or 0
template <class T, bool SLOPES>
DEVICE void blockLoss(Global<T> logits, Global<const i32> labels, Global<float> losses, Global<float> logSumExps,
                      Global<i64> fault, const Rules& rules, bool wide, bool hold, float scale, Global<const float> state) {
  Shared<float> part = shared<float>(0);
  Shared<T> held = shared<T>(128);
  i64 index = blockIdx.x;
  Global<T> mine = logits + index * rules.width;
  Row<T> row{mine.template as<const T>(), rules.width, wide};
  i32 label = warpLoad(labels, index);
  if (label == rules.ignore) {
    if (thread() == 0) {
      losses.store(index, 0.f);
      logSumExps.store(index, 0.f);
    }
    if (SLOPES) noSlopes(row, mine);
    return;
  }
  float chosen = notANumber(), total;
  if (SLOPES && thread() == 0 && within(rules, label)) chosen = toFloat(mine.load(label));  // before it is written over
  float log = logSumExpOf(row, part, held, SLOPES && hold, total);
  if (thread() == 0) {
    if (!within(rules, label)) {
      report(fault, LABEL_FAULT, label, rules.width);
    } else if (!SLOPES) {
      chosen = toFloat(mine.load(label));
    }
    losses.store(index, lossOf(rules, log, total, chosen));
    logSumExps.store(index, log);
  }
  if (!SLOPES) return;
  Slope slope = Slope::of(rules, log, scaleOf(scale, state, Global<const float>{nullptr}));
  slopesOf(row, slope, label, mine, false, [&](i32 chunk) {
    return hold ? Eight<T>::held(held, chunk, row.chunks()) : row.load(chunk, 0.f);
  });
}

template <class T>
DEVICE void blockSlopes(Global<const T> logits, Global<const i32> labels, Global<const float> logSumExps, Global<T> dLogits,
                        float scale, Global<const float> state, Global<const float> dLoss, const Rules& rules, bool wide,
                        bool add) {
  i64 index = blockIdx.x;
  Row<T> row{logits + index * rules.width, rules.width, wide};
  Global<T> to = dLogits + index * rules.width;
  i32 label = warpLoad(labels, index);
  if (label == rules.ignore) {
    if (!add) noSlopes(row, to);
    return;
  }
  Slope slope = Slope::of(rules, warpLoad(logSumExps, index), scaleOf(scale, state, dLoss));
  slopesOf(row, slope, label, to, add, [&](i32 chunk) { return row.load(chunk, 0.f); });
}

#define LOSS(type, T)                                                                                                        \
  KERNEL(256, loss_plain_##type)                                                                                             \
  (Global<const T> logits, Global<const i32> labels, Global<float> losses, Global<float> logSumExps, Global<i64> fault,      \
   i64 rows, i32 width, i32 ignore, float smoothing, float zLoss) {                                                          \
    plainForward<T>(logits, labels, losses, logSumExps, fault, rows, Rules{width, ignore, smoothing, zLoss});                \
  }                                                                                                                          \
  KERNEL(256, loss_plain_backward_##type)                                                                                    \
  (Global<const T> logits, Global<const i32> labels, Global<const float> logSumExps, Global<T> dLogits, float scale,         \
   Global<const float> state, Global<const float> dLoss, i64 rows, i32 width, i32 ignore, float smoothing, float zLoss,      \
   i32 add) {                                                                                                                \
    plainBackward<T>(logits, labels, logSumExps, dLogits, scale, state, dLoss, rows,                                         \
                     Rules{width, ignore, smoothing, zLoss}, add != 0);                                                      \
  }                                                                                                                          \
  KERNEL(512, loss_rows_##type)                                                                                             \
  (Global<T> logits, Global<const i32> labels, Global<float> losses, Global<float> logSumExps, Global<i64> fault, i32 width, \
   i32 ignore, float smoothing, float zLoss, i32 wide) {                                                                     \
    blockLoss<T, false>(logits, labels, losses, logSumExps, fault, Rules{width, ignore, smoothing, zLoss}, wide != 0, false, \
                        0.f, Global<const float>{nullptr});                                                                  \
  }                                                                                                                          \
  KERNEL(512, loss_backward_##type)                                                                                         \
  (Global<const T> logits, Global<const i32> labels, Global<const float> logSumExps, Global<T> dLogits, float scale,         \
   Global<const float> state, Global<const float> dLoss, i32 width, i32 ignore, float smoothing, float zLoss, i32 wide,      \
   i32 add) {                                                                                                                \
    blockSlopes<T>(logits, labels, logSumExps, dLogits, scale, state, dLoss, Rules{width, ignore, smoothing, zLoss},         \
                   wide != 0, add != 0);                                                                                     \
  }                                                                                                                          \
  KERNEL(512, loss_in_place_##type)                                                                                         \
  (Global<T> logits, Global<const i32> labels, Global<float> losses, Global<float> logSumExps, Global<i64> fault,            \
   float scale, Global<const float> state, i32 width, i32 ignore, float smoothing, float zLoss, i32 wide, i32 hold) {        \
    blockLoss<T, true>(logits, labels, losses, logSumExps, fault, Rules{width, ignore, smoothing, zLoss}, wide != 0,         \
                       hold != 0, scale, state);                                                                             \
  }
LOSS(f32, float)
REGISTER(loss_plain_f32);
REGISTER(loss_plain_backward_f32);
REGISTER(loss_rows_f32);
REGISTER(loss_backward_f32);
REGISTER(loss_in_place_f32);
LOSS(bf16, bf16)
REGISTER(loss_plain_bf16);
REGISTER(loss_plain_backward_bf16);
REGISTER(loss_rows_bf16);
REGISTER(loss_backward_bf16);
REGISTER(loss_in_place_bf16);

// ---------------------------------------------------------------------------------------------------------------------------
// Sums and scales.

// loss = scale times the sum of losses, by one block.
// Shared memory of loss_total: 256 bytes
KERNEL(1024, loss_total)(Global<const float> losses, Global<float> loss, i64 rows, float scale, Global<const float> state) {
  double sum = 0;
  for (i64 row = thread(); row < rows; row += blockDim.x) sum += losses.load(row);
  sum = blockSum(sum, shared<double>(0));
  if (thread() == 0) loss.store(0, (float)sum * (state ? state.load(0) : scale));
}
REGISTER(loss_total);

// x *= scale, of one number.
KERNEL(32, loss_scaled)(Global<float> x, float scale, Global<const float> state) {
  if (thread() == 0) x.store(0, x.load(0) * (state ? state.load(0) : scale));
}
REGISTER(loss_scaled);

// x *= factor, unless that is 1: then nothing is read.
template <class T> DEVICE void scaleAll(Global<const float> factor, Global<T> x, i64 count, bool wide) {
  float f = warpLoad(factor, 0);
  if (f == 1.f) return;
  i64 step = (i64)gridDim.x * blockDim.x, mine = (i64)blockIdx.x * blockDim.x + thread();
  i64 chunks = wide ? count >> 3 : 0;
  for (i64 chunk = mine; chunk < chunks; chunk += step) {
    float v[8];
    Eight<T>::load(x.template as<const T>(), 8 * chunk, true).spread(v);
#pragma unroll
    for (int j = 0; j < 8; j++) v[j] *= f;
    Eight<T>::gather(v).store(x, 8 * chunk);
  }
  for (i64 i = 8 * chunks + mine; i < count; i += step) x.store(i, fromFloat<T>(toFloat(x.load(i)) * f));
}
KERNEL(256, loss_scale_f32)(Global<const float> factor, Global<float> x, i64 count, i32 wide) {
  scaleAll<float>(factor, x, count, wide != 0);
}
REGISTER(loss_scale_f32);
KERNEL(256, loss_scale_bf16)(Global<const float> factor, Global<bf16> x, i64 count, i32 wide) {
  scaleAll<bf16>(factor, x, count, wide != 0);
}
REGISTER(loss_scale_bf16);
