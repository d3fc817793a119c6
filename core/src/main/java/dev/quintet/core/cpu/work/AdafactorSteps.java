package dev.quintet.core.cpu.work;

import static dev.quintet.core.cpu.work.Native.at;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.quintet.core.backend.OptimizerKernels.Adafactor;
import dev.quintet.core.backend.OptimizerKernels.Matrices;
import dev.quintet.core.backend.OptimizerKernels.Step;
import dev.quintet.core.backend.Span;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Adafactor over memory: three passes over the gradient and one over the parameter, cut by shape alone.
///
/// The first pass updates the means of rows and of columns, the second measures the step that follows from them,
/// the third takes it; nothing of the matrix's size is kept between them.
public final class AdafactorSteps {
  /// Rows that are summed in float32 before the sums of columns go on in float64.
  private static final int CHUNK = 64;

  /// The most parts of one matrix, each of which keeps a sum for every column.
  private static final int PARTS = 64;

  private final AdafactorLoops loops;

  public AdafactorSteps(AdafactorLoops loops) {
    this.loops = loops;
  }

  /// An update; with means of rows and columns where there are columns.
  public void update(Adafactor u, Step step, Span.Places at, Matrices axes) {
    if (axes.elements() == 0) {
      return;
    }
    double rate = rate(u, step, at.parameter(), axes.elements());
    double keep = 1 - (u.decayByRate() ? rate * step.decay() : step.decay());
    var move = new AdafactorLoops.Move((float) keep, (float) u.beta1(), (float) (1 - u.beta1()));
    var now = new Now(step.scale(), u.beta2(step.count()), u.epsilon(), rate, u.clip());
    if (at.column() == 0) {
      whole(now, move, at, axes.elements());
    } else {
      factored(now, move, at, axes);
    }
  }

  /// The numbers of one update.
  private record Now(float scale, double beta2, double epsilon, double rate, double clip) {}

