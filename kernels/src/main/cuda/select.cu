// The next token of each row of logits: core's SelectionKernels. A block a row, so that what is read back is one number.
//
// select_likeliest reads a row once. select_drawn has two ways to what top-k and top-p leave, and decides nothing by sorting:
// 1. The whole row. A bound is found bit by bit, by a pass that counts, or adds up probabilities, for each of its 32 bits.
// 2. A list. The k-th largest of what is largest in each thread's share is at most the k-th largest of the row; what reaches it
//    is little more than k scores, which go to shared memory in the order of their ids. The passes are over that list: three
//    reads of the row are left of 33 and more. Where more than LISTED scores reach the bound, or those listed do not reach top-p's
//    probability, it is the first way.
//
// Sums are float64 in an order that the width alone decides; what stays is decided in float32 as on the host. Four scores that
// follow each other are a lane's, and a warp's scores follow each other, so that the order of threads is that of ids.
#include "chunk.cuh"
#include "counters.cuh"
#include "philox.cuh"

#define LISTED 1536
#define MOST_FORBIDDEN 224

// Shared memory of select_likeliest: 512 bytes
// Shared memory of select_drawn: 12800 bytes
// Both take a bit more for each id where some are forbidden.
#define PARTS 0        // of sums of a block: a number for each warp
#define WARPS 256      // what each warp found
#define LIST 512       // scores, then ids
#define LIST_END 12800

// What many loops call, in one place: each copy of it would be 60 instructions long.
#ifdef __CUDACC__
#define IN_ONE_PLACE static __device__ __noinline__
#else
#define IN_ONE_PLACE static inline
#endif

IN_ONE_PLACE double exponential(float x) { return exp((double)x); }

// Selection as CudaSelection writes it: 928 bytes.
struct Rule {
  float temperature;
  float rest;  // the probability that may go; top-p is 1 less that
  float minP;
  i32 topK;  // 0: all
  i32 byMass;  // whether `rest` counts
  i32 width;
  i32 forbidden;
  i32 unused;
  i32 id[MOST_FORBIDDEN];
};

// A number by which scores sort; -0 is 0. 0 is smaller than any score's, and `leastKey` is that of -infinity.
DEVICE u32 keyOf(float x) {
  u32 bits = floatToBits(x + 0.f);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
DEVICE float valueOf(u32 key) { return bitsToFloat(key >> 31 ? key & 0x7fffffffu : ~key); }

// The scores of a row; -infinity where an id is forbidden, and beyond the row.
struct Row {
  Global<const float> x;
  Shared<u32> bits;
  float temperature;
  i32 n;
  i32 forbids;

  DEVICE void four(int at, float (&v)[4]) const {
    takeFour(x, at, n, v, -infinity());
    u32 gone = forbids && at < n ? bits.get(at >> 5) >> (at & 31) : 0;
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = gone >> k & 1 ? -infinity() : v[k] / temperature;
  }
  DEVICE int id(int at) const { return at; }
};

// Some of them, in the order of their ids.
struct List {
  Shared<float> scores;
  Shared<i32> ids;
  i32 n;

  DEVICE void four(int at, float (&v)[4]) const {
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = at + k < n ? scores.get(at + k) : -infinity();
  }
  DEVICE int id(int at) const { return ids.get(at); }
};

// Calls f(place, scores) for four scores of this lane after the other; all lanes of a warp call it equally often.
template <class Scores, class F> DEVICE void each(const Scores& s, F f) {
  int share = (s.n + 4 * blockDim.x - 1) / (4 * blockDim.x) * 128;  // of a warp
  int from = warp() * share, to = min(s.n, from + share);
  for (int at = from; at < to; at += 128) {
    float v[4];
    s.four(at + 4 * lane(), v);
    f(at + 4 * lane(), v);
  }
}

// What is left of scores: those above a key, those that equal it from a place on, and of them those of a probability.
struct Left {
  u32 key;
  i32 from;
  float most;
  float total;
  float bound;

  DEVICE double weight(float x) const { return exponential(x - most); }
  DEVICE bool above(float x, int at) const {
    u32 k = keyOf(x);
    return x != -infinity() && (k > key || (k == key && at >= from));
  }
  // The weight of what is left, and 0 of the rest.
  DEVICE double of(float x, int at) const {
    if (!above(x, at)) return 0;
    double w = weight(x);
    return (float)w / total < bound && x < most ? 0 : w;
  }
};

// How many scores are there whose key is at least this one.
template <class Scores> DEVICE int reach(const Scores& s, u32 key) {
  int count = 0;
  each(s, [&](int, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) count += v[k] != -infinity() && keyOf(v[k]) >= key;
  });
  return blockSum(count, shared<int>(PARTS));
}

