package dev.quintet.core.cpu.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quintet.core.backend.DecoderCall;
import dev.quintet.core.backend.DecoderCall.Sizes;
import dev.quintet.core.backend.DecoderStep;
import dev.quintet.core.cpu.decode.PlannedBlock.Buffers;
import dev.quintet.core.cpu.lane.UnaryLoops;
import dev.quintet.core.cpu.scalar.ScalarStored;
import dev.quintet.core.cpu.vector.VectorMatmul;
import dev.quintet.core.cpu.vector.VectorReduction;
import dev.quintet.core.cpu.work.Native;
import dev.quintet.core.cpu.work.PartBody;
import dev.quintet.core.cpu.work.Workspace;
import dev.quintet.core.shape.Precision;

/// A planned step: the embedding, the blocks, the last norm; then the head, whose logits are looked at part by part where
/// only the likeliest tokens are asked for, and never lie in memory.
final class PlannedStep implements DecoderStep {
  private final DecoderCall call;
  private final Sizes sizes;
  private final Buffers buffers;
  private final Progress progress;
  private final PlannedBlock[] blocks;
  private final PlannedProduct head;
  private final float[] most;
  private final int[] where;
  private final PartBody writing = this::write;
  private final PartBody choosing = this::choose;
  private long logits;

  PlannedStep(DecoderCall call, Room room) {
    this.call = call;
    sizes = call.sizes();
    int rows = sizes.rows();
    int width = call.embedding().columns();
    int inner = call.blocks().getFirst().feedForward().gate().rows();
    boolean gated = call.blocks().getFirst().feedForward().gated();
    var kinds = Rows.Kinds.of(call);
    buffers =
        new Buffers(
            room.floats((long) rows * width),
            Rows.in(room, rows, width, kinds),
            room.floats((long) rows * sizes.attentionWidth()),
            Rows.in(room, rows, sizes.attentionWidth(), kinds),
            Rows.in(room, rows, inner, kinds),
            gated ? room.floats((long) rows * inner) : 0);
    progress = new Progress(sizes, call.mask());
    blocks = new PlannedBlock[call.blocks().size()];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new PlannedBlock(call, call.blocks().get(i), buffers, progress, room);
    }
    head = PlannedProduct.of(call.head());
    most = new float[head.parts() * rows];
    where = new int[head.parts() * rows];
  }

  /// Reads what there is before the first step.
  void begin(int length) {
    for (PlannedBlock block : blocks) {
      block.begin(length);
    }
  }

  @Override
  public void run(int[] ids, int position) {
    call.check(ids, position);
    int width = buffers.normed().width();
    for (int row = 0; row < ids.length; row++) {
      long to = Native.at(buffers.h(), (long) row * width);
      if (call.embedding().precision() == Precision.F32) {
        long from = Native.at(call.embedding().address(), (long) ids[row] * width);
        UnaryLoops.scale(1, from, to, width);
      } else {
        ScalarStored.row(call.embedding(), ids[row], to);
      }
    }
    progress.at(position);
    for (PlannedBlock block : blocks) {
      block.run();
    }
    Rows x = buffers.normed();
    buffers.norm(call.norm(), sizes.epsilon());
    if (call.scale() != 1) {
      UnaryLoops.scale(call.scale(), x.address(), x.address(), ids.length * width);
    }
    x.pack();
  }

  @Override
  public void likeliest(int[] into) {
    VectorMatmul.run(head.work(buffers.normed()), head.parts(), choosing);
    int rows = sizes.rows();
    for (int row = 0; row < rows; row++) {
      int best = row;
      for (int i = row + rows; i < most.length; i += rows) {
        // what is no number counts as larger than all
        if (most[i] > most[best] || (Float.isNaN(most[i]) && !Float.isNaN(most[best]))) {
          best = i;
        }
      }
      into[row] = where[best];
    }
  }

  private void choose(int part) {
    int width = head.width(part);
    int rows = sizes.rows();
    long scratch = Workspace.packed((long) rows * width);
    head.run(part, buffers.normed(), scratch, width, false);
    for (int row = 0; row < rows; row++) {
      long at = Native.at(scratch, (long) row * width);
      int best = VectorReduction.argMax(at, width);
      most[part * rows + row] = Native.floats(at, width).getAtIndex(JAVA_FLOAT, best);
      where[part * rows + row] = head.first(part) + best;
    }
  }

  @Override
  public void logits(long to) {
    logits = to;
    VectorMatmul.run(head.work(buffers.normed()), head.parts(), writing);
  }

  private void write(int part) {
    long to = Native.at(logits, head.first(part));
    head.run(part, buffers.normed(), to, call.head().rows(), false);
  }

  @Override
  public void reorder(int[] from, int length) {
    progress.reorder(from, length);
  }

  @Override
  public int place(int row, int position) {
    return progress.place(row, position);
  }
}
