package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.Backend;
import java.util.ArrayList;
import java.util.List;

/// Zeros in a backend's memory, released at the end.
final class Operands implements AutoCloseable {
  private record Block(long address, long bytes) {}

  private final Backend backend;
  private final List<Block> blocks = new ArrayList<>();

  Operands(Backend backend) {
    this.backend = backend;
  }

  /// The address of so many bytes.
  long zeros(long bytes) {
    var block = new Block(backend.memory().allocate(bytes), bytes);
    blocks.add(block);
    backend.memory().zero(block.address, bytes);
    return block.address;
  }

  @Override
  public void close() {
    for (Block block : blocks.reversed()) {
      backend.memory().release(block.address, block.bytes);
    }
  }
}