// How many equal a key, before a place.
template <class Scores> DEVICE int equal(const Scores& s, u32 key, int before) {
  int count = 0;
  each(s, [&](int at, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) count += v[k] != -infinity() && keyOf(v[k]) == key && at + k < before;
  });
  return blockSum(count, shared<int>(PARTS));
}

// The sum of the weights of what is left, or of what they are of a total, in float32 each.
template <class Scores> DEVICE double weights(const Scores& s, const Left& left) {
  double sum = 0;
  each(s, [&](int at, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) sum += left.of(v[k], at + k);
  });
  return blockSum(sum, shared<double>(PARTS));
}
template <class Scores> DEVICE double probabilities(const Scores& s, const Left& left) {
  double sum = 0;
  each(s, [&](int at, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++)
      if (left.above(v[k], at + k)) sum += (float)left.weight(v[k]) / left.total;
  });
  return blockSum(sum, shared<double>(PARTS));
}

// The largest key that `many` scores reach, or one that exactly as many do; 0 if fewer are there.
template <class Count> DEVICE u32 reachedBy(int many, Count count) {
  u32 key = 0;
  for (int bit = 31; bit >= 0; bit--) {
    int found = count(key | 1u << bit);
    if (found >= many) key |= 1u << bit;
    if (found == many) break;
  }
  return key;
}

// The sum of the probabilities of what is left, whose total it notes.
template <class Scores> DEVICE double massOf(const Scores& s, Left& left) {
  left.total = (float)weights(s, left);
  return probabilities(s, left);
}

// Takes away from the least likely on what adds up to at most rule.rest, of equal scores the first ones; the likeliest stays.
// `s` has the scores that can stay, `mass` is that of all. Whether s was enough.
template <class Scores> DEVICE bool leaveMass(const Scores& s, double mass, const Rule& rule, Left& left) {
  Left some = left;
  some.from = 0;
  u32 key = 0;
  for (int bit = 31; bit >= 0; bit--) {
    u32 next = key | 1u << bit;
    some.key = max(next, left.key);
    if ((float)(mass - probabilities(s, some)) <= rule.rest) key = next;
  }
  if (key == 0) return false;
  u32 top = keyOf(left.most);
  key = min(key, top);
  int ties = equal(s, key, s.n), gone = 0;
  if (ties > 1) {
    some.key = key;
    double sum = mass - probabilities(s, some);
    float one = (float)left.weight(valueOf(key)) / left.total;
    for (int most = key == top ? ties - 1 : ties; gone < most; gone++) {
      sum += one;
      if ((float)sum > rule.rest) break;
    }
  }
  left.key = key;
  if (gone > 0) {
    int from = 0;  // the last place before which no more than those are
    for (int bit = 30; bit >= 0; bit--) {
      int next = from | 1 << bit;
      if (next < s.n && equal(s, key, next) <= gone) from = next;
    }
    left.from = from;
  }
  return true;
}

