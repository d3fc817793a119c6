package dev.quintet.core.tensor;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Whole numbers that a module keeps on its device: written once, when they are first asked for, and not with every
/// pass. They outlive scopes and go with [#close], or when the garbage collector finds them.
public final class Constant implements AutoCloseable {
  private final Shape shape;
  private final int[] values;
  private final Room room = new Room();

  /// Numbers of a shape.
  ///
  /// @throws IllegalArgumentException if their number is another than the shape's
  public Constant(Shape shape, int... values) {
    if (shape.elements() != values.length) {
      throw new IllegalArgumentException(
          values.length + " values for a constant of shape " + shape);
    }
    this.shape = shape;
    this.values = values.clone();
    var _ = Collected.watch(this, room);
  }

  /// The numbers as an int32 tensor on the device of another tensor. Asked for on another device than before, they
  /// move.
  public Tensor beside(Tensor tensor) {
    Objects.requireNonNull(tensor, "tensor");
    return Op.over(room.on(tensor.backend(), values), 0, shape, DType.I32);
  }

  /// Frees the memory.
  @Override
  public void close() {
    room.run();
  }

  private static final class Room implements Runnable {
    private @Nullable Storage storage;

    synchronized Storage on(Backend backend, int[] values) {
      Storage here = storage;
      if (here == null || here.backend() != backend) {
        run();
        here = Storage.allocate(backend, 4L * values.length);
        backend.memory().write(MemorySegment.ofArray(values), here.address(), here.bytes());
        storage = here;
      }
      return here;
    }

    @Override
    public synchronized void run() {
      if (storage != null) {
        storage.release();
        storage = null;
      }
    }
  }
}
