package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.OptimizerKernels.Adafactor;
import dev.quintet.core.backend.OptimizerKernels.AdamW;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.OptimizerKernels.OwnRate;
import dev.quintet.core.backend.OptimizerKernels.Scale;
import dev.quintet.core.backend.OptimizerKernels.Step;
import dev.quintet.core.backend.RunState.Inputs;
import dev.quintet.core.backend.RunState.Outcome;
import dev.quintet.core.shape.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What every backend's optimizer updates must do.
public abstract class OptimizerContract extends BackendContract {
  private static final int[] COUNTS = {0, 1, 3, 8, 16, 17, 33, 100, 1023, 4099, 30_001};
  private static final AdamW ADAM = new AdamW(0.9f, 0.999f, 1e-8f);

  @Test
  void updatesAsPyTorchDoes() {
    Values.trials(
        30,
        random -> {
          int count = Values.oneOf(random, COUNTS);
          AdamW update =
              new AdamW(
                  0.9f,
                  random.nextBoolean() ? 0.999f : 0.95f,
                  random.nextBoolean() ? 1e-8f : 1e-6f);
          checkStep(update, step(0.01, 1 + random.nextInt(500), random), count, random);
        });
  }

  @Test
  void follows12StepsFromTheBeginning() {
    Random random = new Random(1);
    int count = 203;
    float[] start = Values.normal(random, count);
    double[] p = Values.doubles(start);
    double[] m = new double[count];
    double[] v = new double[count];
    try (Buffers b = buffers()) {
      long parameter = b.put(start);
      long first = b.put(new float[count]);
      long second = b.put(new float[count]);
      for (int t = 1; t <= 12; t++) {
        float[] g = Values.normal(random, count);
        Step step = new Step(3e-3, 0.01, 1, t);
        PlainOptimizer.adamW(ADAM, step, p, Values.doubles(g), m, v);
        adamW(ADAM, step, places(parameter, b.put(g), first, second, 0), count);
      }
      Expect.close("parameter", p, b.read(parameter, count), 1e-6);
      Expect.close("first moment", m, b.read(first, count), 1e-6);
      Expect.close("second moment", v, b.read(second, count), 1e-6);
    }
  }

  /// A gradient of zero must not divide zero by zero.
  @Test
  void leavesParametersWithoutGradientAlone() {
    try (Buffers b = buffers()) {
      float[] start = Values.normal(new Random(2), 19);
      long parameter = b.put(start);
      long zeros = b.put(new float[19]);
      long first = b.put(new float[19]);
      long second = b.put(new float[19]);
      adamW(ADAM, new Step(0.1, 0, 1, 1), places(parameter, zeros, first, second, 0), 19);
      Expect.bits("parameter", start, b.read(parameter, 19));
    }
  }

  @Test
  void updatesByTheMeansOfRowsAndColumns() {
    Values.trials(
        40,
        random -> {
          var axes =
              new Matrices(
                  1 + random.nextInt(2),
                  Values.oneOf(random, 1, 2, 7, 65, 300),
                  Values.oneOf(random, 1, 3, 16, 37, 130));
          checkFactored(adafactor(random), axes, random);
        });
    checkFactored(adafactor(new Random(4)), new Matrices(1, 30, 5000), new Random(5));
    checkFactored(adafactor(new Random(6)), new Matrices(1, 5000, 30), new Random(7));
  }

  @Test
  void updatesByTheWholeSecondMoment() {
    Values.trials(
        30,
        random -> {
          int count = 1 + Values.oneOf(random, COUNTS);
          Adafactor update = adafactor(random);
          Step step = step(0.1, 1 + random.nextInt(20), random);
          boolean averages = update.beta1() > 0;
          float[] p = Values.normal(random, count);
          float[] g = Values.normal(random, count);
          float[] v = Values.uniform(random, count, 0.01f, 2);
          float[] m = Values.normal(random, averages ? count : 0);
          double[] wideP = Values.doubles(p);
          double[] wideV = Values.doubles(v);
          double[] wideM = Values.doubles(m);
          PlainOptimizer.adafactor(update, step, wideP, Values.doubles(g), wideV, wideM);
          try (Buffers b = buffers()) {
            long parameter = b.put(p);
            long second = b.put(v);
            long first = averages ? b.put(m) : 0;
            adafactor(
                update, step, places(parameter, b.put(g), first, second, 0), Matrices.whole(count));
            Expect.close(update + ", second moment", wideV, b.read(second, count), 3e-7);
            Expect.close(update + ", parameter", wideP, b.read(parameter, count), 1e-6);
            if (averages) {
              Expect.close(update + ", first moment", wideM, b.read(first, count), 1e-6);
            }
          }
        });
  }