// Draws one of what is left. The place is where a running sum, over warps and then over their scores, passes the number.
template <class Scores> DEVICE int draw(const Scores& s, const Left& left, double number) {
  Shared<double> found = shared<double>(WARPS);
  double own = 0;
  each(s, [&](int at, const float (&v)[4]) {
    double sum = 0;
#pragma unroll
    for (int k = 0; k < 4; k++) sum += left.of(v[k], at + k);
    own += warpSum(sum);
  });
  if (lane() == 0) found.set(warp(), own);
  __syncthreads();
  int warps = blockDim.x >> 5, mine = 0;
  double total = 0, running = 0, before = 0;
  for (int w = 0; w < warps; w++) total += found.get(w);
  double goal = number * total;
  bool passed = false;
  for (int w = 0; w < warps; w++) {
    double sum = found.get(w);
    if (sum > 0 && !passed) {
      mine = w;
      before = running;
      running += sum;
      passed = goal < running;
    }
  }
  __syncthreads();
  Shared<i32> chosen = shared<i32>(WARPS);
  if (warp() == mine) {
    goal -= before;
    running = 0;
    int last = -1, place = -1;
    each(s, [&](int at, const float (&v)[4]) {
      double w[4], sum = 0;
#pragma unroll
      for (int k = 0; k < 4; k++) {
        w[k] = left.of(v[k], at + k);
        if (w[k] > 0) last = at + k;
        sum += w[k];
      }
      double upTo = sum;
#pragma unroll
      for (int o = 1; o < 32; o <<= 1) {
        double other = __shfl_up_sync(ALL_LANES, upTo, o);
        if (lane() >= o) upTo += other;
      }
      double here = running + (upTo - sum);
#pragma unroll
      for (int k = 0; k < 4; k++) {
        here += w[k];
        if (place < 0 && w[k] > 0 && goal < here) place = at + k;
      }
      running += warpSum(sum);
    });
    // of each lane's first place the first, or the last at all where rounding passed all by
    u32 first = place < 0 ? ~0u : (u32)place;
#pragma unroll
    for (int o = 16; o > 0; o >>= 1) {
      first = min(first, __shfl_xor_sync(ALL_LANES, first, o));
      last = max(last, __shfl_xor_sync(ALL_LANES, last, o));
    }
    if (lane() == 0) chosen.set(0, s.id(first == ~0u ? last : (int)first));
  }
  __syncthreads();
  return chosen.get(0);
}

// Chooses of some scores; -1 where they are not enough.
template <class Scores> DEVICE int choose(const Scores& s, const Row& row, const Rule& rule, float most, double number) {
  Left left = {0, 0, most, 1.f, 0.f};
  if (rule.topK > 0) left.key = reachedBy(rule.topK, [&](u32 key) { return reach(s, key); });
  if (rule.byMass) {
    double mass = rule.topK > 0 ? massOf(s, left) : massOf(row, left);
    if (!leaveMass(s, mass, rule, left)) return -1;
  }
  if (rule.minP > 0) {
    left.total = (float)weights(s, left);
    left.bound = rule.minP * (1.f / left.total);
  }
  return draw(s, left, number);
}

// Lists the scores whose key is at least this one, if there is room for them. How many there are.
DEVICE int list(const Row& row, u32 key, Shared<float> scores, Shared<i32> ids) {
  Shared<i32> found = shared<i32>(WARPS);
  int count = 0;
  each(row, [&](int, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) count += v[k] != -infinity() && keyOf(v[k]) >= key;
  });
  count = warpSum(count);
  if (lane() == 0) found.set(warp(), count);
  __syncthreads();
  int all = 0, before = 0;
  for (int w = 0; w < (int)blockDim.x >> 5; w++) {
    if (w == warp()) before = all;
    all += found.get(w);
  }
  __syncthreads();
  if (all <= LISTED) {
    each(row, [&](int at, const float (&v)[4]) {
      int own = 0;
#pragma unroll
      for (int k = 0; k < 4; k++) own += v[k] != -infinity() && keyOf(v[k]) >= key;
      int upTo = own;
#pragma unroll
      for (int o = 1; o < 32; o <<= 1) {
        int other = __shfl_up_sync(ALL_LANES, upTo, o);
        if (lane() >= o) upTo += other;
      }
      int to = before + upTo - own;
#pragma unroll
      for (int k = 0; k < 4; k++) {
        if (v[k] != -infinity() && keyOf(v[k]) >= key) {
          scores.set(to, v[k]);
          ids.set(to++, at + k);
        }
      }
      before += __shfl_sync(ALL_LANES, upTo, 31);
    });
    __syncthreads();
  }
  return all;
}

