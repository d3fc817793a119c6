package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionCall.Bias;
import dev.quintet.core.backend.AttentionCall.Kind;
import dev.quintet.core.backend.AttentionCall.Masks;
import dev.quintet.core.backend.AttentionContract;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.shape.DType;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.kernels.testing.StandIn.Schedule;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("emulator")
class CudaAttentionTest extends AttentionContract {
  /// The schedule that the process was told to begin with.
  private static final Schedule USUAL =
      Schedule.valueOf(
          Objects.requireNonNullElse(System.getenv("QUINTET_EMULATOR_SCHEDULE"), "forward")
              .toUpperCase(Locale.ROOT)
              .replace('-', '_'));

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
  void givesTheSameBitsByEverySchedule() {
    AttentionCall call = AttentionCall.of(2, 1, 66, 130, 64).withBias(Bias.table(0, 40));
    var dropout = new DropoutMask(0.1f, 1, 2, 3, 4);
    int[] lengths = {0, 100};
    long address = backend().memory().allocate(8);
    backend().memory().write(MemorySegment.ofArray(lengths), address, 8);
    var masks = new Masks(Kind.LENGTHS, 0, address, true, 64);
    for (DType type : new DType[] {DType.BF16, DType.F32}) {
      byte[] first = {};
      for (Schedule schedule : Schedule.values()) {
        StandIn.schedule(schedule);
        AttentionCall all = call.withType(type).withMasks(masks).withDropout(dropout);
        try (var operands = new AttentionOperands(backend(), all, new Random(1), false)) {
          operands.run();
          byte[] now = operands.computed();
          first = first.length == 0 ? now : first;
          assertArrayEquals(first, now, type + ", " + schedule);
        } finally {
          StandIn.schedule(USUAL);
        }
      }
    }
    backend().memory().release(address, 8);
  }

  @Test
  void movesTheBytesThatItSays() {
    AttentionCall plain = AttentionCall.of(1, 1, 70, 100, 40);
    AttentionCall table = plain.withBias(Bias.table(0, 200));
    AttentionCall full = plain.withBias(Bias.full(0, 0, 7000));
    AttentionCall flash = AttentionCall.of(1, 1, 130, 200, 64).withType(DType.BF16);
    AttentionCall causal = flash.withMasks(new Masks(Kind.ALL, 0, 0, true, 70));
    Map<String, Double> off = new HashMap<>();
    off.putAll(compared(table, false));
    off.putAll(compared(full, false));
    off.putAll(compared(flash.withBias(Bias.table(0, 200)), false));
    assertEquals(10, off.size(), off.toString());
    compared(causal.withBias(Bias.table(0, 20)), true)
        .forEach((kernel, by) -> off.put(kernel + ", causal", by));
    off.forEach((kernel, by) -> assertTrue(Math.abs(by) < 0.02, kernel + " is off by " + by));
  }

  /// How far what a forward and a backward move is from what their launches say, of each kernel.
  private Map<String, Double> compared(AttentionCall call, boolean add) {
    var cuda = ((CudaBackend) backend()).cuda();
    Map<String, Long> before = cuda.moved();
    StandIn.reset();
    try (var operands = new AttentionOperands(backend(), call, new Random(2), add)) {
      operands.run();
    }
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
    return off;
  }
}