  /// As for rows of an embedding that no token of a batch has.
  @Test
  void rowsWithoutGradientStayWhereAdafactorMovesOthers() {
    var update = new Adafactor(new Scale(false, 0, 1), OwnRate.GIVEN, 0, -0.8, 1e-30, 1, true);
    float[] start = Values.normal(new Random(8), 4 * 19);
    float[] g = Values.normal(new Random(9), 4 * 19);
    java.util.Arrays.fill(g, 19, 57, 0);
    try (Buffers b = buffers()) {
      long parameter = b.put(start);
      long row = b.put(new float[4]);
      long column = b.put(new float[19]);
      adafactor(
          update,
          new Step(0.1, 0, 1, 1),
          places(parameter, b.put(g), 0, row, column),
          new Matrices(1, 4, 19));
      float[] moved = b.read(parameter, 4 * 19);
      for (int i = 0; i < moved.length; i++) {
        assertEquals(i >= 19 && i < 57, moved[i] == start[i], "element " + i);
      }
    }
  }

  @Test
  void sumsSquaresOfAllGradientsInFloat64() {
    Values.trials(
        20,
        random -> {
          double expected = 0;
          try (Buffers b = buffers()) {
            var rows = new ArrayList<Span>();
            for (int i = random.nextInt(4); i > 0; i--) {
              float[] x = Values.normal(random, Values.oneOf(random, COUNTS));
              for (float value : x) {
                expected += (double) value * value;
              }
              rows.add(span(places(0, b.put(x), 0, 0, 0), Matrices.whole(x.length)));
            }
            double sum = outcome(rows, OptimizerKernels::sumOfSquares).sum();
            assertEquals(expected, sum, 1e-12 * expected);
          }
        });
  }

  @Test
  void sumsSquaresThatFloat32CannotHold() {
    try (Buffers b = buffers()) {
      Span one = span(places(0, b.put(1e30f, -2e30f, 1e-30f), 0, 0, 0), Matrices.whole(3));
      double sum = outcome(List.of(one), OptimizerKernels::sumOfSquares).sum();
      assertEquals(5e60, sum, 1e-6 * 5e60);
    }
  }

  @Test
  void addsLossesInFloat64() {
    try (Buffers b = buffers()) {
      long one = b.put(1f);
      long tiny = b.put(1e-12f);
      Outcome outcome =
          outcome(
              List.of(),
              (kernels, spans, state) -> {
                kernels.addLoss(one, false, state);
                kernels.addLoss(tiny, true, state);
              });
      assertEquals(1 + (double) 1e-12f, outcome.loss());
    }
  }

  @Test
  void clipsByNorm() {
    assertClips(1, 25, 5, 1 / (5 + 1e-6));
    assertClips(7, 25, 5, 1);
    assertClips(5, 25, 5, 5 / (5 + 1e-6));
    assertClips(1, 0, 0, 1);
    assertClips(Float.POSITIVE_INFINITY, 25, 5, 1);
    assertClips(1, Double.NaN, Double.NaN, 0);
    assertClips(1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);
    assertClips(Float.POSITIVE_INFINITY, 1e100, Double.POSITIVE_INFINITY, 0);
  }

  @Test
  void aStepThatIsNotFiniteChangesNothingAndIsCounted() {
    int count = 37;
    Random random = new Random(12);
    var axes = new Matrices(1, 1, count);
    for (float[] bad : new float[][] {{Float.NaN, 1}, {1, Float.POSITIVE_INFINITY}, {1, 1}}) {
      try (Buffers b = buffers()) {
        float[] g = Values.normal(random, count);
        g[11] = bad[0];
        long[] at = new long[5];
        float[][] before = new float[5][];
        for (int i = 0; i < 5; i++) {
          before[i] = i == 1 ? g : Values.uniform(random, count, 0.1f, 2);
          at[i] = b.put(before[i]);
        }
        long loss = b.put(bad[1]);
        var rows =
            List.of(
                span(places(at[0], at[1], at[2], at[3], 0), Matrices.whole(count)),
                span(places(at[0], at[1], at[2], at[3], at[4]), axes));
        boolean fine = bad[0] == 1 && bad[1] == 1;
        Outcome outcome =
            outcome(
                rows,
                (kernels, spans, state) -> {
                  state.write(backend().memory(), new Outcome(0, 0, 0, 1, 2, 7));
                  kernels.addLoss(loss, false, state);
                  kernels.sumOfSquares(spans, state);
                  kernels.clip(1, state);
                  kernels.adamW(ADAM, state, spans);
                  kernels.adafactor(adafactor(new Random(1)), state, spans);
                });
        assertEquals(fine ? 0 : 3, outcome.skipped());
        assertEquals(fine ? 8 : 7, outcome.updates());
        assertEquals(fine, outcome.scale() > 0);
        for (int i = 0; i < 5; i++) {
          boolean same = java.util.Arrays.equals(before[i], b.read(at[i], count));
          assertEquals(!fine || i == 1, same, "operand " + i);
        }
      }
    }
  }

