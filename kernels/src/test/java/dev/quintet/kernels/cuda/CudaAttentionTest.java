package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Bias;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.AttentionContract;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CudaAttentionTest extends AttentionContract {
  @Override
  protected Backend backend() {
    return StandIn.backend();
  }

  /// Starts of rows lie on the device, where a kernel reads them: the next wait tells.
  @Override
  protected Class<? extends RuntimeException> refusalOfStarts() {
    return IndexOutOfBoundsException.class;
  }

  @Test
  void movesTheBytesThatItSays() {
    AttentionCall plain = AttentionCall.of(1, 1, 70, 100, 40);
    AttentionCall flash = AttentionCall.of(2, 2, 130, 200, 64).withType(DType.BF16);
    Map<String, Double> off = new HashMap<>();
    off.putAll(compared(plain, 200, false));
    off.putAll(compared(plain, -1, false));
    off.putAll(compared(flash, 200, false));
    assertEquals(10, off.size(), off.toString());
    off.forEach((kernel, by) -> assertTrue(Math.abs(by) < 0.02, kernel + " is off by " + by));
    compared(flash.withMasks(new Masks(Kind.ALL, 0, 0, true, 70)), 20, true)
        .forEach((kernel, by) -> assertTrue(Math.abs(by) < 0.02, kernel + " is off by " + by));
  }

  /// How far what a forward and a backward move is from what their launches say, of each kernel.
  private Map<String, Double> compared(AttentionCall call, int reach, boolean add) {
    var cuda = ((CudaBackend) backend()).cuda();
    Memory memory = backend().memory();
    long element = call.type().bytes();
    long biases = reach < 0 ? (long) call.queries() * call.keys() : 2L * reach + 1;
    long[] bytes = {
      element * call.queryElements(),
      element * call.keyElements(),
      4L * call.batch() * call.heads() * call.queries(),
      4 * call.heads() * biases
    };
    int[] sizes = {0, 1, 1, 0, 2, 0, 3, 0, 1, 1, 3};
    long[] at = new long[sizes.length];
    for (int i = 0; i < at.length; i++) {
      at[i] = memory.allocate(bytes[sizes[i]]);
      memory.zero(at[i], bytes[sizes[i]]);
    }
    Map<String, Long> before = cuda.moved();
    StandIn.reset();
    AttentionCall biased =
        call.withBias(
            reach < 0
                ? Bias.full(at[6], 0, (long) call.queries() * call.keys())
                : Bias.table(at[6], reach));
    var in = new Inputs(at[0], at[1], at[2]);
    var results = new Results(at[3], at[4]);
    backend().attention().attention(biased, in, results);
    backend()
        .attention()
        .attentionBackward(
            biased,
            in,
            results,
            at[5],
            new Gradients(
                new Gradient(at[7], add),
                new Gradient(at[8], add),
                new Gradient(at[9], add),
                new Gradient(at[10], add)));
    backend().queue().synchronize();
    var off = new HashMap<String, Double>();
    cuda.moved()
        .forEach((kernel, moved) -> {
          long said = moved - before.getOrDefault(kernel, 0L);
          if (kernel.startsWith("attention") && said != 0) {
            StandIn.Counts counts = StandIn.counts(kernel);
            double real = counts.loaded() + counts.stored();
            off.put(kernel, said / real - 1);
          }
        });
    for (int i = 0; i < at.length; i++) {
      memory.release(at[i], bytes[sizes[i]]);
    }
    return off;
  }
}
