// Adafactor (Shazeer and Stern, arXiv 1804.04235) over a whole table: the kernels of optimizer.cu that belong to it.
//
// Every sum is cut by the table alone: over chunks of elements, and for a matrix whose second moment is factored over strips
// of its lines. A plan is made on the device first: how many strips, and what they need, come before each parameter. Then
// measure (sizes of parameters, and whole second moments with the steps that follow from them), means (of lines, and sums of
// columns by strip), columns (means of columns), steps of lines (their size), factors (two numbers a parameter), and the update.
#pragma once
#include "four.cuh"
#include "spans.cuh"

// The constants, as CudaOptimizer writes them: 64 bytes.
struct Adafactor {
  double least, most;  // of a parameter's size, where the rate follows it
  double beta1, decayRate, epsilon, clip;
  i32 scaled, own, decayByRate, unused;
};

// What lies where, as CudaOptimizer writes it: 88 bytes.
struct Work {
  Global<const i64> table;
  Global<i64> plan;  // [4, rows]: before each parameter the strips, blocks of columns, sums of columns, and columns
  Global<double> sizes;  // of each chunk's part of a parameter: the sum of squares; at chunk + row
  Global<double> steps;  // likewise of the step, where the second moment is whole
  Global<double> lineSteps;  // of each strip
  Global<double> lineMeans;  // of each strip: the sum of its lines' means
  Global<double> columnSums;  // of each strip: the sum of squares of each column
  Global<float> inverses;  // of each column: 1 / the root of its mean
  Global<float> factors;  // of each parameter: what steps and the parameter are multiplied by
  Global<double> state;
  i32 rows;
  i32 unused;
};

// Lines of a strip: 256 strips a matrix, but from 32 to 1024 lines each. (CudaOptimizer says the same.)
DEVICE u32 linesOf(u32 rows) { return min((rows + 8191) / 8192 * 32, 1024u); }
DEVICE u32 stripsOf(u32 rows) { return (rows + linesOf(rows) - 1) / linesOf(rows); }

// What changes with a step: of the row in shared memory.
struct Now {
  double beta2;
  double rate;
  i32 count;
};
DEVICE Now now(const Adafactor& u, const State& state) {
  Now n;
  n.count = state.updates() + (i32)word(OFFSET);
  n.beta2 = 1 - exp(u.decayRate * log((double)n.count));
  double own = 1, root = 1 / sqrt((double)n.count);
  if (u.own == 1) own = root < 1e-2 ? root : 1e-2;
  if (u.own == 2) own = 1e-6 * n.count < root ? 1e-6 * n.count : root;
  n.rate = state.rate() * realWord(FACTOR) * own;
  return n;
}

// A step's momentum and the update, of one element. `step` becomes the new first moment.
DEVICE void take(bool averages, float beta, float rest, float keep, float& step, float m, float& p) {
  if (averages) step = beta * m + rest * step;
  p = keep * p - step;
}

// Sums up what comes before each parameter; one warp.
KERNEL(32, optimizer_plan)(Work work) {
  i64 before[4] = {0, 0, 0, 0};
  for (int base = 0; base < work.rows; base += 32) {
    int row = base + lane();
    i64 own[4] = {0, 0, 0, 0};
    if (row < work.rows && work.table.load((i64)row * WORDS + COLUMN) != 0) {
      i64 matrices = work.table.load((i64)row * WORDS + MATRICES), lines = work.table.load((i64)row * WORDS + ROWS);
      i64 columns = work.table.load((i64)row * WORDS + COLUMNS);
      own[0] = lines == 0 || columns == 0 ? 0 : matrices * stripsOf((u32)lines);
      own[1] = own[0] == 0 ? 0 : matrices * ((columns + 255) / 256);
      own[2] = own[0] * columns;
      own[3] = matrices * columns;
    }
#pragma unroll
    for (int k = 0; k < 4; k++) {
      i64 upTo = own[k];
#pragma unroll
      for (int o = 1; o < 32; o <<= 1) {
        i64 other = __shfl_up_sync(ALL_LANES, upTo, o);
        if (lane() >= o) upTo += other;
      }
      if (row < work.rows) work.plan.store((i64)k * work.rows + row, before[k] + upTo - own[k]);
      before[k] += __shfl_sync(ALL_LANES, upTo, 31);
    }
  }
}
REGISTER(optimizer_plan);

