package dev.quintet.kernels.driver;

import static dev.quintet.kernels.driver.Occupancy.Chip.A100;
import static dev.quintet.kernels.driver.Occupancy.Chip.H200;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// The expected numbers are those of NVIDIA's occupancy calculator.
class OccupancyTest {

  @Test
  void isBoundedByRegistersInUnitsOf256AWarp() {
    assertEquals(64, Occupancy.warps(A100, 256, 32, 0));
    assertEquals(48, Occupancy.warps(A100, 256, 33, 0));
    assertEquals(32, Occupancy.warps(A100, 256, 64, 0));
    assertEquals(24, Occupancy.warps(A100, 256, 65, 0));
    assertEquals(12, Occupancy.warps(A100, 128, 168, 0));
    assertEquals(8, Occupancy.warps(A100, 256, 255, 0));
    assertEquals(0, Occupancy.warps(A100, 1024, 255, 0));
  }

  @Test
  void isBoundedBySharedMemoryWithAKilobyteForTheSystem() {
    assertEquals(1, Occupancy.blocks(A100, 128, 32, 163 << 10));
    assertEquals(0, Occupancy.blocks(A100, 128, 32, 164 << 10));
    assertEquals(3, Occupancy.blocks(A100, 128, 32, 48 << 10));
    assertEquals(4, Occupancy.blocks(H200, 128, 32, 48 << 10));
    assertEquals(1, Occupancy.blocks(H200, 128, 32, 227 << 10));
  }

  @Test
  void isBoundedByWarpsAndBlocks() {
    assertEquals(2, Occupancy.blocks(A100, 1024, 32, 0));
    assertEquals(32, Occupancy.blocks(A100, 32, 16, 0));
    assertEquals(1, Occupancy.blocks(A100, 1024, 64, 0));
  }
}
