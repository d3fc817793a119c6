package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.random.Philox;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every backend must do that chooses tokens from logits.
public abstract class SelectionContract extends BackendContract {
  private static final int[] ROWS = {1, 1, 2, 3, 5, 17};
  private static final int[] WIDTH = {
    1, 2, 3, 5, 31, 32, 33, 64, 127, 128, 130, 384, 1000, 1025, 5003
  };
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final Selection DRAWN = Selection.LIKELIEST.withDraws();

  @Test
  void takesTheFirstOfTheLikeliest() {
    Values.trials(
        30,
        random -> {
          int width = Values.oneOf(random, WIDTH);
          float[] logits = coarse(random, Values.oneOf(random, ROWS) * width);
          check(Selection.LIKELIEST.withForbidden(some(random, width)), width, logits, 0, 0);
        });
    check(Selection.LIKELIEST, 32128, Values.normal(new Random(1), 2 * 32128), 0, 0);
    check(Selection.LIKELIEST, 6, new float[] {1, Float.NaN, 3, Float.NaN, 5, INFINITY}, 0, 0);
    check(Selection.LIKELIEST, 3, new float[] {-0f, 0, -1, -INFINITY, -INFINITY, -INFINITY}, 0, 0);
    Selection without = Selection.LIKELIEST.withForbidden(List.of(1, 3, 0, 3));
    check(without, 6, new float[] {7, Float.NaN, 3, Float.NaN, 5, 5}, 0, 0);
    check(without, 4, new float[] {-5, -6, -INFINITY, -7}, 0, 0);
  }

  @Test
  void drawsFromAllTokens() {
    draws(20, 1, random -> DRAWN);
    draws(10, 1, random -> DRAWN.withTemperature(0.3f + 2 * random.nextFloat()));
  }

  @Test
  void drawsFromTheBest() {
    draws(30, 3, random -> DRAWN.withTopK(Values.oneOf(random, 1, 2, 5, 50, 400, 1 << 30)));
  }

  @Test
  void drawsFromTheLikeliestThatReachAProbability() {
    draws(30, 2, random -> DRAWN.withTopP(Values.oneOf(random, 0, 1, 10, 50, 90, 99) / 100.0));
    // an even distribution, of which the first ids go
    for (int share : new int[] {5, 25, 50, 75, 95}) {
      float[] even = new float[1000];
      check(DRAWN.withTopP(share / 100.0 + 5e-4), 1000, even, 3, 0);
      check(DRAWN.withTopP(share / 100.0 + 5e-4), 333, Arrays.copyOf(even, 999), 3, 5);
    }
  }

  @Test
  void drawsFromTokensOfAShareOfTheLikeliest() {
    draws(20, 2, random -> DRAWN.withMinP(Values.oneOf(random, 1, 10, 50, 99) / 100f));
  }

  @Test
  void drawsByAllBoundsOneBehindTheOther() {
    draws(
        60,
        3,
        random ->
            DRAWN
                .withTemperature(Values.oneOf(random, 1, 2, 3) / 2f)
                .withTopK(Values.oneOf(random, 0, 3, 20, 50))
                .withTopP(Values.oneOf(random, 50, 80, 95, 100) / 100.0)
                .withMinP(Values.oneOf(random, 0, 0, 2, 10) / 100f));
  }