  private void factored(Now u, AdafactorLoops.Move move, Span.Places at, Matrices axes) {
    float scale = u.scale;
    int count = Math.toIntExact(axes.matrices());
    int rows = axes.rows();
    int columns = axes.columns();
    long matrix = (long) rows * columns;
    float[][] columnFactors = new float[count][];
    float[][] rowFactors = new float[count][];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      long g = at(at.gradient(), i * matrix);
      long r = at(at.second(), (long) i * rows);
      long c = at(at.column(), (long) i * columns);
      means(u, rows, columns, g, r, c);
      double mean = Math.max(mean(r, rows), Double.MIN_NORMAL);
      rowFactors[i] = inverseRoots(r, rows, mean);
      columnFactors[i] = inverseRoots(c, columns, 1);
      sum += measure(rowFactors[i], columnFactors[i], g);
    }
    double size = Math.sqrt(sum * scale * scale / axes.elements());
    double factor = u.rate * scale / Math.max(1, size / u.clip);
    for (int i = 0; i < count; i++) {
      float[] r = rowFactors[i];
      float[] c = columnFactors[i];
      long from = i * matrix;
      Cuts.items(
          rows,
          columns,
          (start, n) -> {
            for (int line = (int) start; line < start + n; line++) {
              long where = from + (long) line * columns;
              float own = (float) (factor * r[line]);
              long m = at.first() == 0 ? 0 : at(at.first(), where);
              loops.step(
                  move, own, at(at.parameter(), where), at(at.gradient(), where), c, m, columns);
            }
          });
    }
  }

  private void means(Now u, int rows, int columns, long gradient, long row, long column) {
    int each = Math.max(Math.ceilDiv(rows, PARTS), Math.max(1, 2 * Cuts.PART / columns));
    int parts = Math.ceilDiv(rows, each);
    double[] sums = new double[parts * columns];
    double square = (double) u.scale * u.scale;
    PartBody body =
        part -> {
          int from = part * each;
          int to = Math.min(rows, from + each);
          float[] chunk = new float[columns];
          MemorySegment means = Native.floats(at(row, from), to - from);
          for (int line = from; line < to; line++) {
            long g = at(gradient, (long) line * columns);
            double mean = loops.squares(g, columns) * square / columns;
            long index = line - from;
            double old = means.getAtIndex(JAVA_FLOAT_UNALIGNED, index);
            means.setAtIndex(JAVA_FLOAT_UNALIGNED, index, next(u, old, mean));
            loops.addSquares(g, chunk, columns);
            if ((line - from) % CHUNK == CHUNK - 1 || line == to - 1) {
              for (int c = 0; c < columns; c++) {
                sums[part * columns + c] += chunk[c];
              }
              Arrays.fill(chunk, 0);
            }
          }
        };
    WorkerPool.shared().run(parts, body);
    MemorySegment means = Native.floats(column, columns);
    for (int c = 0; c < columns; c++) {
      double sum = 0;
      for (int part = 0; part < parts; part++) {
        sum += sums[part * columns + c];
      }
      double old = means.getAtIndex(JAVA_FLOAT_UNALIGNED, c);
      means.setAtIndex(JAVA_FLOAT_UNALIGNED, c, next(u, old, sum * square / rows));
    }
  }

  private static float next(Now u, double old, double mean) {
    return (float) (u.beta2 * old + (1 - u.beta2) * (mean + u.epsilon));
  }

  private static double mean(long values, int n) {
    MemorySegment from = Native.floats(values, n);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += from.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
    }
    return sum / n;
  }

  private static float[] inverseRoots(long values, int n, double by) {
    MemorySegment from = Native.floats(values, n);
    float[] roots = new float[n];
    for (int i = 0; i < n; i++) {
      roots[i] = (float) (1 / Math.sqrt(from.getAtIndex(JAVA_FLOAT_UNALIGNED, i) / by));
    }
    return roots;
  }

  private double measure(float[] row, float[] column, long gradient) {
    int columns = column.length;
    double[] sums = new double[row.length];
    Cuts.items(
        row.length,
        columns,
        (start, n) -> {
          for (int line = (int) start; line < start + n; line++) {
            long g = at(gradient, (long) line * columns);
            sums[line] = loops.weightedSquares(g, column, columns) * row[line] * row[line];
          }
        });
    double sum = 0;
    for (double one : sums) {
      sum += one;
    }
    return sum;
  }

  private void whole(Now u, AdafactorLoops.Move move, Span.Places at, long count) {
    float beta = (float) u.beta2;
    float rest = (float) (1 - u.beta2);
    float epsilon = (float) u.epsilon;
    double sum =
        partSums(
            count,
            (from, n) -> {
              long g = at(at.gradient(), from);
              return loops.second(beta, rest, u.scale, epsilon, g, at(at.second(), from), n);
            });
    double size = Math.sqrt(sum / count);
    float factor = (float) (u.rate * u.scale / Math.max(1, size / u.clip));
    Cuts.elements(
        count,
        (from, n) ->
            loops.stepWhole(
                move,
                factor,
                at(at.parameter(), from),
                at(at.gradient(), from),
                at(at.second(), from),
                at.first() == 0 ? 0 : at(at.first(), from),
                n));
  }

  private double rate(Adafactor u, Step step, long parameter, long count) {
    if (!u.scale().on()) {
      return u.rate(step);
    }
    double sum = partSums(count, (from, n) -> loops.squares(at(parameter, from), n));
    double size = Math.sqrt(sum / count);
    return u.rate(step) * Math.min(u.scale().most(), Math.max(u.scale().least(), size));
  }

  private interface PartSum {
    double of(long from, int count);
  }

  private static double partSums(long count, PartSum one) {
    int parts = Math.toIntExact(Math.ceilDiv(count, Cuts.PART));
    double[] sums = new double[parts];
    PartBody body =
        part -> {
          long from = (long) part * Cuts.PART;
          sums[part] = one.of(from, (int) Math.min(Cuts.PART, count - from));
        };
    WorkerPool.shared().run(parts, body);
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return total;
  }
}
