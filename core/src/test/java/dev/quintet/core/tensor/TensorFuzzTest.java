package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.backend.DropoutMask;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.AttentionOptions.Seen;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TensorFuzzTest {
  private static final int MAX = Integer.MAX_VALUE;
  private static final int[] NUMBERS = {
    Integer.MIN_VALUE,
    Integer.MIN_VALUE + 1,
    -MAX / 2,
    -5,
    -2,
    -1,
    0,
    1,
    2,
    3,
    4,
    MAX / 2,
    MAX - 3,
    MAX
  };
  private static final long[] LONG_NUMBERS = {
    Long.MIN_VALUE,
    -(1L << 32),
    -2,
    -1,
    0,
    1,
    2,
    3,
    4,
    MAX,
    1L << 31,
    1L << 32,
    1L << 62,
    Long.MAX_VALUE
  };
  private static final float[] FLOATS = {
    Float.NaN, Float.NEGATIVE_INFINITY, -1, 0, Float.MIN_VALUE, 0.5f, 1, Float.MAX_VALUE
  };

  private static final Object[] ARRAYS = {
    new float[] {1, 2},
    new float[2][3],
    new double[][][] {{{1}, {2}}},
    new int[0][4],
    new int[][] {{1}, {1, 2}},
    new boolean[] {true, false},
    new byte[3],
    new float[][] {null},
    new String[] {"1"},
    "1",
  };

  /// Small ones, empty ones whose other axes are as long as can be, and ones that no machine can hold.
  private static final Shape[] SHAPES = {
    Shape.scalar(),
    Shape.of(1),
    Shape.of(4),
    Shape.of(2, 3),
    Shape.of(3, 2),
    Shape.of(2, 2, 3),
    Shape.of(1, 2, 2, 3),
    Shape.of(0),
    Shape.of(0, MAX, MAX),
    Shape.of(MAX, MAX, 0),
    Shape.of(MAX, 0, MAX),
    Shape.of(MAX, MAX),
    Shape.of(1 << 30, 1 << 30),
  };

  /// Takes raw memory, closes what others use, or takes as much memory as it is told to.
  private static final Set<String> LEFT_OUT = Set.of("over", "range", "close");

  @Test
  void answersAnyArgumentsWithAValueOrAnExceptionThatIsMeant() throws IllegalAccessException {
    long seed = Long.getLong("quintet.seed", 20261129);
    var random = new Random(seed);
    List<Method> methods =
        Arrays.stream(Tensor.class.getMethods())
            .filter(m -> m.getDeclaringClass() != Object.class && !LEFT_OUT.contains(m.getName()))
            .sorted(Comparator.comparing(Method::toString))
            .toList();
    int answered = 0;
    for (int call = 0; call < 4_000; call++) {
      try (var _ = Scope.open(Device.cpu())) {
        Method method = methods.get(random.nextInt(methods.size()));
        Tensor self = tensor(random);
        Object[] arguments =
            Arrays.stream(method.getParameterTypes()).map(t -> argument(t, random)).toArray();
        try {
          Object result =
              method.invoke(Modifier.isStatic(method.getModifiers()) ? null : self, arguments);
          if (result instanceof Tensor t && t.elements() < 10_000) {
            assertTrue(t.toFloats().length == t.elements());
          }
          answered++;
        } catch (InvocationTargetException e) {
          if (!meant(e.getCause())) {
            fail(
                "seed "
                    + seed
                    + ", call "
                    + call
                    + ": "
                    + method
                    + " of "
                    + self
                    + " with "
                    + Arrays.deepToString(arguments),
                e.getCause());
          }
        }
      }
    }
    assertTrue(answered > 1000, "few calls were answered: " + answered);
  }

  private static boolean meant(Throwable thrown) {
    return thrown instanceof OutOfDeviceMemoryException
        || thrown instanceof DeviceUnavailableException
        || thrown.getMessage() != null
            && (thrown.getClass() == IllegalArgumentException.class
                || thrown.getClass() == IllegalStateException.class
                || thrown.getClass() == IndexOutOfBoundsException.class);
  }

  private static Object argument(Class<?> type, Random random) {
    if (type == int.class) {
      return NUMBERS[random.nextInt(NUMBERS.length)];
    } else if (type == long.class) {
      return LONG_NUMBERS[random.nextInt(LONG_NUMBERS.length)];
    } else if (type == float.class) {
      return FLOATS[random.nextInt(FLOATS.length)];
    } else if (type == boolean.class) {
      return random.nextBoolean();
    } else if (type == int[].class) {
      int[] numbers = new int[random.nextInt(5)];
      Arrays.setAll(numbers, i -> NUMBERS[random.nextInt(NUMBERS.length)]);
      return numbers;
    } else if (type == long[].class) {
      long[] numbers = new long[random.nextInt(5)];
      Arrays.setAll(numbers, i -> LONG_NUMBERS[random.nextInt(LONG_NUMBERS.length)]);
      return numbers;
    } else if (type == float[].class) {
      return new float[random.nextInt(6)];
    } else if (type == Tensor.class) {
      return tensor(random);
    } else if (type == Shape.class) {
      return SHAPES[random.nextInt(SHAPES.length)];
    } else if (type == List.class) {
      var tensors = new ArrayList<Tensor>();
      for (int i = random.nextInt(3); i > 0; i--) {
        tensors.add(tensor(random));
      }
      return tensors;
    } else if (type == Device.class) {
      return random.nextBoolean() ? Device.cpu() : Device.cuda(random.nextInt(3));
    } else if (type == DropoutMask.class) {
      return new DropoutMask(0.5f, 1, random.nextLong(), random.nextLong(), random.nextLong());
    } else if (type == CrossEntropyOptions.class) {
      int ignore = NUMBERS[random.nextInt(NUMBERS.length)];
      return new CrossEntropyOptions(ignore, 0.1f, 0.01f, 0, Optional.empty());
    } else if (type == AttentionOptions.class) {
      return new AttentionOptions(
          1,
          random.nextBoolean() ? Optional.of(tensor(random)) : Optional.empty(),
          seen(random),
          random.nextBoolean(),
          NUMBERS[random.nextInt(NUMBERS.length)],
          random.nextBoolean()
              ? Optional.of(NUMBERS[random.nextInt(NUMBERS.length)])
              : Optional.empty(),
          DropoutMask.NONE);
    } else if (type == Object.class) {
      return ARRAYS[random.nextInt(ARRAYS.length)];
    } else if (type == Class.class) {
      return ARRAYS[random.nextInt(ARRAYS.length)].getClass();
    } else if (type == Buffer.class) {
      return random.nextBoolean()
          ? FloatBuffer.allocate(random.nextInt(7))
          : IntBuffer.allocate(random.nextInt(7)).asReadOnlyBuffer();
    } else if (type == MemorySegment.class) {
      return MemorySegment.ofArray(new float[random.nextInt(7)]);
    } else if (type == java.util.Collection.class) {
      return List.of(); // of parameters to hand over, of which a tensor made here has none
    } else if (type == java.util.function.Consumer.class) {
      return (java.util.function.Consumer<?>) told -> {};
    } else if (type.isEnum()) {
      return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
    }
    // what is left are parts of the autograd, for who writes operations
    return type == String.class ? "fuzz" : (dev.quintet.core.autograd.BackwardRule) dy -> {};
  }

  private static Seen seen(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> new Seen.All();
      case 1 -> new Seen.Mask(tensor(random));
      case 2 -> new Seen.Lengths(tensor(random));
      case 3 -> new Seen.Segments(tensor(random), tensor(random));
      default -> new Seen.Starts(tensor(random), tensor(random));
    };
  }

  private static Tensor tensor(Random random) {
    Shape shape;
    do {
      shape = SHAPES[random.nextInt(SHAPES.length)];
    } while (shape.elements() > 1000);
    Tensor x =
        switch (random.nextInt(4)) {
          case 0 -> Tensor.full(shape, NUMBERS[random.nextInt(NUMBERS.length)]).cast(DType.I32);
          case 1 ->
              Tensor.full(shape, 1)
                  .compare(
                      dev.quintet.core.backend.ElementwiseKernels.Comparison.EQUAL,
                      Tensor.ones(shape));
          default -> Tensor.normal(shape, random.nextLong());
        };
    return x.type() == DType.F32 && random.nextBoolean() ? x.withGradient() : x;
  }

  @Test
  void refusesPlacesWhoseSumPassesAnInt() {
    try (var _ = Scope.open(Device.cpu())) {
      Tensor whole = Tensor.full(Shape.of(4), 3);
      Tensor part = Tensor.ones(Shape.of(2));
      assertThrows(
          IllegalArgumentException.class, () -> whole.overwrite(0, Integer.MAX_VALUE, part));
      assertThrows(IllegalArgumentException.class, () -> whole.read(Long.MAX_VALUE, new float[2]));
      assertArrayEquals(new float[] {3, 3, 3, 3}, whole.toFloats());
    }
  }

  @Test
  void refusesMoreMemoryThanAnyMachineHas() {
    try (var _ = Scope.open(Device.cpu())) {
      assertThrows(OutOfDeviceMemoryException.class, () -> Tensor.zeros(Shape.of(1 << 30, MAX)));
      assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(Shape.of(MAX, MAX)));
      var memory = Backends.of(Device.cpu()).memory();
      for (int bits = 47; bits < 63; bits++) {
        long bytes = 1L << bits;
        assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(bytes));
        assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(bytes + (bytes - 1)));
      }
    }
  }

  @Test
  void countsByTheThousand() {
    try (var _ = Scope.open(Device.cpu())) {
      float[] values = Tensor.range(40_000).toFloats();
      for (int i = 0; i < values.length; i++) {
        assertTrue(values[i] == i);
      }
      assertThrows(IllegalArgumentException.class, () -> Tensor.range(-1));
    }
  }
}