  @Test
  void drawsFromAVocabulary() {
    float[] logits = Values.normal(new Random(8), 32128);
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= 3;
    }
    check(DRAWN.withTopK(50).withTopP(0.9), 32128, logits, 1, 0);
    check(DRAWN.withTopP(0.95).withForbidden(List.of(0, 1)), 32128, logits, 1, 7);
    check(DRAWN.withMinP(0.05f).withTemperature(1.5f), 32128, logits, 1, 7);
  }

  @Test
  void drawsFromManyOfTheBestSideBySide() {
    float[] logits = Values.normal(new Random(9), 8000);
    Arrays.sort(logits);
    check(DRAWN.withTopK(300), 8000, logits, 1, 7);
    check(DRAWN.withTopP(0.9), 8000, logits, 1, 7);
    check(DRAWN.withTopP(0.9).withTemperature(0.1f), 8000, logits, 1, 7);
    check(DRAWN.withTopK(40), 8000, new float[8000], 1, 7);
    check(DRAWN.withTopP(0.40003), 8000, new float[8000], 1, 7);
  }

  @Test
  void saysWhereNoTokenCanBeDrawn() {
    float[] logits = {
      1, 2, Float.NaN, -1, 1, INFINITY, 3, 4, -INFINITY, -INFINITY, -INFINITY, -INFINITY, 0, 0, 0,
      0, 2, -INFINITY, 3, 3
    };
    for (Selection rule :
        List.of(DRAWN, DRAWN.withTopK(2), DRAWN.withTopP(0.5), DRAWN.withMinP(0.4f))) {
      check(rule, 4, logits, 1, 0);
      check(rule.withForbidden(List.of(0, 2)), 4, logits, 1, 0);
      check(rule.withForbidden(List.of(0, 2, 1, 3)), 4, logits, 1, 0);
      check(rule.withTemperature(1e-30f), 2, new float[] {1e30f, 0}, 1, 0);
    }
  }

  @Test
  void refusesNumbersOutOfTheirRanges() {
    assertThrows(IllegalArgumentException.class, () -> DRAWN.withTemperature(0));
    assertThrows(IllegalArgumentException.class, () -> DRAWN.withTopK(-1));
    assertThrows(IllegalArgumentException.class, () -> DRAWN.withTopP(1.5));
    assertThrows(IllegalArgumentException.class, () -> DRAWN.withMinP(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> new BeamCall(1, 2, 3, 7, List.of()));
  }

  @Test
  void findsTheBestContinuationsOfBeams() {
    Values.trials(
        20,
        random -> {
          int inputs = Values.oneOf(random, 1, 2, 3);
          int beams = Values.oneOf(random, 1, 2, 4, 5);
          int width = Values.oneOf(random, 2, 3, 33, 130, 1000);
          int count = Math.min(2 * beams, beams * width);
          var call = new BeamCall(inputs, beams, width, count, some(random, width));
          float[] sums = Values.uniform(random, inputs * beams, -9, 0);
          checkBeams(call, Values.normal(random, inputs * beams * width), sums);
        });
    // the first step: only the first beam counts, and the others are equal
    float[] first = {0, -1e9f, -1e9f, 0, -1e9f, -1e9f};
    checkBeams(new BeamCall(2, 3, 40, 6, List.of(1)), Values.normal(new Random(3), 6 * 40), first);
    checkBeams(new BeamCall(2, 3, 4, 6, List.of(1)), Values.normal(new Random(3), 6 * 4), first);
    checkBeams(
        new BeamCall(1, 4, 7001, 8, List.of()),
        Values.normal(new Random(4), 4 * 7001),
        new float[] {-1, -1.5f, -2, -2.25f});
  }

  @Test
  void findsThemInWideRowsAndWhereManyAreWanted() {
    for (int width : new int[] {2047, 2049, 32_128, 32_129}) {
      var call = new BeamCall(1, 4, width, 8, List.of(0, 2046, width - 1));
      float[] sums = {-1, -1.5f, -2, -2.25f};
      checkBeams(call, Values.normal(new Random(width), 4 * width), sums);
    }
    float[] sums = {-1, -1.5f};
    checkBeams(new BeamCall(1, 2, 40, 80, List.of(7)), Values.normal(new Random(5), 80), sums);
  }

  @Test
  void ofEqualScoresTheFirstContinuationsComeFirst() {
    // beams that have the same scores, with equal ones in each
    float[] row = coarse(new Random(7), 130);
    float[] logits = new float[3 * row.length];
    for (int beam = 0; beam < 3; beam++) {
      System.arraycopy(row, 0, logits, beam * row.length, row.length);
    }
    float[] same = {-3, -3, -3};
    checkBeams(new BeamCall(1, 3, 130, 12, List.of(2)), logits, same);
    // logits that differ, and scores that do not, as rounded beside a large sum
    float[] fine = Values.normal(new Random(8), 2 * 5001);
    for (int i = 0; i < fine.length; i++) {
      fine[i] = (float) Math.floor(64 * fine[i]) / 64;
    }
    checkBeams(new BeamCall(1, 2, 5001, 9, List.of()), fine, new float[] {-1e6f, -1e6f + 0.25f});
    checkBeams(new BeamCall(1, 2, 5001, 9, List.of(3)), fine, new float[] {-1e9f, -1e9f});
  }

  @Test
  void whatIsNoNumberAmongContinuationsComesFirst() {
    float[] logits = Values.normal(new Random(9), 3 * 40);
    float[] sums = {-1, -2, -3};
    logits[47] = Float.NaN;
    checkBeams(new BeamCall(1, 3, 40, 6, List.of(0, 39)), logits, sums);
    logits[47] = 0;
    logits[85] = INFINITY; // less itself it is no number
    checkBeams(new BeamCall(1, 3, 40, 6, List.of(2)), logits, sums);
    Arrays.fill(logits, 80, 120, -INFINITY);
    checkBeams(new BeamCall(1, 3, 40, 6, List.of()), logits, sums);
  }

  @Test
  void takesContinuationsThatCannotBeWhereNoOthersAreLeft() {
    float no = -INFINITY;
    float[] logits = {1, no, no, 2, no, no, no, 3, no, 1, 4, 4, no, no, no};
    float[] sums = {-1, no, -2};
    for (int count : new int[] {4, 6, 15}) {
      checkBeams(new BeamCall(1, 3, 5, count, List.of(3)), logits, sums);
    }
    checkBeams(new BeamCall(3, 1, 5, 5, List.of(0, 1, 2, 3, 4)), logits, sums);
  }

  @Test
  void givesTheSameTokensOnAnyNumberOfThreads() {
    float[] logits = Values.normal(new Random(6), 9 * 3001);
    Selection rule = DRAWN.withTopK(60).withTopP(0.9).withMinP(0.01f);
    assertSameBits(
        4,
        b -> {
          long tokens = b.blank(9);
          var state = new DrawState(b.put(states(9, 3, 4)));
          backend().selection().select(rule, 9, 3001, b.put(logits), state, tokens);
          int[] chosen = b.readInts(tokens, 9);
          return Values.floats(Arrays.stream(chosen).asDoubleStream().toArray());
        });
  }

  private interface Rule {
    Selection of(Random random);
  }

  /// Draws by rules, of logits of which many are equal by turns.
  private void draws(int count, int kinds, Rule rule) {
    Values.trials(
        count,
        random -> {
          int width = Values.oneOf(random, WIDTH);
          int rows = Values.oneOf(random, ROWS);
          float[] logits =
              random.nextInt(kinds) == 1
                  ? coarse(random, rows * width)
                  : Values.normal(random, (long) rows * width);
          Selection one = rule.of(random);
          if (random.nextInt(3) == 0) {
            one = one.withForbidden(some(random, width));
          }
          check(one, width, logits, random.nextLong(), random.nextInt(5));
        });
  }

  /// Chooses of rows of logits, and goes on by one number each.
  private void check(Selection rule, int width, float[] logits, long seed, long position) {
    int rows = logits.length / width;
    assertTrue(backend().selection().selects(rule, width), rule.toString());
    long[] before = states(rows, seed, position);
    try (Buffers b = buffers()) {
      long tokens = b.blank(rows);
      long in = b.put(logits);
      long state = rule.draws() ? b.put(before) : 0;
      backend().selection().select(rule, rows, width, in, new DrawState(state), tokens);
      int[] chosen = b.readInts(tokens, rows);
      for (int row = 0; row < rows; row++) {
        var plain =
            new PlainSelection(rule, Arrays.copyOfRange(logits, row * width, (row + 1) * width));
        Philox random = Philox.of(seed, row);
        for (long i = 0; i < position; i++) {
          random.nextDouble();
        }
        int expected = plain.choose(random.nextDouble());
        int at = row;
        if (!plain.close()) {
          assertEquals(
              expected, chosen[row], () -> rule + ", row " + at + " of " + rows + " of " + width);
        }
      }
      Expect.bits("logits", logits, b.read(in, logits.length));
      if (rule.draws()) {
        long[] after = new long[before.length];
        backend().memory().read(state, MemorySegment.ofArray(after), 8L * after.length);
        assertArrayEquals(states(rows, seed, position + 1), after);
      }
    }
  }

  private static long[] states(int rows, long seed, long position) {
    long[] states = new long[3 * rows];
    for (int row = 0; row < rows; row++) {
      states[3 * row] = seed;
      states[3 * row + 1] = row;
      states[3 * row + 2] = position;
    }
    return states;
  }

  private void checkBeams(BeamCall call, float[] logits, float[] sums) {
    int inputs = call.inputs();
    int each = call.beams() * call.width();
    int count = call.count();
    int[] places = new int[inputs * count];
    double[] best = new double[inputs * count];
    for (int input = 0; input < inputs; input++) {
      float[] scores = new float[each];
      for (int beam = 0; beam < call.beams(); beam++) {
        int row = input * call.beams() + beam;
        float[] own = Arrays.copyOfRange(logits, row * call.width(), (row + 1) * call.width());
        double[] log = PlainSoftmax.logSoftmax(call.width(), Values.doubles(own));
        for (int id = 0; id < call.width(); id++) {
          scores[beam * call.width() + id] =
              call.forbidden().contains(id) ? -INFINITY : (float) log[id] + sums[row];
        }
      }
      int[] order =
          IntStream.range(0, each)
              .boxed()
              .sorted(Comparator.comparing((Integer i) -> scores[i]).reversed())
              .mapToInt(i -> i)
              .limit(count)
              .toArray();
      for (int i = 0; i < count; i++) {
        places[input * count + i] = order[i];
        best[input * count + i] = scores[order[i]];
      }
    }
    try (Buffers b = buffers()) {
      long scores = b.blank(inputs * count);
      long found = b.blank(inputs * count);
      backend().selection().beams(call, b.put(logits), b.put(sums), scores, found);
      assertArrayEquals(places, b.readInts(found, inputs * count), call.toString());
      Expect.relative("scores", best, b.read(scores, inputs * count), 2e-6, 2e-6);
    }
  }

  private static List<Integer> some(Random random, int width) {
    List<Integer> ids = new ArrayList<>();
    for (int i = random.nextInt(Math.min(width, 9)); i > 0; i--) {
      ids.add(random.nextInt(width));
    }
    return ids;
  }

  /// Many equal numbers.
  private static float[] coarse(Random random, int count) {
    return Values.floats(random.doubles(count, -9, 9).map(Math::floor).toArray());
  }
}
