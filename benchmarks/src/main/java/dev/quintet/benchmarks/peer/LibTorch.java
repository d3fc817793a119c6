package dev.quintet.benchmarks.peer;

import dev.quintet.benchmarks.contest.MissingPeerException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/// libtorch 2.7.1 through DJL's binding: arrays, and the few operations on them that have a counterpart here.
///
/// Each operation makes a new array, as in PyTorch; who calls closes it. The launcher tells glibc's allocator not to give memory
/// back, since libtorch would else spend much of its time in page faults.
public final class LibTorch {
  /// As tables have it.
  public static final String NAME = "libtorch 2.7.1 (DJL)";

  private static final String DJL = "ai.djl.ndarray.";

  private final Class<?> array = type(DJL + "NDArray");
  private final Class<?> shape = type(DJL + "types.Shape");
  private final Class<?> dataType = type(DJL + "types.DataType");
  private final Object manager;
  private final MethodHandle create;
  private final MethodHandle shapeOf;
  private final MethodHandle close;
  private final MethodHandle matMul;
  private final MethodHandle transpose;
  private final MethodHandle softmax;
  private final MethodHandle logSoftmax;
  private final MethodHandle add;
  private final MethodHandle addInPlace;
  private final MethodHandle gather;
  private final MethodHandle toFloats;

  /// Loads the library.
  ///
  /// @param threads the number of its threads
  /// @throws MissingPeerException if it is not there, or cannot be loaded
  public LibTorch(int threads) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", NativeFiles.folder("libtorch").toString());
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    Class<?> managers = type(DJL + "NDManager");
    Class<?> device = type("ai.djl.Device");
    try {
      var lookup = MethodHandles.publicLookup();
      Object cpu = device.getMethod("cpu").invoke(null);
      manager =
          managers.getMethod("newBaseManager", device, String.class).invoke(null, cpu, "PyTorch");
      create =
          lookup
              .findVirtual(
                  managers, "create", MethodType.methodType(array, Buffer.class, shape, dataType))
              .bindTo(manager);
      shapeOf = lookup.unreflectConstructor(shape.getConstructor(long[].class)).asFixedArity();
      close =
          lookup
              .findVirtual(array, "close", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      matMul = binary(lookup, "matMul");
      add = binary(lookup, "add");
      addInPlace = binary(lookup, "addi");
      transpose =
          lookup
              .findVirtual(array, "transpose", MethodType.methodType(array, int[].class))
              .asFixedArity()
              .asType(MethodType.methodType(Object.class, Object.class, int[].class));
      softmax = byAxis(lookup, "softmax");
      logSoftmax = byAxis(lookup, "logSoftmax");
      gather =
          lookup
              .findVirtual(array, "gather", MethodType.methodType(array, array, int.class))
              .asType(MethodType.methodType(Object.class, Object.class, Object.class, int.class));
      toFloats =
          lookup
              .findVirtual(array, "toFloatArray", MethodType.methodType(float[].class))
              .asType(MethodType.methodType(float[].class, Object.class));
    } catch (ReflectiveOperationException | LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new MissingPeerException("libtorch through DJL cannot be loaded here: " + cause, e);
    }
  }

  private MethodHandle binary(MethodHandles.Lookup lookup, String name)
      throws ReflectiveOperationException {
    return lookup
        .findVirtual(array, name, MethodType.methodType(array, array))
        .asType(MethodType.methodType(Object.class, Object.class, Object.class));
  }

  private MethodHandle byAxis(MethodHandles.Lookup lookup, String name)
      throws ReflectiveOperationException {
    return lookup
        .findVirtual(array, name, MethodType.methodType(array, int.class))
        .asType(MethodType.methodType(Object.class, Object.class, int.class));
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new MissingPeerException(
          "no " + name + " on the class path: libtorch through DJL is fetched by ./quintet bench",
          e);
    }
  }

  /// An array of these numbers.
  public Object array(float[] values, long... sizes) {
    return made(FloatBuffer.wrap(values), sizes, "FLOAT32");
  }

  /// An array of these numbers.
  public Object array(long[] values, long... sizes) {
    return made(LongBuffer.wrap(values), sizes, "INT64");
  }

  private Object made(Buffer values, long[] sizes, String type) {
    try {
      Object kind = dataType.getField(type).get(null);
      return create.invoke(values, shapeOf.invoke(sizes), kind);
    } catch (Throwable e) {
      throw failed("create", e);
    }
  }

  /// A product, of the last two axes.
  public Object matMul(Object a, Object b) {
    try {
      return matMul.invokeExact(a, b);
    } catch (Throwable e) {
      throw failed("matMul", e);
    }
  }

  /// A sum.
  public Object add(Object a, Object b) {
    try {
      return add.invokeExact(a, b);
    } catch (Throwable e) {
      throw failed("add", e);
    }
  }

  /// Adds to an array where it lies.
  public void addInPlace(Object a, Object b) {
    try {
      Object same = addInPlace.invokeExact(a, b);
      if (same != a) {
        throw new IllegalStateException("addi made another array");
      }
    } catch (Throwable e) {
      throw failed("addi", e);
    }
  }

  /// A view with the axes in another order.
  public Object transpose(Object a, int... axes) {
    try {
      return transpose.invokeExact(a, axes);
    } catch (Throwable e) {
      throw failed("transpose", e);
    }
  }

  /// Softmax along an axis.
  public Object softmax(Object a, int axis) {
    try {
      return softmax.invokeExact(a, axis);
    } catch (Throwable e) {
      throw failed("softmax", e);
    }
  }

  /// The logarithm of softmax along an axis.
  public Object logSoftmax(Object a, int axis) {
    try {
      return logSoftmax.invokeExact(a, axis);
    } catch (Throwable e) {
      throw failed("logSoftmax", e);
    }
  }

  /// The numbers at these places of an axis.
  public Object gather(Object a, Object places, int axis) {
    try {
      return gather.invokeExact(a, places, axis);
    } catch (Throwable e) {
      throw failed("gather", e);
    }
  }

  /// A copy of the numbers.
  public float[] values(Object a) {
    try {
      return (float[]) toFloats.invokeExact(a);
    } catch (Throwable e) {
      throw failed("toFloatArray", e);
    }
  }

  /// Frees arrays.
  public void close(Object... arrays) {
    try {
      for (Object one : arrays) {
        close.invokeExact(one);
      }
    } catch (Throwable e) {
      throw failed("close", e);
    }
  }

  private static IllegalStateException failed(String operation, Throwable cause) {
    return new IllegalStateException("libtorch: " + operation + " failed: " + cause, cause);
  }
}
