// The table of parameters that an optimizer updates (core's Spans), and how blocks share its elements out among themselves.
#pragma once
#include "quintet.cuh"

// A block's share of all elements of the table, one behind the other, whatever the parameters' sizes: a launch for each
// parameter would be hundreds. 16 Ki make 29 rounds of an H200 for T5-base, so that a last one which is not full hardly counts.
const i64 CHUNK = 16384;

// A row of the table: 16 numbers of 8 bytes (core's Span).
const int WORDS = 16;
const int PARAMETER = 0, MASTER = 1, GRADIENT = 2, FIRST = 3, SECOND = 4, COLUMN = 5, MATRICES = 6, ROWS = 7, COLUMNS = 8,
          DECAY = 9, FACTOR = 10, OFFSET = 11, NARROW = 12, BEFORE = 13;

// The row that a block works on, in its shared memory: WORDS numbers, and behind them room for 8 more.
const int ROW_BYTES = 8 * (WORDS + 8);
DEVICE i64 word(int i) { return shared<i64>(0).get(i); }
DEVICE double realWord(int i) { return shared<double>(0).get(i); }
template <class T> DEVICE Global<T> addressWord(int i) { return globalAt<T>(word(i)); }
DEVICE Global<float> floats(int i) { return addressWord<float>(i); }
// What is updated: the master where there is one.
DEVICE Global<float> updated() { return floats(word(NARROW) ? MASTER : PARAMETER); }
DEVICE i64 elements() { return word(MATRICES) * word(ROWS) * word(COLUMNS); }
DEVICE void loadRow(Global<const i64> table, int row) {
  if (thread() < WORDS) shared<i64>(0).set(thread(), table.load((i64)row * WORDS + thread()));
  __syncthreads();
}

// The last of n numbers, which rise, that is at most `value`, each `stride` behind the other; all threads of a warp. The first
// one is at most `value`.
DEVICE int findRow(Global<const i64> numbers, int stride, int n, i64 value) {
  int first = 0;
  while (n > 1) {
    int step = (n + 31) / 32, i = lane() * step;
    u32 below = __ballot_sync(ALL_LANES, i < n && numbers.load((i64)(first + i) * stride) <= value);
    int found = (__popc(below) - 1) * step;
    first += found;
    n = min(step, n - found);
  }
  return first;
}
// The same for the block, which has nothing in its room behind the row yet.
DEVICE int findRowTogether(Global<const i64> numbers, int stride, int n, i64 value) {
  Shared<i32> found = shared<i32>(8 * WORDS);
  if (warp() == 0) {
    int row = findRow(numbers, stride, n, value);
    if (lane() == 0) found.set(0, row);
  }
  __syncthreads();
  return found.get(0);
}

// Calls body(row, begin, count) for each row that this block's chunk has elements of, with the row in shared memory.
template <class Body> DEVICE void eachRow(Global<const i64> table, int rows, i64 total, Body body) {
  i64 from = (i64)blockIdx.x * CHUNK, end = min(from + CHUNK, total);
  int row = findRowTogether(table + BEFORE, WORDS, rows, from);
  while (from < end) {
    loadRow(table, row);
    i64 before = word(BEFORE), to = min(end - before, elements());
    body(row, from - before, (int)(to - (from - before)));
    from = before + to;
    row++;
    __syncthreads();
  }
}

// How many elements are before the first four that begin at a multiple of 16 bytes in all operands; -1 if they are not
// aligned alike.
//
// aligned(i): whether element i is aligned in all of them
template <class Aligned> DEVICE int headOf(Aligned aligned) {
#pragma unroll
  for (int head = 0; head < 4; head++) {
    if (aligned(head)) return head;
  }
  return -1;
}
DEVICE int groupsOf(int count, int head) { return head < 0 || count < head ? 0 : (count - head) / 4; }
// Calls four(i) for groups of four elements, the first behind `head`, and one(i) for the rest.
template <class Four, class One> DEVICE void eachElement(int count, int head, Four four, One one) {
  int groups = groupsOf(count, head);
  for (int i = thread(); i < groups; i += 256) four(head + 4 * i);
  for (int i = thread(); i < count - 4 * groups; i += 256) one(i < head ? i : i + 4 * groups);
}
// This thread's share of a sum of squares.
DEVICE double squares(Global<const float> x, int count) {
  double sum = 0;
  int head = headOf([&](int i) { return (x + i).aligned(16); }), groups = groupsOf(count, head);
#pragma unroll 4
  for (int i = thread(); i < groups; i += 256) {
    float v[4];
    Lanes<float>::spread(x.loadWide(head + 4 * i), v);
#pragma unroll
    for (int j = 0; j < 4; j++) sum += (double)v[j] * v[j];
  }
  for (int i = thread(); i < count - 4 * groups; i += 256) {
    double v = x.load(i < head ? i : i + 4 * groups);
    sum += v * v;
  }
  return sum;
}

// A run's state: core's RunState, in numbers of 8 bytes and of 4.
struct State {
  Global<double> at;
  DEVICE double rate() const { return at.load(3); }
  DEVICE float scale() const { return at.as<float>().load(21); }
  DEVICE bool skips() const { return at.as<i32>().load(22) > 0; }
  DEVICE i32 updates() const { return at.as<i32>().load(23); }
};