  /// Each at its own rate, decay and count, and one of them bfloat16, whose master moves and which follows it rounded.
  @Test
  void aTableGivesTheBitsOfSingleUpdates() {
    for (boolean together : new boolean[] {false, true}) {
      try (Buffers b = buffers()) {
        Random random = new Random(13);
        var rows = new ArrayList<Span>();
        for (int count : new int[] {5, 40_099, 33}) {
          Span.Places at =
              places(
                  b.put(Values.normal(random, count)),
                  b.put(Values.normal(random, count)),
                  b.put(Values.normal(random, count)),
                  b.put(Values.uniform(random, count, 0.1f, 2)),
                  0);
          rows.add(
              new Span(DType.F32, Matrices.whole(count), at, 0.1 * count, 1.0 / count, -count % 7));
        }
        Span last = rows.getLast();
        long narrow = b.blankShorts(33);
        Span.Places f = last.at();
        var at = new Span.Places(narrow, f.parameter(), f.gradient(), f.first(), f.second(), 0);
        rows.set(2, new Span(DType.BF16, last.axes(), at, last.decay(), last.factor(), -2));
        List<List<Span>> tables =
            together ? List.of(rows) : rows.stream().map(row -> List.of(row)).toList();
        for (List<Span> table : tables) {
          outcome(table, (kernels, spans, state) -> kernels.adamW(ADAM, state, spans));
        }
        var now = new ArrayList<float[]>();
        for (Span row : rows) {
          long p = row.type() == DType.F32 ? row.at().parameter() : row.at().master();
          now.add(b.read(p, row.axes().elements()));
        }
        if (!together) {
          single = now;
          float[] master = now.get(2);
          short[] rounded = b.readShorts(narrow, 33);
          for (int i = 0; i < 33; i++) {
            int bits = Float.floatToRawIntBits(master[i]);
            assertEquals((short) (bits + 0x7FFF + (bits >>> 16 & 1) >> 16), rounded[i]);
          }
        }
        for (int i = 0; i < 3; i++) {
          Expect.bits("parameter " + i, single.get(i), now.get(i));
        }
      }
    }
  }

  /// Matrices and whole second moments, float32 and bfloat16, each at its own rate and count.
  @Test
  void aTableGivesWhatSingleUpdatesByAdafactorGive() {
    var update =
        new Adafactor(new Scale(true, 1e-3, 1e9), OwnRate.RELATIVE, 0.9, -0.8, 1e-30, 1, true);
    var single = new ArrayList<float[]>();
    for (boolean together : new boolean[] {false, true}) {
      try (Buffers b = buffers()) {
        Random random = new Random(14);
        var rows = new ArrayList<Span>();
        for (Matrices axes :
            new Matrices[] {
              new Matrices(2, 40, 70),
              Matrices.whole(20_003),
              new Matrices(0, 3, 4),
              new Matrices(1, 300, 132),
              Matrices.whole(64),
              new Matrices(1, 70, 300)
            }) {
          int count = (int) axes.elements();
          boolean factored = axes.columns() > 1;
          int lines = (int) axes.matrices() * axes.rows();
          DType type = rows.size() % 2 == 1 ? DType.BF16 : DType.F32;
          long parameter = b.put(Values.normal(random, count));
          var at =
              new Span.Places(
                  type == DType.F32 ? parameter : b.blankShorts(count),
                  type == DType.F32 ? 0 : parameter,
                  b.put(Values.normal(random, count)),
                  b.put(Values.normal(random, count)),
                  b.put(Values.uniform(random, factored ? lines : count, 0.1f, 2)),
                  factored
                      ? b.put(
                          Values.uniform(random, (int) axes.matrices() * axes.columns(), 0.1f, 2))
                      : 0);
          rows.add(new Span(type, axes, at, 0.1, 1.0 / (1 + rows.size()), -rows.size()));
        }
        List<List<Span>> tables =
            together ? List.of(rows) : rows.stream().map(row -> List.of(row)).toList();
        for (List<Span> table : tables) {
          outcome(table, (kernels, spans, state) -> kernels.adafactor(update, state, spans));
        }
        for (int i = 0; i < rows.size(); i++) {
          Span row = rows.get(i);
          long count = row.axes().elements();
          boolean narrow = row.type() == DType.BF16;
          float[] now = b.read(narrow ? row.at().master() : row.at().parameter(), count);
          if (narrow) {
            float[] rounded = Values.widened(b.readShorts(row.at().parameter(), count));
            Expect.bits("parameter " + i, Values.of(DType.BF16, now), rounded);
          }
          if (together) {
            Expect.close("parameter " + i, Values.doubles(single.get(i)), now, 1e-6);
          } else {
            single.add(now);
          }
        }
      }
    }
  }