// Sizes of parameters, where the rate follows them, and second moments that are whole.
KERNEL(256, optimizer_measure)(Work work, Adafactor u, i64 total) {
  Shared<double> sums = shared<double>(ROW_BYTES);
  Shared<float> numbers = shared<float>(8 * WORDS + 8);
  State state{work.state};
  if (state.skips()) return;
  eachRow(work.table, work.rows, total, [&](int row, i64 begin, int count) {
    i64 slot = (i64)blockIdx.x + row;
    if (u.scaled) {
      double sum = blockSum(squares(updated().as<const float>() + begin, count), sums);
      if (thread() == 0) work.sizes.store(slot, sum);
    }
    if (word(COLUMN) != 0) return;
    if (thread() == 0) {
      double beta2 = now(u, state).beta2;
      numbers.set(0, (float)beta2);
      numbers.set(1, (float)(1 - beta2));
      numbers.set(2, state.scale());
    }
    __syncthreads();
    float beta = numbers.get(0), rest = numbers.get(1), scale = numbers.get(2), epsilon = (float)u.epsilon;
    Global<const float> g = addressWord<const float>(GRADIENT) + begin;
    Global<float> v = floats(SECOND) + begin;
    double sum = 0;
    int head = headOf([&](int i) { return (g + i).aligned(16) && (v + i).aligned(16); });
    auto one = [&](float gi, float& vi) {
      float d = gi * scale;
      vi = beta * vi + rest * (d * d + epsilon);
      float step = d / sqrtf(vi);
      sum += (double)step * step;
    };
    eachElement(
        count, head,
        [&](int i) {
          float gi[4], vi[4];
          Lanes<float>::spread(g.loadWide(i), gi);
          Lanes<float>::spread(v.loadWide(i), vi);
#pragma unroll
          for (int j = 0; j < 4; j++) one(gi[j], vi[j]);
          v.storeWide(i, Lanes<float>::gather(vi));
        },
        [&](int i) {
          float vi = v.load(i);
          one(g.load(i), vi);
          v.store(i, vi);
        });
    sum = blockSum(sum, sums);
    if (thread() == 0) work.steps.store(slot, sum);
  });
}
REGISTER(optimizer_measure);

// The lines of a matrix that a block works on.
struct Strip {
  int row;  // of the table
  i64 matrix;
  u32 strips;  // of each matrix
  i64 first;  // strip of the parameter
  int from, to;  // lines
};
DEVICE Strip stripOfBlock(const Work& work) {
  Strip s;
  s.row = findRowTogether(work.plan.as<const i64>(), 1, work.rows, blockIdx.x);
  loadRow(work.table, s.row);
  s.first = work.plan.load(s.row);
  s.strips = stripsOf((u32)word(ROWS));
  u32 own = blockIdx.x - (u32)s.first, matrix = own / s.strips, lines = linesOf((u32)word(ROWS));
  s.matrix = matrix;
  s.from = (int)((own - matrix * s.strips) * lines);
  s.to = min(s.from + (int)lines, (int)word(ROWS));
  return s;
}

