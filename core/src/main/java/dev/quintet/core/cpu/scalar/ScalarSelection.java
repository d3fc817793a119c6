package dev.quintet.core.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DrawState;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.SelectionKernels;
import dev.quintet.core.backend.Thinning;
import dev.quintet.core.cpu.work.Cuts;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.random.Philox;
import dev.quintet.core.random.PhiloxState;
import java.lang.foreign.MemorySegment;

/// Tokens chosen row by row, as the processors of `models` choose them.
public record ScalarSelection(Backend backend) implements SelectionKernels {
  private static final int LONG = Long.BYTES;

  @Override
  public boolean selects(Selection rule, int width) {
    return true;
  }

  @Override
  public void select(
      Selection rule, int rows, int width, long logits, DrawState state, long tokens) {
    MemorySegment chosen = Native.floats(tokens, rows);
    Cuts.items(
        rows,
        width,
        (from, count) -> {
          float[] scores = new float[width];
          Thinning thinning = new Thinning();
          for (long row = from; row < from + count; row++) {
            ScalarScratch.load(Native.at(logits, row * width), scores, 0, width);
            int token =
                rule.draws()
                    ? rule.drawn(scores, thinning, number(state, row))
                    : rule.likeliest(scores);
            chosen.setAtIndex(JAVA_INT_UNALIGNED, row, token);
          }
        });
  }

  /// The next number of a row.
  private static double number(DrawState state, long row) {
    MemorySegment words = Native.bytes(state.address() + DrawState.bytes(1) * row, 3 * LONG);
    Philox random =
        Philox.at(
            new PhiloxState(
                words.get(JAVA_LONG_UNALIGNED, 0),
                words.get(JAVA_LONG_UNALIGNED, LONG),
                words.get(JAVA_LONG_UNALIGNED, 2 * LONG)));
    double number = random.nextDouble();
    words.set(JAVA_LONG_UNALIGNED, 2 * LONG, random.state().position());
    return number;
  }
}