// Marks the ids that are forbidden, a bit for each of the row's.
DEVICE void forbid(const Rule& rule, Shared<u32> bits) {
  for (int word = thread(); word < (rule.width + 31) >> 5; word += blockDim.x) {
    u32 all = 0;
    for (int i = 0; i < rule.forbidden; i++) {
      int id = rule.id[i];
      if (id >> 5 == word) all |= 1u << (id & 31);
    }
    bits.set(word, all);
  }
  __syncthreads();
}

DEVICE Row rowOf(Global<const float> logits, const Rule& rule, u32 bits) {
  Row row = {logits + (i64)blockIdx.x * rule.width, shared<u32>(bits), rule.temperature, rule.width, rule.forbidden > 0};
  if (rule.forbidden > 0) forbid(rule, row.bits);
  return row;
}

KERNEL(1024, select_likeliest)(Global<const float> logits, Global<i32> tokens, IN_PLACE const Rule rule) {
  Row row = rowOf(logits, rule, LIST);
  u64 best = 0;  // the larger score first, NaN before all, and of equals the first id
  each(row, [&](int at, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      u32 key = v[k] != v[k] ? ~0u : keyOf(v[k]);
      if (at + k < row.n) best = max(best, (u64)key << 32 | (u32)~(at + k));
    }
  });
#pragma unroll
  for (int o = 16; o > 0; o >>= 1) best = max(best, __shfl_xor_sync(ALL_LANES, best, o));
  Shared<u64> found = shared<u64>(WARPS);
  if (lane() == 0) found.set(warp(), best);
  __syncthreads();
  if (thread() == 0) {
    for (int w = 1; w < (int)blockDim.x >> 5; w++) best = max(best, found.get(w));
    tokens.store(blockIdx.x, (i32) ~(u32)best);
  }
}
REGISTER(select_likeliest);

// Philox4x32-10's next number in [0, 1), as core's Philox draws it; the state goes on by one.
DEVICE double next(Global<u64> state) {
  u64 seed = state.load(0), stream = state.load(1), position = state.load(2), block = position >> 1;
  state.store(2, position + 1);
  u32 w[4] = {(u32)block, (u32)(block >> 32), (u32)stream, (u32)(stream >> 32)};
  philox<10>(w, seed);
  u64 word = position & 1 ? (u64)w[3] << 32 | w[2] : (u64)w[1] << 32 | w[0];
  return (double)(word >> 11) * 0x1p-53;
}

// state: [rows, 3]: seed, stream and position of each row's numbers
// tokens: -1 where nothing can be drawn
KERNEL(1024, select_drawn)
(Global<const float> logits, Global<u64> state, Global<i32> tokens, i32 whole, IN_PLACE const Rule rule) {
  Row row = rowOf(logits, rule, LIST_END);
  Shared<double> numbers = shared<double>(WARPS);
  if (thread() == 0) numbers.set(0, next(state + 3 * (i64)blockIdx.x));
  float own = -infinity();
  each(row, [&](int, const float (&v)[4]) {
#pragma unroll
    for (int k = 0; k < 4; k++) own = larger(own, v[k]);
  });
  float most = blockMax(own, shared<float>(PARTS));
  double number = numbers.get(0);
  __syncthreads();
  int token = -1;
  if (most > -infinity() && most < infinity()) {  // NaN neither
    if (!whole && (rule.topK > 0 || rule.byMass)) {
      int wanted = rule.topK > 0 ? rule.topK : (int)blockDim.x / 2;
      u32 key = 0;
      if (rule.width > LISTED && wanted <= (int)blockDim.x / 2) {
        u32 mine = own == -infinity() ? 0 : keyOf(own);
        key = reachedBy(wanted, [&](u32 least) { return blockSum((int)(mine >= least), shared<int>(PARTS)); });
      }
      List some = {shared<float>(LIST), shared<i32>(LIST + 4 * LISTED), 0};
      if (rule.width <= LISTED || key > 0) some.n = list(row, key, some.scores, some.ids);
      if (some.n > 0 && some.n <= LISTED) token = choose(some, row, rule, most, number);
    }
    if (token < 0) token = choose(row, row, rule, most, number);
  }
  if (thread() == 0) tokens.store(blockIdx.x, token);
}
REGISTER(select_drawn);

