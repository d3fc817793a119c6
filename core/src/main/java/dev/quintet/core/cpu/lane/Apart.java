package dev.quintet.core.cpu.lane;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;

/// A loop that is compiled apart from its caller, always.
///
/// A loop with an exponential takes most of the 18,000 nodes after which the compiler stops inlining (see [Tails]).
/// Merged into a caller that holds more loops it would be cut off in the middle, and its vectors allocated. The
/// handle's field is not final on purpose: what a constant handle calls is inlined.
public final class Apart {
  private MethodHandle handle;

  private Apart(MethodHandle handle) {
    this.handle = handle;
  }

  /// The static method `name` of the lookup's class, which has the parameters of the first [#run].
  static Apart of(Lookup lookup, String name) {
    return of(
        lookup,
        name,
        MethodType.methodType(
            float.class,
            float.class,
            float.class,
            float.class,
            int.class,
            long.class,
            long.class,
            long.class,
            boolean.class));
  }

  /// The static method `name` of the lookup's class, which has the parameters of the second [#run].
  public static Apart ofRow(Lookup lookup, String name) {
    return of(
        lookup,
        name,
        MethodType.methodType(
            float.class,
            float[].class,
            float[].class,
            int.class,
            int.class,
            float.class,
            float.class,
            int[].class,
            float.class));
  }

  private static Apart of(Lookup lookup, String name, MethodType type) {
    try {
      return new Apart(lookup.findStatic(lookup.lookupClass(), name, type));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Calls the loop: three numbers, elements, up to three operands, and whether the last is added to.
  public float run(float a, float b, float c, int n, long x, long y, long z, boolean add) {
    try {
      return (float) handle.invokeExact(a, b, c, n, x, y, z, add);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// Calls the loop over a row in heap arrays: operands, where the row begins and how many elements it has, two
  /// numbers, which elements dropout keeps, and their factor.
  public float run(float[] x, float[] y, int at, int n, float a, float b, int[] kept, float scale) {
    try {
      return (float) handle.invokeExact(x, y, at, n, a, b, kept, scale);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