// Means of lines, and of each strip the sums of its columns. Shared memory: the row, 8 numbers, sums of 1024 lines, and of 128
// columns by each of 8 warps.
KERNEL(256, optimizer_means)(Work work, Adafactor u) {
  Shared<double> part = shared<double>(ROW_BYTES), lineSums = shared<double>(ROW_BYTES + 64);
  Shared<double> columnSums = shared<double>(ROW_BYTES + 64 + 8 * 1024);
  State state{work.state};
  if (state.skips()) return;
  Strip s = stripOfBlock(work);
  int columns = (int)word(COLUMNS);
  Global<const float> g = addressWord<const float>(GRADIENT) + s.matrix * word(ROWS) * columns;
  bool wide = columns % 4 == 0 && g.aligned(16);
  for (int i = thread(); i < s.to - s.from; i += 256) lineSums.set(i, 0);
  __syncthreads();
  for (int group = 0; group < columns; group += 128) {
    double sums[4] = {0, 0, 0, 0};
    int left = min(4, columns - group - 4 * lane());
    for (int line = s.from + warp(); line < s.to; line += 8) {
      float v[4];
      loadFour(g, (i64)line * columns + group + 4 * lane(), left, wide, v);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        v[j] *= v[j];
        sums[j] += v[j];
      }
      double sum = warpSum((v[0] + v[1]) + (v[2] + v[3]));
      if (lane() == 0) lineSums.set(line - s.from, lineSums.get(line - s.from) + sum);
    }
#pragma unroll
    for (int j = 0; j < 4; j++) columnSums.set(warp() * 128 + 4 * lane() + j, sums[j]);
    __syncthreads();
    int column = group + thread();
    if (thread() < 128 && column < columns) {
      double sum = 0;
#pragma unroll
      for (int w = 0; w < 8; w++) sum += columnSums.get(w * 128 + thread());
      work.columnSums.store(work.plan.load(2 * work.rows + s.row) + (blockIdx.x - s.first) * columns + column, sum);
    }
    __syncthreads();
  }
  double square = (double)state.scale() * state.scale(), beta2 = now(u, state).beta2, sum = 0;
  Global<float> means = floats(SECOND);
  for (int i = thread(); i < s.to - s.from; i += 256) {
    i64 at = s.matrix * word(ROWS) + s.from + i;
    double mean = lineSums.get(i) * square / columns;
    float next = (float)(beta2 * means.load(at) + (1 - beta2) * (mean + u.epsilon));
    means.store(at, next);
    sum += next;
  }
  sum = blockSum(sum, part);
  if (thread() == 0) work.lineMeans.store(blockIdx.x, sum);
}
REGISTER(optimizer_means);

// Means of columns, and the inverses of their roots: a block for 256 columns of a matrix.
KERNEL(256, optimizer_columns)(Work work, Adafactor u) {
  State state{work.state};
  if (state.skips()) return;
  int row = findRowTogether(work.plan.as<const i64>() + work.rows, 1, work.rows, blockIdx.x);
  loadRow(work.table, row);
  u32 columns = (u32)word(COLUMNS), blocks = (columns + 255) / 256, own = blockIdx.x - (u32)work.plan.load(work.rows + row);
  u32 matrix = own / blocks, column = (own - matrix * blocks) * 256 + thread();
  if (column >= columns) return;
  u32 strips = stripsOf((u32)word(ROWS));
  i64 first = work.plan.load(2 * work.rows + row) + (i64)matrix * strips * columns + column;
  double sum = 0;
#pragma unroll 4
  for (u32 i = 0; i < strips; i++) sum += work.columnSums.load(first + (i64)i * columns);
  double square = (double)state.scale() * state.scale(), beta2 = now(u, state).beta2;
  Global<float> means = floats(COLUMN);
  i64 at = (i64)matrix * columns + column;
  float next = (float)(beta2 * means.load(at) + (1 - beta2) * (sum * square / word(ROWS) + u.epsilon));
  means.store(at, next);
  work.inverses.store(work.plan.load(3 * work.rows + row) + at, (float)(1 / sqrt((double)next)));
}
REGISTER(optimizer_columns);

// The mean of a matrix's means of lines; all threads of a block.
DEVICE double meanOfLines(const Work& work, const Strip& s, Shared<double> part) {
  double sum = 0;
  for (u32 i = thread(); i < s.strips; i += 256) sum += work.lineMeans.load(s.first + s.matrix * s.strips + i);
  double mean = blockSum(sum, part) / word(ROWS);
  return mean > 2.2250738585072014e-308 ? mean : 2.2250738585072014e-308;
}
DEVICE float inverseOfLine(Global<const float> means, i64 line, double mean) {
  return (float)(1 / sqrt(means.load(line) / mean));
}