// Puts -infinity at the forbidden ids of rows, a block each.
KERNEL(256, select_forbid)(Global<float> logits, IN_PLACE const Rule rule) {
  for (int i = thread(); i < rule.forbidden; i += 256) logits.store((i64)blockIdx.x * rule.width + rule.id[i], -infinity());
}
REGISTER(select_forbid);

// ---------------------------------------------------------------------------------------------------------------------------
// The best continuations of beams.
//
// A row's scores are its logits less ln sum e^logit, plus the beam's sum, each time rounded: logits that differ may have scores that
// do not, and then the smaller id comes first. (With a sum of -1e9, which beams that nobody follows have, all scores of a row
// are equal.) So what is best is chosen of scores, not of logits, and each row is read twice, which is in the second cache
// still: for its maximum and sum, then for the best; composed of other kernels it is read four times and written three
// times. Rows are cut into pieces of 2048, so that a few rows keep many processors busy; the last of an input's blocks, by a
// counter, puts their best together. One launch would have blocks wait for the row's sum, and need a counter that is 0 before
// it; the first launch sees to both.

#define PIECE 2048
#define EACH 8        // scores of a thread
#define MOST_LISTS 4  // of a thread

// What is wanted: `count` continuations of so many beams, whose rows have so many pieces.
struct Beams {
  i32 beams, count, pieces;
};

// What a piece of a row comes to: its maximum and the sum of e^(x - maximum).
//
// Shared memory of select_beam_sums: 128 bytes
// parts: [rows, pieces, 2]; counters: [inputs], 0 from here on
KERNEL(256, select_beam_sums)(Global<const float> logits, Global<float> parts, Global<u32> counters, i32 width, i32 beams) {
  i32 piece = blockIdx.x, row = blockIdx.y;
  if (thread() == 0 && piece == 0 && row % beams == 0) counters.store(row / beams, 0);
  float v[EACH], most = -infinity();
#pragma unroll
  for (int g = 0; g < EACH / 4; g++) {
    float four[4];
    takeFour(logits + (i64)row * width, piece * PIECE + 1024 * g + 4 * thread(), width, four, -infinity());
#pragma unroll
    for (int k = 0; k < 4; k++) {
      v[4 * g + k] = four[k];
      most = larger(most, four[k]);
    }
  }
  most = blockMax(most, shared<float>(0));
  float sum = 0;
#pragma unroll
  for (int k = 0; k < EACH; k++) sum += v[k] == -infinity() ? 0.f : expf(v[k] - most);
  sum = blockSum(sum, shared<float>(0));
  if (thread() == 0) {
    i64 at = 2 * ((i64)row * gridDim.x + piece);
    parts.store(at, most);
    parts.store(at + 1, sum);
  }
}
REGISTER(select_beam_sums);

// A number by which scores sort: the larger first, NaN before all, and of equals the first place. 0 is behind all.
DEVICE u64 rankOf(float score, u32 place) { return (u64)(score != score ? ~0u : keyOf(score)) << 32 | (u32)~place; }

// The largest of a block's numbers; `turn` goes from 0 on by 1 with each call, so that one barrier is enough.
DEVICE u64 largestOf(u64 v, int turn) {
#pragma unroll
  for (int o = 16; o > 0; o >>= 1) v = max(v, __shfl_xor_sync(ALL_LANES, v, o));
  Shared<u64> all = shared<u64>(64 * (turn & 1));
  if (lane() == 0) all.set(warp(), v);
  __syncthreads();
  v = all.get(0);
#pragma unroll
  for (int w = 1; w < 8; w++) v = max(v, all.get(w));
  return v;
}