  @Test
  void givesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (int count : new int[] {19, 200_003}) {
      Random random = new Random(3);
      float[] p = Values.normal(random, count);
      float[] g = Values.normal(random, count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long parameter = b.put(p);
            var at =
                places(parameter, b.put(g), b.put(new float[count]), b.put(new float[count]), 0);
            outcome(
                List.of(span(at, Matrices.whole(count))),
                (kernels, spans, state) -> {
                  kernels.sumOfSquares(spans, state);
                  kernels.clip(1, state);
                  kernels.adamW(ADAM, state, spans);
                });
            return b.read(parameter, count);
          });
    }
  }

  @Test
  void adafactorGivesTheSameBitsOnAnyNumberOfThreadsAndWhileCompiled() {
    for (var axes : new Matrices[] {new Matrices(1, 5, 19), new Matrices(1, 900, 223)}) {
      int count = (int) axes.elements();
      var update =
          new Adafactor(new Scale(true, 1e-3, 1e9), OwnRate.GIVEN, 0.9, -0.8, 1e-30, 1, true);
      var step = new Step(0.1, 0.1, 1, 3);
      float[] p = Values.normal(new Random(10), count);
      float[] g = Values.normal(new Random(11), count);
      assertSameBits(
          count < 100 ? 2000 : 8,
          b -> {
            long parameter = b.put(p);
            long gradient = b.put(g);
            long row = b.put(new float[axes.rows()]);
            long column = b.put(new float[axes.columns()]);
            long first = b.put(new float[count]);
            adafactor(update, step, places(parameter, gradient, first, row, column), axes);
            adafactor(
                update,
                step,
                places(parameter, gradient, first, b.put(p), 0),
                Matrices.whole(count));
            return b.read(parameter, count);
          });
    }
  }

  private List<float[]> single = List.of();

  private static Adafactor adafactor(Random random) {
    return new Adafactor(
        new Scale(
            random.nextBoolean(), 1e-3, random.nextBoolean() ? Double.POSITIVE_INFINITY : 0.5),
        random.nextBoolean() ? OwnRate.GIVEN : OwnRate.RELATIVE,
        random.nextBoolean() ? 0 : 0.9,
        -random.nextDouble(),
        random.nextBoolean() ? 1e-30 : 1e-3,
        random.nextBoolean() ? 1 : 0.3,
        random.nextBoolean());
  }

  private static Step step(double rate, int count, Random random) {
    return new Step(
        (float) (rate * random.nextDouble()),
        random.nextBoolean() ? 0 : 0.1f,
        random.nextBoolean() ? 1 : random.nextFloat(),
        count);
  }

  private static Span.Places places(
      long parameter, long gradient, long first, long second, long column) {
    return new Span.Places(parameter, 0, gradient, first, second, column);
  }

  private static Span span(Span.Places at, Matrices axes) {
    return new Span(DType.F32, axes, at, 0.1, 1, 0);
  }

  private void adamW(AdamW update, Step step, Span.Places at, long count) {
    var one = new Span(DType.F32, Matrices.whole(count), at, step.decay(), 1, -3);
    run(step, List.of(one), (kernels, spans, state) -> kernels.adamW(update, state, spans));
  }

  private void adafactor(Adafactor update, Step step, Span.Places at, Matrices axes) {
    var one = new Span(DType.F32, axes, at, step.decay(), 1, -3);
    run(step, List.of(one), (kernels, spans, state) -> kernels.adafactor(update, state, spans));
  }

  private Outcome outcome(List<Span> rows, Call call) {
    return run(new Step(0.01, 0, 1, 4), rows, call);
  }

  /// Calls kernels with a table and a state, in which 3 updates more than the step's count have been made.
  private Outcome run(Step step, List<Span> rows, Call call) {
    Memory memory = backend().memory();
    RunState state = new RunState(memory.allocate(RunState.BYTES));
    Spans spans = Spans.of(memory, rows);
    state.write(memory, new Inputs(1, 2, 3, step.rate(), 1));
    state.write(memory, new Outcome(0, 0, 0, step.scale(), 0, step.count() + 3));
    call.run(backend().optimizer(), spans, state);
    Outcome outcome = state.outcome(memory);
    spans.release(memory);
    memory.release(state.address(), RunState.BYTES);
    return outcome;
  }

  private interface Call {
    void run(OptimizerKernels kernels, Spans spans, RunState state);
  }

  private void checkFactored(Adafactor update, Matrices axes, Random random) {
    Step step = step(0.1, 1 + random.nextInt(20), random);
    boolean averages = update.beta1() > 0;
    int count = (int) axes.elements();
    int rows = (int) axes.matrices() * axes.rows();
    int columns = (int) axes.matrices() * axes.columns();
    float[] p = Values.normal(random, count);
    float[] g = Values.normal(random, count);
    float[] r = Values.uniform(random, rows, 0.01f, 2);
    float[] c = Values.uniform(random, columns, 0.01f, 2);
    float[] m = Values.normal(random, averages ? count : 0);
    double[] wideP = Values.doubles(p);
    double[] wideR = Values.doubles(r);
    double[] wideC = Values.doubles(c);
    double[] wideM = Values.doubles(m);
    PlainOptimizer.adafactor(update, step, axes, wideP, Values.doubles(g), wideR, wideC, wideM);
    String what = update + " of " + axes;
    try (Buffers b = buffers()) {
      long parameter = b.put(p);
      long row = b.put(r);
      long column = b.put(c);
      long first = averages ? b.put(m) : 0;
      adafactor(update, step, places(parameter, b.put(g), first, row, column), axes);
      Expect.close(what + ", rows", wideR, b.read(row, rows), 3e-7);
      Expect.close(what + ", columns", wideC, b.read(column, columns), 1e-6);
      Expect.close(what + ", parameter", wideP, b.read(parameter, count), 1e-6);
      if (averages) {
        Expect.close(what + ", first moment", wideM, b.read(first, count), 1e-6);
      }
    }
  }

  private void checkStep(AdamW update, Step step, int count, Random random) {
    float[] p = Values.normal(random, count);
    float[] g = Values.normal(random, count);
    float[] m = Values.normal(random, count);
    float[] v = Values.uniform(random, count, 0.01f, 2);
    double[] wideP = Values.doubles(p);
    double[] wideM = Values.doubles(m);
    double[] wideV = Values.doubles(v);
    PlainOptimizer.adamW(update, step, wideP, Values.doubles(g), wideM, wideV);
    try (Buffers b = buffers()) {
      long parameter = b.put(p);
      long first = b.put(m);
      long second = b.put(v);
      adamW(update, step, places(parameter, b.put(g), first, second, 0), count);
      Expect.close(update + ", first moment", wideM, b.read(first, count), 3e-7);
      Expect.close(update + ", second moment", wideV, b.read(second, count), 3e-7);
      Expect.relative(update + ", parameter", wideP, b.read(parameter, count), 3e-7, 1e-7);
    }
  }

  private void assertClips(float maximum, double sum, double norm, double scale) {
    Outcome outcome =
        outcome(
            List.of(),
            (kernels, spans, state) -> {
              state.write(backend().memory(), new Outcome(sum, 1, 0, 0, 2, 7));
              kernels.clip(maximum, state);
            });
    assertEquals((float) norm, outcome.norm());
    assertEquals((float) scale, outcome.scale());
    assertEquals(Double.isFinite(norm) ? 0 : 3, outcome.skipped());
    assertEquals(Double.isFinite(norm) ? 8 : 7, outcome.updates());
  }
}
