package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.BeamCall;
import dev.quintet.core.backend.DrawState;
import dev.quintet.core.backend.Selection;
import dev.quintet.core.backend.SelectionContract;
import dev.quintet.kernels.testing.StandIn;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Choosing tokens by the CUDA backend, on the stand-in.
@Tag("emulator")
class CudaSelectionTest {
  private static CudaBackend backend() {
    return (CudaBackend) StandIn.backend();
  }

  @Nested
  class ByLists extends SelectionContract {
    @Override
    protected Backend backend() {
      return CudaSelectionTest.backend();
    }
  }

  @Nested
  class Aligned extends SelectionContract {
    @Override
    protected Backend backend() {
      return CudaSelectionTest.backend();
    }

    @Override
    protected boolean aligned() {
      return true;
    }
  }

  @Nested
  class WholeRows extends SelectionContract {
    private static final Backend WHOLE =
        Rung.of(
            CudaSelectionTest.backend(),
            "selection",
            (cuda, whole) -> new CudaSelection(cuda.cuda(), whole, true));

    @Override
    protected Backend backend() {
      return WHOLE;
    }
  }

  /// Two launches, whatever is forbidden, and the logits stay.
  @Test
  void findsContinuationsInTwoLaunches() {
    try (var operands = new Operands(backend())) {
      long logits = operands.zeros(4L * 2 * 100);
      var call = new BeamCall(1, 2, 100, 4, List.of(3, 7));
      StandIn.reset();
      backend()
          .selection()
          .beams(call, logits, operands.zeros(8), operands.zeros(16), operands.zeros(16));
      backend().queue().synchronize();
      assertEquals(1, StandIn.counts("select_beam_sums").launches());
      assertEquals(1, StandIn.counts("select_beams").launches());
      float[] left = new float[200];
      backend().memory().read(logits, MemorySegment.ofArray(left), 800);
      assertArrayEquals(new float[200], left);
    }
  }

  @Test
  void movesTheBytesThatItSays() {
    var selection = backend().selection();
    Selection drawn = Selection.LIKELIEST.withDraws();
    var launched = new TreeSet<String>();
    try (var operands = new Operands(backend())) {
      for (int width : new int[] {1500, 32_128}) {
        int rows = 3;
        float[] values = new float[rows * width];
        Random random = new Random(width);
        for (int i = 0; i < values.length; i++) {
          values[i] = 6 * (float) random.nextGaussian();
        }
        long logits = operands.zeros(4L * values.length);
        backend().memory().write(MemorySegment.ofArray(values), logits, 4L * values.length);
        var state = new DrawState(operands.zeros(DrawState.bytes(rows)));
        long tokens = operands.zeros(4L * rows);
        List<Selection> rules =
            List.of(
                Selection.LIKELIEST,
                drawn,
                drawn.withMinP(0.1f),
                drawn.withTopK(50),
                drawn.withTopK(50).withTopP(0.9).withMinP(0.01f),
                drawn.withTopP(0.9));
        for (Selection rule : rules) {
          launched.addAll(
              Traffic.check(
                  backend(), () -> selection.select(rule, rows, width, logits, state, tokens)));
        }
        long found = operands.zeros(8L * rows * 6);
        var call = new BeamCall(1, rows, width, 6, List.of(1, 5));
        long sums = operands.zeros(4L * rows);
        launched.addAll(
            Traffic.check(
                backend(), () -> selection.beams(call, logits, sums, found, found + 24L)));
        launched.addAll(
            Traffic.check(
                backend(), () -> selection.forbid(List.of(3, 1, 4), rows, width, logits)));
      }
    }
    assertEquals(5, launched.size(), () -> "kernels: " + launched);
  }
}
