package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.MatmulContract;
import dev.quintet.kernels.cuda.MatmulPlan.Tile;
import dev.quintet.kernels.testing.StandIn;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/// The contract by Hopper's instructions alone: all products of bfloat16 that they can take, small ones too.
@Tag("emulator")
class CudaMatmulHopperTest extends MatmulContract {
  private static @Nullable Backend backend;

  @Override
  protected Backend backend() {
    if (backend == null) {
      backend =
          Rung.of(
              (CudaBackend) StandIn.backend(),
              "matmul",
              (cuda, _) ->
                  new CudaMatmul(
                      cuda.cuda(), EnumSet.of(Tile.HOPPER_256, Tile.HOPPER_192, Tile.HOPPER_96)));
    }
    return backend;
  }

  @Override
  protected double bfloat16Tolerance() {
    return 1e-5;
  }

  @AfterEach
  void nothingWasFound() {
    assertEquals("", StandIn.errors());
  }
}
