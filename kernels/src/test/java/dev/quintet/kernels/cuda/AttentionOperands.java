package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.AttentionCall;
import dev.quintet.core.backend.AttentionKernels.Gradients;
import dev.quintet.core.backend.AttentionKernels.Inputs;
import dev.quintet.core.backend.AttentionKernels.Results;
import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Operands of an attention and its gradients, each where a block of memory begins.
final class AttentionOperands implements AutoCloseable {
  private record Block(long address, long bytes) {}

  private final Backend backend;
  private final AttentionCall call;
  private final List<Block> blocks = new ArrayList<>();
  private final Inputs in;
  private final Results results;
  private final long dOut;
  private final Gradients gradients;
  private final int outputs;

  /// Normal numbers, and zeros where a gradient is added to.
  ///
  /// @param biased the call, given the address of as many float32 as its bias has
  AttentionOperands(Backend backend, AttentionCall biased, Random random, boolean add) {
    this.backend = backend;
    long inQ = biased.queryElements();
    long inK = biased.keyElements();
    DType type = biased.type();
    AttentionCall.Bias bias = biased.bias();
    long inBias = biased.biasElements();
    long table = floats(random, inBias);
    this.call =
        biased.withBias(
            new AttentionCall.Bias(table, bias.batchStride(), bias.headStride(), bias.reach()));
    this.in =
        new Inputs(normal(type, random, inQ), normal(type, random, inK), normal(type, random, inK));
    this.dOut = normal(type, random, inQ);
    this.outputs = blocks.size();
    long rows = (long) call.batch() * call.heads() * call.queries();
    this.results = new Results(zeros(type.bytes(inQ)), zeros(4 * rows));
    this.gradients =
        new Gradients(
            new Gradient(zeros(type.bytes(inQ)), add),
            new Gradient(zeros(type.bytes(inK)), add),
            new Gradient(zeros(type.bytes(inK)), add),
            new Gradient(zeros(4 * inBias), add));
  }

  /// Forward and backward.
  void run() {
    backend.attention().attention(call, in, results);
    backend.attention().attentionBackward(call, in, results, dOut, gradients);
    backend.queue().synchronize();
  }

  /// All that was computed.
  byte[] computed() {
    List<Block> all = blocks.subList(outputs, blocks.size());
    byte[] bytes = new byte[(int) all.stream().mapToLong(Block::bytes).sum()];
    int at = 0;
    for (Block block : all) {
      int count = (int) block.bytes;
      backend.memory().read(block.address, MemorySegment.ofArray(bytes).asSlice(at, count), count);
      at += count;
    }
    return bytes;
  }

  @Override
  public void close() {
    blocks.forEach(block -> backend.memory().release(block.address, block.bytes));
    blocks.clear();
  }

  private long floats(Random random, long count) {
    float[] values = new float[(int) count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return put(MemorySegment.ofArray(values));
  }

  private long normal(DType type, Random random, long count) {
    if (type == DType.F32) {
      return floats(random, count);
    }
    short[] values = new short[(int) count];
    for (int i = 0; i < count; i++) {
      values[i] = (short) (Float.floatToIntBits((float) random.nextGaussian() / 2) >>> 16);
    }
    return put(MemorySegment.ofArray(values));
  }

  private long put(MemorySegment values) {
    long address = zeros(values.byteSize());
    backend.memory().write(values, address, values.byteSize());
    return address;
  }

  private long zeros(long bytes) {
    Memory memory = backend.memory();
    long address = memory.allocate(bytes);
    memory.zero(address, bytes);
    blocks.add(new Block(address, bytes));
    return address;
  }
}
