package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.AttentionContract;
import dev.quintet.core.backend.Backend;
import dev.quintet.kernels.testing.StandIn;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/// The contract by instructions that all chips have, which a chip of 9.0 takes for what its own do not take.
@Tag("emulator")
class CudaAttentionMmaTest extends AttentionContract {
  private static @Nullable Backend backend;

  @Override
  protected Backend backend() {
    if (backend == null) {
      backend =
          Rung.of(
              (CudaBackend) StandIn.backend(),
              "attention",
              (cuda, _) -> new CudaAttention(cuda.cuda(), false));
    }
    return backend;
  }

  @Override
  protected Class<? extends RuntimeException> refusalOfStarts() {
    return IndexOutOfBoundsException.class;
  }

  @AfterEach
  void nothingWasFound() {
    assertEquals("", StandIn.errors());
  }
}