// The best of each piece, in their order, and of an input's pieces.
//
// Shared memory of select_beams: 512 bytes
// lists: [rows, pieces, count]
KERNEL(256, select_beams)
(Global<const float> logits, Global<const float> sums, Global<const float> parts, Global<u64> lists, Global<u32> counters,
 Global<float> scores, Global<i32> places, Beams z, IN_PLACE const Rule rule) {
  Shared<u32> gone = shared<u32>(128);  // [PIECE / 32]: which ids of the piece are forbidden
  Shared<u32> before = shared<u32>(384);
  i32 piece = blockIdx.x, row = blockIdx.y, input = row / z.beams, beam = row - input * z.beams;
  for (int word = thread(); word < PIECE / 32; word += 256) {
    u32 bits = 0;
    for (int i = 0; i < rule.forbidden; i++) {
      int id = rule.id[i] - piece * PIECE;
      if (id >> 5 == word) bits |= 1u << (id & 31);
    }
    gone.set(word, bits);
  }
  float most = -infinity();
  for (int i = lane(); i < z.pieces; i += 32) most = larger(most, parts.load(2 * ((i64)row * z.pieces + i)));
  most = warpMax(most);
  float total = 0;
  for (int i = lane(); i < z.pieces; i += 32) {
    i64 at = 2 * ((i64)row * z.pieces + i);
    float own = parts.load(at);
    if (own != -infinity()) total += parts.load(at + 1) * expf(own - most);
  }
  total = warpSum(total);
  float log = most == -infinity() ? notANumber() : logf(total);
  float more = lane() == 0 ? sums.load(row) : 0.f;
  more = __shfl_sync(ALL_LANES, more, 0);
  __syncthreads();
  u64 own[EACH];
#pragma unroll
  for (int g = 0; g < EACH / 4; g++) {
    int from = 1024 * g + 4 * thread(), at = piece * PIECE + from;
    float four[4];
    takeFour(logits + (i64)row * rule.width, at, rule.width, four);
    u32 bits = gone.get(from >> 5) >> (from & 31);
#pragma unroll
    for (int k = 0; k < 4; k++) {
      float score = (bits >> k & 1 ? -infinity() : four[k] - most - log) + more;
      own[4 * g + k] = at + k < rule.width ? rankOf(score, (u32)(beam * rule.width + at + k)) : 0;
    }
  }
  u64 last = ~0ull;
  int turn = 0;
  for (; turn < z.count; turn++) {
    u64 best = 0;
#pragma unroll
    for (int k = 0; k < EACH; k++) best = own[k] < last && own[k] > best ? own[k] : best;
    last = largestOf(best, turn);
    if (thread() == 0) lists.store(((i64)row * z.pieces + piece) * z.count + turn, last);
  }
  if (thread() == 0) before.set(0, countUp(counters, input));
  __syncthreads();
  i32 all = z.beams * z.pieces;
  if (before.get(0) < (u32)all - 1) return;
  // The first of each list that is left is its best.
  lists = lists + (i64)input * all * z.count;
  u64 head[MOST_LISTS];
  int next[MOST_LISTS];
#pragma unroll
  for (int i = 0; i < MOST_LISTS; i++) {
    int list = thread() + 256 * i;
    head[i] = list < all ? lists.load((i64)list * z.count) : 0;
    next[i] = 1;
  }
  for (int end = turn + z.count, at = 0; turn < end; turn++, at++) {
    u64 best = 0;
#pragma unroll
    for (int i = 0; i < MOST_LISTS; i++) best = max(best, head[i]);
    best = largestOf(best, turn);
    if (thread() == 0) {
      u32 key = (u32)(best >> 32);
      scores.store((i64)input * z.count + at, key == ~0u ? notANumber() : valueOf(key));
      places.store((i64)input * z.count + at, (i32) ~(u32)best);
    }
#pragma unroll
    for (int i = 0; i < MOST_LISTS; i++) {
      if (head[i] != best) continue;
      head[i] = next[i] < z.count ? lists.load((i64)(thread() + 256 * i) * z.count + next[i]) : 0;
      next[i]++;
    }
  }
}
REGISTER(select_beams);