// The sum of squares of the step of each strip, without scale and rate.
KERNEL(256, optimizer_line_steps)(Work work) {
  Shared<double> part = shared<double>(ROW_BYTES);
  if (State{work.state}.skips()) return;
  Strip s = stripOfBlock(work);
  double mean = meanOfLines(work, s, part), sum = 0;
  int columns = (int)word(COLUMNS);
  Global<const float> g = addressWord<const float>(GRADIENT), means = addressWord<const float>(SECOND);
  Global<const float> inverses = work.inverses.as<const float>() + (work.plan.load(3 * work.rows + s.row) + s.matrix * columns);
  bool wide = columns % 4 == 0 && g.aligned(16);
  for (int l = s.from + warp(); l < s.to; l += 8) {
    i64 line = s.matrix * word(ROWS) + l;
    double own = 0;
#pragma unroll 2
    for (int column = 4 * lane(); column < columns; column += 128) {
      float v[4], c[4];
      int left = min(4, columns - column);
      loadFour(g, line * columns + column, left, wide, v);
      loadFour(inverses, column, left, wide && inverses.aligned(16), c);
#pragma unroll
      for (int j = 0; j < 4; j++) v[j] *= c[j];
      own += (double)((v[0] * v[0] + v[1] * v[1]) + (v[2] * v[2] + v[3] * v[3]));
    }
    double inverse = inverseOfLine(means, line, mean);
    sum += own * inverse * inverse;
  }
  sum = blockSum(sum, part);
  if (thread() == 0) work.lineSteps.store(blockIdx.x, sum);
}
REGISTER(optimizer_line_steps);

// What a parameter's steps are multiplied by, and what it is itself; a block a parameter.
KERNEL(256, optimizer_factors)(Work work, Adafactor u) {
  Shared<double> part = shared<double>(ROW_BYTES);
  State state{work.state};
  if (state.skips()) return;
  int row = blockIdx.x;
  loadRow(work.table, row);
  i64 count = elements();
  if (count == 0) return;
  i64 first = word(BEFORE) / CHUNK + row, last = (word(BEFORE) + count - 1) / CHUNK + row;
  Now n = now(u, state);
  double rate = n.rate;
  if (u.scaled) {
    double sum = 0;
    for (i64 i = first + thread(); i <= last; i += 256) sum += work.sizes.load(i);
    double size = sqrt(blockSum(sum, part) / count);
    size = size > u.least ? size : u.least;
    rate *= size < u.most ? size : u.most;
  }
  bool factored = word(COLUMN) != 0;
  if (factored) {
    first = work.plan.load(row);
    last = first + word(MATRICES) * stripsOf((u32)word(ROWS)) - 1;
  }
  double sum = 0;
  for (i64 i = first + thread(); i <= last; i += 256) sum += factored ? work.lineSteps.load(i) : work.steps.load(i);
  sum = blockSum(sum, part);
  if (thread() != 0) return;
  double scale = state.scale();
  double excess = sqrt((factored ? sum * scale * scale : sum) / count) / u.clip;
  work.factors.store(2 * row, (float)(rate * scale / (excess > 1 ? excess : 1)));
  work.factors.store(2 * row + 1, (float)(1 - (u.decayByRate ? rate * realWord(DECAY) : realWord(DECAY))));
}
REGISTER(optimizer_factors);

