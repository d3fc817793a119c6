package dev.quintet.models.adapt.vocabulary;

import dev.quintet.core.backend.Memory;
import dev.quintet.core.backend.Widened;
import dev.quintet.core.random.Philox;
import dev.quintet.core.random.Site;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Fills a table for a new vocabulary from the old one: copies, and means taken in double precision.
final class NewRows {
  private final RowPlan plan;
  private final String name;
  private final Memory memory;
  private final long table;
  private final long bytes;
  private final float[] row;
  private final double[] mean;
  private final double[] deviation;

  private NewRows(RowPlan plan, String name, Memory memory, long table, int width) {
    this.plan = plan;
    this.name = name;
    this.memory = memory;
    this.table = table;
    this.bytes = 4L * width;
    this.row = new float[width];
    this.mean = new double[width];
    this.deviation = new double[width];
  }

  /// A table of the same type on the same device; rows beyond the plan's become the mean of all.
  ///
  /// @param old `[V, D]`
  /// @param name of the table, on which random rows depend
  /// @param plan what the rows begin as
  /// @param rows at least the plan's
  static Parameter of(Parameter old, String name, RowPlan plan, int rows) {
    int width = old.shape().dim(1);
    Parameter made = Parameter.empty(Shape.of(rows, width), old.device());
    Scope.reading(
        old.device(),
        () -> {
          try (var wide = new Widened(old.backend())) {
            long table = wide.read(old.type(), old.address(), old.elements());
            new NewRows(plan, name, old.backend().memory(), table, width).fill(made);
          }
        });
    made.castTo(old.type());
    return made;
  }

  private void fill(Parameter made) {
    if (plan.fresh() > 0 || made.shape().dim(0) > plan.map().newSize()) {
      measure();
    }
    for (int id = 0; id < made.shape().dim(0); id++) {
      if (id >= plan.map().newSize()) {
        fillWith(mean);
      } else if (plan.map().count(id) > 0) {
        average(plan.map().sources(id));
      } else {
        switch (plan.init()) {
          case FVT, MEAN, NEAREST -> fillWith(mean);
          case RANDOM -> random(id);
          case ZERO -> Arrays.fill(row, 0);
        }
      }
      memory.write(MemorySegment.ofArray(row), made.address() + id * bytes, bytes);
    }
  }

  /// Mean and deviation of each feature among the rows of the old tokenizer.
  private void measure() {
    int rows = plan.map().oldSize();
    for (int id = 0; id < rows; id++) {
      read(id);
      for (int i = 0; i < row.length; i++) {
        mean[i] += row[i] / rows;
      }
    }
    for (int id = 0; id < rows; id++) {
      read(id);
      for (int i = 0; i < row.length; i++) {
        deviation[i] += (row[i] - mean[i]) * (row[i] - mean[i]) / rows;
      }
    }
    for (int i = 0; i < row.length; i++) {
      deviation[i] = Math.sqrt(deviation[i]);
    }
  }

  private void read(int id) {
    memory.read(table + id * bytes, MemorySegment.ofArray(row), bytes);
  }

  private void fillWith(double[] values) {
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) values[i];
    }
  }

  private void random(int id) {
    var random = Philox.of(plan.seed(), Site.of(name + "." + id));
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) (mean[i] + deviation[i] * random.nextGaussian());
    }
  }

  private void average(int[] sources) {
    double[] sum = new double[row.length];
    for (int source : sources) {
      read(source);
      for (int i = 0; i < row.length; i++) {
        sum[i] += row[i];
      }
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) (sum[i] / sources.length);
    }
  }
}
