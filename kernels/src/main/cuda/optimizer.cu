// Norms of gradients and AdamW: core's OptimizerKernels; Adafactor is in adafactor.cuh. One launch for all parameters of a
// table, and what changes from step to step is read from the run's state: the host waits for nothing.
//
// The ladder. Element by element, for operands that are not aligned alike; and four at a time, 16 bytes a load (a quarter
// of the instructions; an element of AdamW moves 28 bytes, and 2 more for a bfloat16 parameter). Both are in each kernel and
// give the same bits. Sums are of chunks, each by one block in float64, and a last block adds the chunks up in order.
#include "adafactor.cuh"

// What blocks of its kernels take:
// Shared memory of optimizer_measure: 256 bytes
// Shared memory of optimizer_means: 16640 bytes
// Shared memory of optimizer_columns: 256 bytes
// Shared memory of optimizer_line_steps: 256 bytes
// Shared memory of optimizer_factors: 256 bytes
// Shared memory of optimizer_update_lines: 256 bytes
// Shared memory of optimizer_update: 256 bytes

// The outcome's loss = one float32, or += it.
KERNEL(32, optimizer_add_loss)(Global<const float> loss, i32 add, Global<double> state) {
  if (thread() == 0) state.store(9, (add ? state.load(9) : 0.) + loss.load(0));
}
REGISTER(optimizer_add_loss);

// Shared memory of optimizer_squares: 256 bytes
KERNEL(256, optimizer_squares)(Global<const i64> table, i32 rows, i64 total, Global<double> parts) {
  double sum = 0;
  eachRow(table, rows, total, [&](int, i64 begin, int count) {
    sum += squares(addressWord<const float>(GRADIENT) + begin, count);
  });
  sum = blockSum(sum, shared<double>(ROW_BYTES));
  if (thread() == 0) parts.store(blockIdx.x, sum);
}
REGISTER(optimizer_squares);

// The outcome's sum = the sum of parts, by one block.
// Shared memory of optimizer_total: 64 bytes
KERNEL(256, optimizer_total)(Global<const double> parts, i64 count, Global<double> state) {
  double sum = 0;
#pragma unroll 4
  for (i64 i = thread(); i < count; i += 256) sum += parts.load(i);
  sum = blockSum(sum, shared<double>(0));
  if (thread() == 0) state.store(8, sum);
}
REGISTER(optimizer_total);

// Core's Outcome.clipped.
KERNEL(32, optimizer_clip)(float maximum, Global<double> state) {
  if (thread() != 0) return;
  Global<float> floats = state.as<float>();
  Global<i32> ints = state.as<i32>();
  double length = sqrt(state.load(8)), loss = state.load(9);
  bool finite = fabsf((float)length) < infinity() && fabs(loss) < (double)infinity();
  double factor = maximum / (length + 1e-6);
  if (!(factor < 1)) factor = 1;
  floats.store(20, (float)length);
  floats.store(21, finite ? (float)factor : 0.f);
  ints.store(22, finite ? 0 : ints.load(22) + 1);
  if (finite) ints.store(23, ints.load(23) + 1);
}
REGISTER(optimizer_clip);

// x^n by squaring: the device's own pow is for exponents that are not whole.
DEVICE double power(double x, i32 n) {
  double result = 1;
  for (u32 rest = n > 0 ? n : 0; rest; rest >>= 1, x *= x) {
    if (rest & 1) result *= x;
  }
  return result;
}

// The numbers of one parameter's update, computed in float64.
struct Adam {
  float scale, keep, first, second, kept, root, epsilon, step;
};

DEVICE void adam(const Adam& a, float g, float& p, float& m, float& v) {
  float d = g * a.scale;
  m = fmaf(d - m, a.first, m);
  v = fmaf(d * d, a.second, v * a.kept);
  p = fmaf(m / fmaf(sqrtf(v), a.root, a.epsilon), a.step, p * a.keep);
}

// Shared memory of optimizer_adamw: 192 bytes
KERNEL(256, optimizer_adamw)
(Global<const i64> table, i32 rows, i64 total, Global<double> state, float beta1, float beta2, float epsilon) {
  Shared<float> numbers = shared<float>(8 * WORDS + 8);  // behind the row: the numbers that differ by parameter
  State now{state};
  if (now.skips()) return;
  eachRow(table, rows, total, [&](int, i64 begin, int count) {
    if (thread() == 0) {
      i32 update = now.updates() + (i32)word(OFFSET);
      float rate = (float)(now.rate() * realWord(FACTOR));
      numbers.set(0, now.scale());
      numbers.set(1, (float)(1 - (double)rate * (float)realWord(DECAY)));
      numbers.set(2, (float)(1 / sqrt(1 - power(beta2, update))));
      numbers.set(3, (float)(-rate / (1 - power(beta1, update))));
      numbers.set(4, (float)(1 - (double)beta1));
      numbers.set(5, (float)(1 - (double)beta2));
    }
    __syncthreads();
    Adam a;
    a.scale = numbers.get(0);
    a.keep = numbers.get(1);
    a.root = numbers.get(2);
    a.step = numbers.get(3);
    a.first = numbers.get(4);
    a.second = numbers.get(5);
    a.kept = beta2;
    a.epsilon = epsilon;
    bool narrow = word(NARROW) != 0;
    Global<float> p = updated() + begin, m = floats(FIRST) + begin, v = floats(SECOND) + begin;
    Global<const float> g = addressWord<const float>(GRADIENT) + begin;
    Global<bf16> half = addressWord<bf16>(PARAMETER) + begin;
    int head = headOf([&](int i) {
      return (p + i).aligned(16) && (g + i).aligned(16) && (m + i).aligned(16) && (v + i).aligned(16) &&
             (!narrow || (half + i).aligned(8));
    });
    eachElement(
        count, head,
        [&](int i) {
          float pi[4], gi[4], mi[4], vi[4];
          Lanes<float>::spread(p.loadWide(i), pi);
          Lanes<float>::spread(g.loadWide(i), gi);
          Lanes<float>::spread(m.loadWide(i), mi);
          Lanes<float>::spread(v.loadWide(i), vi);
#pragma unroll
          for (int j = 0; j < 4; j++) adam(a, gi[j], pi[j], mi[j], vi[j]);
          p.storeWide(i, Lanes<float>::gather(pi));
          m.storeWide(i, Lanes<float>::gather(mi));
          v.storeWide(i, Lanes<float>::gather(vi));
          if (narrow) half.storeHalf(i, Half{{pack(pi[0], pi[1]), pack(pi[2], pi[3])}});
        },
        [&](int i) {
          float pi = p.load(i), mi = m.load(i), vi = v.load(i);
          adam(a, g.load(i), pi, mi, vi);
          p.store(i, pi);
          m.store(i, mi);
          v.store(i, vi);
          if (narrow) half.store(i, fromFloat<bf16>(pi));
        });
  });
}
REGISTER(optimizer_adamw);
