package dev.quintet.core.op;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Tensors from Java's arrays of arrays, from buffers and memory, and back.
public final class HostArrays {
  /// How many arrays without elements are made at most.
  private static final int EMPTY = 1 << 20;

  private HostArrays() {}

  /// A tensor of the values of an array of any depth.
  public static Tensor tensor(Object array) {
    Class<?> component = component("ofArray", array.getClass());
    int[] dims = new int[depth(array.getClass())];
    Object first = array;
    for (int axis = 0; axis < dims.length && first != null; axis++) {
      dims[axis] = Array.getLength(first);
      first = dims[axis] == 0 ? null : Array.get(first, 0);
    }
    Shape shape = Shape.of(Arrays.stream(dims).asLongStream().toArray());
    int count = Operands.size("ofArray", "the tensor", shape.elements());
    var flat = new Flat(component, count);
    flat.take(array, dims, 0);
    return tensor(shape, flat.type, flat.segment);
  }

  /// An array of the depth and component of `type` with the values of a tensor.
  public static <T> T array(Tensor x, Class<T> type) {
    Class<?> component = component("toArray", type);
    int[] dims = x.shape().dims();
    if (depth(type) != dims.length) {
      throw new IllegalArgumentException(
          "toArray: "
              + type.getSimpleName()
              + " is of depth "
              + depth(type)
              + ", and this tensor of shape "
              + x.shape()
              + " has "
              + dims.length
              + " axes");
    }
    long arrays = 1;
    for (int i = 0; i < dims.length && x.elements() == 0 && dims[i] > 0; i++) {
      arrays = Math.min(EMPTY + 1, arrays * dims[i]);
    }
    if (arrays > EMPTY) {
      throw new IllegalArgumentException(
          "toArray: a tensor of shape " + x.shape() + " is too many arrays without elements");
    }
    boolean floats = component == float.class || component == double.class;
    if (!floats && (x.type() == DType.F32 || x.type() == DType.BF16)) {
      throw new IllegalArgumentException(
          "toArray: "
              + type.getSimpleName()
              + " takes whole numbers, and this tensor is "
              + x.type()
              + "; cast() it to I32 first, or ask for floats");
    }
    Object values = floats ? x.toFloats() : x.toInts();
    T array = type.cast(Array.newInstance(component, dims));
    give(values, 0, array);
    return array;
  }

  /// Copies the elements from `at` on into an array of any depth.
  private static int give(Object values, int at, Object array) {
    int to = at;
    if (array instanceof Object[] rows) {
      for (Object row : rows) {
        to = give(values, to, row);
      }
      return to;
    }
    int n = Array.getLength(array);
    switch (array) {
      case double[] row -> Arrays.setAll(row, i -> ((float[]) values)[at + i]);
      case long[] row -> Arrays.setAll(row, i -> ((int[]) values)[at + i]);
      case boolean[] row -> {
        for (int i = 0; i < n; i++) {
          row[i] = ((int[]) values)[at + i] != 0;
        }
      }
      case byte[] row -> {
        for (int i = 0; i < n; i++) {
          row[i] = (byte) ((int[]) values)[at + i];
        }
      }
      default -> System.arraycopy(values, at, array, 0, n);
    }
    return at + n;
  }

  /// A tensor with what this memory holds.
  public static Tensor tensor(Shape shape, DType type, MemorySegment memory) {
    checkBytes("of", type.bytes(shape.elements()), shape, type, memory);
    Tensor tensor = Tensor.empty(shape, type);
    tensor.backend().memory().write(memory, tensor.address(), memory.byteSize());
    return tensor;
  }

  /// A tensor with what remains in this buffer.
  public static Tensor tensor(Shape shape, Buffer buffer) {
    return tensor(shape, type("of", buffer), MemorySegment.ofBuffer(buffer));
  }

  /// Copies all elements.
  public static void copy(Tensor x, MemorySegment memory) {
    checkBytes("copyTo", x.type().bytes(x.elements()), x.shape(), x.type(), memory);
    if (memory.isReadOnly()) {
      throw new IllegalArgumentException("copyTo: the target can only be read");
    }
    Scope.reading(
        x.device(), () -> x.backend().memory().read(x.address(), memory, memory.byteSize()));
  }