// The update where the second moment is factored.
KERNEL(256, optimizer_update_lines)(Work work, Adafactor u) {
  Shared<double> part = shared<double>(ROW_BYTES);
  if (State{work.state}.skips()) return;
  Strip s = stripOfBlock(work);
  double mean = meanOfLines(work, s, part);
  int columns = (int)word(COLUMNS);
  bool narrow = word(NARROW) != 0;
  Global<const float> g = addressWord<const float>(GRADIENT), means = addressWord<const float>(SECOND);
  Global<float> p = updated(), m = floats(FIRST);
  Global<bf16> half = addressWord<bf16>(PARAMETER);
  Global<const float> inverses = work.inverses.as<const float>() + (work.plan.load(3 * work.rows + s.row) + s.matrix * columns);
  bool averages = (bool)m;
  bool wide = columns % 4 == 0 && g.aligned(16) && p.aligned(16) && (!averages || m.aligned(16)) && (!narrow || half.aligned(8));
  float factor = work.factors.load(2 * s.row), keep = work.factors.load(2 * s.row + 1);
  float beta = (float)u.beta1, rest = (float)(1 - u.beta1);
  for (int l = s.from + warp(); l < s.to; l += 8) {
    i64 line = s.matrix * word(ROWS) + l;
    float own = (float)((double)factor * inverseOfLine(means, line, mean));
    for (int column = 4 * lane(); column < columns; column += 128) {
      float v[4], c[4], pi[4], mi[4] = {0.f, 0.f, 0.f, 0.f};
      int left = min(4, columns - column);
      i64 at = line * columns + column;
      loadFour(g, at, left, wide, v);
      loadFour(inverses, column, left, wide && inverses.aligned(16), c);
      loadFour(p.as<const float>(), at, left, wide, pi);
      if (averages) loadFour(m.as<const float>(), at, left, wide, mi);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        v[j] = v[j] * c[j] * own;
        take(averages, beta, rest, keep, v[j], mi[j], pi[j]);
      }
      storeFour(p, at, left, wide, pi);
      if (averages) storeFour(m, at, left, wide, v);
      if (narrow) storeFour(half, at, left, wide, pi);
    }
  }
}
REGISTER(optimizer_update_lines);

// The update where the second moment is whole.
KERNEL(256, optimizer_update)(Work work, Adafactor u, i64 total) {
  if (State{work.state}.skips()) return;
  float beta = (float)u.beta1, rest = (float)(1 - u.beta1);
  eachRow(work.table, work.rows, total, [&](int row, i64 begin, int count) {
    if (word(COLUMN) != 0) return;
    bool narrow = word(NARROW) != 0;
    Global<const float> g = addressWord<const float>(GRADIENT) + begin, v = addressWord<const float>(SECOND) + begin;
    bool averages = word(FIRST) != 0;
    Global<float> p = updated() + begin, m = floats(FIRST) + begin;
    Global<bf16> half = addressWord<bf16>(PARAMETER) + begin;
    float factor = work.factors.load(2 * row), keep = work.factors.load(2 * row + 1);
    int head = headOf([&](int i) {
      return (g + i).aligned(16) && (v + i).aligned(16) && (p + i).aligned(16) && (!averages || (m + i).aligned(16)) &&
             (!narrow || (half + i).aligned(8));
    });
    eachElement(
        count, head,
        [&](int i) {
          float gi[4], vi[4], pi[4], mi[4] = {0.f, 0.f, 0.f, 0.f};
          Lanes<float>::spread(g.loadWide(i), gi);
          Lanes<float>::spread(v.loadWide(i), vi);
          Lanes<float>::spread(p.loadWide(i), pi);
          if (averages) Lanes<float>::spread(m.loadWide(i), mi);
#pragma unroll
          for (int j = 0; j < 4; j++) {
            gi[j] = gi[j] / sqrtf(vi[j]) * factor;
            take(averages, beta, rest, keep, gi[j], mi[j], pi[j]);
          }
          p.storeWide(i, Lanes<float>::gather(pi));
          if (averages) m.storeWide(i, Lanes<float>::gather(gi));
          if (narrow) half.storeHalf(i, Half{{pack(pi[0], pi[1]), pack(pi[2], pi[3])}});
        },
        [&](int i) {
          float step = g.load(i) / sqrtf(v.load(i)) * factor, pi = p.load(i);
          take(averages, beta, rest, keep, step, averages ? m.load(i) : 0.f, pi);
          p.store(i, pi);
          if (averages) m.store(i, step);
          if (narrow) half.store(i, fromFloat<bf16>(pi));
        });
  });
}
REGISTER(optimizer_update);
