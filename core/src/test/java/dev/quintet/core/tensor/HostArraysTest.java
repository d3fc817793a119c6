package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostArraysTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open(Device.cpu());
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static String refused(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(IllegalArgumentException.class, call).getMessage();
  }

  @Test
  void arraysOfAnyDepthGoInAndComeBack() {
    float[][][] cube = {{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, {9, 10}, {11, 12}}};
    Tensor x = Tensor.ofArray(cube);
    assertEquals(Shape.of(2, 3, 2), x.shape());
    assertArrayEquals(cube, x.toArray(float[][][].class));
    assertEquals(12.0, x.toArray(double[][][].class)[1][2][1]);
    Tensor ints = Tensor.ofArray(new int[][] {{1 << 30, -1}});
    assertEquals(DType.I32, ints.type());
    assertArrayEquals(new int[][] {{1 << 30, -1}}, ints.toArray(int[][].class));
    assertArrayEquals(new long[][] {{1 << 30, -1}}, ints.toArray(long[][].class));
    assertArrayEquals(new int[] {1, -2}, Tensor.ofArray(new long[] {1, -2}).toInts());
    Tensor truths = Tensor.ofArray(new boolean[] {true, false});
    assertEquals(DType.BOOL, truths.type());
    assertArrayEquals(new boolean[] {true, false}, truths.toArray(boolean[].class));
    Tensor bytes = Tensor.ofArray(new byte[] {1, -1});
    assertArrayEquals(new int[] {1, 255}, bytes.toInts());
    assertArrayEquals(new byte[] {1, -1}, bytes.toArray(byte[].class));
    assertEquals(0.1f, Tensor.ofArray(new double[] {0.1}).item());
    assertEquals(Shape.of(2, 0), Tensor.ofArray(new float[2][0]).shape());
    assertEquals(Shape.of(0, 0), Tensor.ofArray(new int[0][4]).shape());
    assertEquals(2, Tensor.zeros(Shape.of(2, 0)).toArray(float[][].class).length);
  }

  @Test
  void whatIsNoSuchArrayIsRefusedWithTheReason() {
    assertEquals(
        "ofArray: the arrays along axis 1 have 2 elements each, but one has 1",
        refused(() -> Tensor.ofArray(new float[][] {{1, 2}, {3}})));
    assertTrue(refused(() -> Tensor.ofArray(new float[][] {{1}, null})).endsWith("is null"));
    assertTrue(refused(() -> Tensor.ofArray("1")).endsWith("not String"));
    assertTrue(refused(() -> Tensor.ofArray(new Float[] {1f})).endsWith("not Float[]"));
    Tensor x = Tensor.ones(Shape.of(2, 2));
    assertEquals(
        "toArray: float[] is of depth 1, and this tensor of shape [2, 2] has 2 axes",
        refused(() -> x.toArray(float[].class)));
    assertTrue(refused(() -> x.toArray(int[][].class)).contains("this tensor is F32; cast()"));
    assertEquals(
        "ofArray: 2147483648 is no int32", refused(() -> Tensor.ofArray(new long[] {1L << 31})));
    Tensor wide = Tensor.zeros(Shape.of(Integer.MAX_VALUE, 0));
    assertTrue(refused(() -> wide.toArray(float[][].class)).contains("too many arrays"));
  }

  @Test
  void buffersAndMemoryGoInAndComeBack() {
    var floats = FloatBuffer.wrap(new float[] {9, 1, 2, 3, 4, 9}).position(1).limit(5);
    Tensor x = Tensor.of(Shape.of(2, 2), floats);
    assertArrayEquals(new float[] {1, 2, 3, 4}, x.toFloats());
    assertEquals(1, floats.position());
    var direct = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
    x.copyTo(direct.asFloatBuffer());
    assertEquals(4, direct.getFloat(12));
    assertArrayEquals(
        new int[] {5, 6}, Tensor.of(Shape.of(2), IntBuffer.wrap(new int[] {5, 6})).toInts());
    try (var arena = Arena.ofConfined()) {
      var memory = arena.allocate(16);
      x.copyTo(memory);
      assertEquals(3, memory.getAtIndex(ValueLayout.JAVA_FLOAT, 2));
      assertArrayEquals(x.toFloats(), Tensor.of(Shape.of(4), DType.F32, memory).toFloats());
      assertEquals(
          "of: shape [3] of F32 takes 12 bytes, not 16",
          refused(() -> Tensor.of(Shape.of(3), DType.F32, memory)));
      assertThrows(IllegalArgumentException.class, () -> x.copyTo(memory.asReadOnly()));
    }
    var foreign =
        ByteBuffer.allocate(8)
            .order(
                ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
                    ? ByteOrder.LITTLE_ENDIAN
                    : ByteOrder.BIG_ENDIAN)
            .asFloatBuffer();
    assertTrue(refused(() -> Tensor.of(Shape.of(2), foreign)).contains("nativeOrder"));
    assertTrue(refused(() -> Tensor.of(Shape.of(2), LongBuffer.allocate(2))).contains("not java"));
    assertTrue(refused(() -> x.copyTo(IntBuffer.allocate(4))).contains("the buffer is for I32"));
  }

  @Test
  void aParameterTakesTheValuesOfATensor() {
    try (var w = Parameter.full(Shape.of(2, 2), 1, Device.cpu())) {
      w.set(w.multiply(3).add(Tensor.ofArray(new float[][] {{0, 1}, {2, 3}})));
      assertArrayEquals(new float[][] {{3, 4}, {5, 6}}, w.toArray(float[][].class));
      assertThrows(IllegalArgumentException.class, () -> w.set(Tensor.ones(Shape.of(4))));
    }
  }
}