  /// Copies all elements into what remains of a buffer.
  public static void copy(Tensor x, Buffer buffer) {
    DType type = type("copyTo", buffer);
    if (type != x.type() && !(type == DType.U8 && x.type() == DType.BOOL)) {
      throw new IllegalArgumentException(
          "copyTo: the buffer is for "
              + type
              + ", and this tensor is "
              + x.type()
              + "; cast() it first, or give its bytes as MemorySegment.ofBuffer(buffer)");
    }
    copy(x, MemorySegment.ofBuffer(buffer));
  }

  private static void checkBytes(
      String operation, long bytes, Shape shape, DType type, MemorySegment memory) {
    if (memory.byteSize() != bytes) {
      throw new IllegalArgumentException(
          operation
              + ": shape "
              + shape
              + " of "
              + type
              + " takes "
              + bytes
              + " bytes, not "
              + memory.byteSize());
    }
  }

  private static DType type(String operation, Buffer buffer) {
    ByteOrder order =
        switch (buffer) {
          case FloatBuffer floats -> floats.order();
          case IntBuffer ints -> ints.order();
          default -> ByteOrder.nativeOrder();
        };
    if (order != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException(
          operation
              + ": the buffer's bytes are "
              + order
              + ", and this machine's are "
              + ByteOrder.nativeOrder()
              + ": set order(ByteOrder.nativeOrder()) on the ByteBuffer below");
    }
    return switch (buffer) {
      case FloatBuffer _ -> DType.F32;
      case IntBuffer _ -> DType.I32;
      case ByteBuffer _ -> DType.U8;
      default ->
          throw new IllegalArgumentException(
              operation + ": takes buffers of float, int and byte, not " + buffer);
    };
  }

  private static int depth(Class<?> array) {
    return array.isArray() ? 1 + depth(array.componentType()) : 0;
  }

  private static Class<?> component(String operation, Class<?> array) {
    Class<?> component = array;
    while (component.isArray()) {
      component = component.componentType();
    }
    boolean known =
        component == float.class
            || component == double.class
            || component == int.class
            || component == long.class
            || component == byte.class
            || component == boolean.class;
    if (!array.isArray() || !known) {
      throw new IllegalArgumentException(
          operation
              + ": takes arrays, and arrays of arrays, of float, double, int, long, byte or boolean, not "
              + array.getSimpleName());
    }
    return component;
  }

  /// The elements of an array one after the other, as a tensor holds them.
  private static final class Flat {
    private final DType type;
    private final Object values;
    private final MemorySegment segment;
    private int count;

    Flat(Class<?> component, int elements) {
      if (component == float.class || component == double.class) {
        float[] all = new float[elements];
        type = DType.F32;
        values = all;
        segment = MemorySegment.ofArray(all);
      } else if (component == int.class || component == long.class) {
        int[] all = new int[elements];
        type = DType.I32;
        values = all;
        segment = MemorySegment.ofArray(all);
      } else {
        byte[] all = new byte[elements];
        type = component == boolean.class ? DType.BOOL : DType.U8;
        values = all;
        segment = MemorySegment.ofArray(all);
      }
    }

    private static int whole(long value) {
      if (value != (int) value) {
        throw new IllegalArgumentException("ofArray: " + value + " is no int32");
      }
      return (int) value;
    }

    void take(@Nullable Object array, int[] dims, int axis) {
      if (array == null || Array.getLength(array) != dims[axis]) {
        throw new IllegalArgumentException(
            "ofArray: the arrays along axis "
                + axis
                + " have "
                + dims[axis]
                + " elements each, but one "
                + (array == null ? "is null" : "has " + Array.getLength(array)));
      }
      if (array instanceof Object[] rows) {
        for (Object row : rows) {
          take(row, dims, axis + 1);
        }
        return;
      }
      switch (array) {
        case double[] row -> {
          for (int i = 0; i < row.length; i++) {
            ((float[]) values)[count + i] = (float) row[i];
          }
        }
        case long[] row -> {
          for (int i = 0; i < row.length; i++) {
            ((int[]) values)[count + i] = whole(row[i]);
          }
        }
        case boolean[] row -> {
          for (int i = 0; i < row.length; i++) {
            ((byte[]) values)[count + i] = (byte) (row[i] ? 1 : 0);
          }
        }
        default -> System.arraycopy(array, 0, values, count, dims[axis]);
      }
      count += dims[axis];
    }
  }
}
