package dev.quintet.core.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("cpu-variants")
class ArrangementTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open(Device.cpu());
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor counted(long... dims) {
    Shape shape = Shape.of(dims);
    return Tensor.range((int) shape.elements()).reshape(dims);
  }

  private static void is(Tensor x, String shape, float... values) {
    assertEquals(shape, x.shape().toString());
    assertArrayEquals(values, x.toFloats());
  }

  @Test
  void picksPartsByPlacesFromEitherEnd() {
    Tensor x = counted(2, 3);
    assertEquals(5, x.get(1, 2).item());
    assertEquals(5, x.get(-1, -1).item());
    is(x.get(1), "[3]", 3, 4, 5);
    is(x.get(), "[2, 3]", 0, 1, 2, 3, 4, 5);
    is(x.select(1, -1), "[2]", 2, 5);
    is(x.slice(1, -2), "[2, 2]", 1, 2, 4, 5);
    is(x.slice(1, 0, -1), "[2, 2]", 0, 1, 3, 4);
    is(x.slice(1, 0, 3, 2), "[2, 2]", 0, 2, 3, 5);
    is(x.flip(1), "[2, 3]", 2, 1, 0, 5, 4, 3);
    is(x.indexSelect(1, Tensor.ofInts(Shape.of(2), 2, 0)), "[2, 2]", 2, 0, 5, 3);
    assertEquals(
        "get: place 2 of axis 0 of [2, 3]",
        assertThrows(IndexOutOfBoundsException.class, () -> x.get(2)).getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> x.select(1, -4));
    String message =
        assertThrows(IllegalArgumentException.class, () -> x.slice(1, 2, 0, -1)).getMessage();
    assertTrue(
        message.endsWith("[2, 3]; steps are at least 1, and flip() goes backwards"), message);
    assertThrows(IllegalArgumentException.class, () -> x.slice(1, -4, 3));
  }

  @Test
  void picksPartsOfIntegersAndTruthsToo() {
    Tensor ints = Tensor.ofInts(Shape.of(2, 2), 1 << 30, 2, 3, -4);
    assertArrayEquals(new int[] {2, 1 << 30, -4, 3}, ints.flip(1).toInts());
    assertArrayEquals(new int[] {2, -4}, ints.select(1, 1).toInts());
    Tensor truths = ints.gt(2);
    assertEquals(DType.BOOL, truths.flip(0).type());
    assertArrayEquals(new int[] {1, 0, 1, 0}, truths.flip(0).toInts());
    Tensor halves = counted(3).cast(DType.BF16).flip(0);
    assertEquals(DType.BF16, halves.type());
    assertArrayEquals(new int[] {1, 1, 0}, halves.ge(1).toInts());
    assertEquals(203, Tensor.ofArray(new byte[] {1, 2, (byte) 200}).sum().item());
  }

  @Test
  void addsDropsAndRepeatsAxes() {
    Tensor x = counted(1, 2, 1);
    is(x.squeeze(), "[2]", 0, 1);
    is(x.squeeze(0), "[2, 1]", 0, 1);
    is(x.squeeze(-1), "[1, 2]", 0, 1);
    is(counted(1).reshape(new long[0]).squeeze(), "[]", 0);
    is(x.unsqueeze(-1), "[1, 2, 1, 1]", 0, 1);
    is(x.unsqueeze(0), "[1, 1, 2, 1]", 0, 1);
    is(counted(2).tile(2, 2), "[2, 4]", 0, 1, 0, 1, 0, 1, 0, 1);
    is(counted(2, 1).tile(3), "[2, 3]", 0, 0, 0, 1, 1, 1);
    is(Tensor.stack(0, List.of(counted(2), counted(2))), "[2, 2]", 0, 1, 0, 1);
    is(Tensor.stack(1, List.of(counted(2), counted(2))), "[2, 2]", 0, 0, 1, 1);
    assertThrows(IllegalArgumentException.class, () -> x.squeeze(1));
    assertThrows(IllegalArgumentException.class, () -> x.unsqueeze(4));
    assertThrows(IllegalArgumentException.class, () -> x.tile(-1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.stack(0, List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.stack(0, List.of(counted(2), counted(3))));
  }

  @Test
  void writesNumbersAsRowsOfOneAndZeros() {
    is(Tensor.ofInts(Shape.of(2), 2, 0).oneHot(3), "[2, 3]", 0, 0, 1, 1, 0, 0);
    assertEquals(Shape.of(2, 1, 4), Tensor.ofInts(Shape.of(2, 1), 2, 0).oneHot(4).shape());
    assertThrows(
        IndexOutOfBoundsException.class, () -> Tensor.ofInts(Shape.of(1), 3).oneHot(3).toFloats());
    assertThrows(IllegalArgumentException.class, () -> counted(2).oneHot(3));
  }

  @Test
  void computesWithIntegersWhole() {
    Tensor x = Tensor.ofInts(Shape.of(2, 2), 16777217, -3, 5, 0);
    Tensor y = Tensor.ofInts(Shape.of(2), 2, 3);
    assertArrayEquals(new int[] {16777219, 0, 7, 3}, x.add(y).toInts());
    assertArrayEquals(new int[] {16777215, -6, 3, -3}, x.subtract(y).toInts());
    assertArrayEquals(new int[] {33554434, -9, 10, 0}, x.multiply(y).toInts());
    assertArrayEquals(new int[] {16777218, -2, 6, 1}, x.add(1).toInts());
    assertArrayEquals(new int[] {16777216, -4, 4, -1}, x.subtract(1).toInts());
    assertArrayEquals(new int[] {16777217, 3, 5, 0}, x.abs().toInts());
    assertArrayEquals(new int[] {3, 0, 3, 0}, x.clamp(0, 3).toInts());
    assertArrayEquals(new int[] {16777217, 0, 5, 0}, x.clamp(0, Float.POSITIVE_INFINITY).toInts());
    assertArrayEquals(new int[] {9, 25, 0}, x.reshape(4).slice(0, 1).square().toInts());
    assertArrayEquals(new int[] {16777219}, x.sum().toInts());
    assertArrayEquals(new int[] {16777214, 5}, x.sum(1, false).toInts());
    assertArrayEquals(new int[] {16777217, 0}, x.max(0, true).toInts());
    assertArrayEquals(new int[] {-3}, x.min().toInts());
    assertArrayEquals(new int[] {6}, y.prod().toInts());
    assertArrayEquals(new int[] {1, 0, 1, 0}, x.ge(5).toInts());
    String fraction =
        assertThrows(IllegalArgumentException.class, () -> x.multiply(0.5f)).getMessage();
    assertTrue(fraction.contains("whole numbers up to 2^24 beside it, not 0.5"), fraction);
    for (String refused :
        List.of(
            assertThrows(IllegalArgumentException.class, () -> x.divide(y)).getMessage(),
            assertThrows(IllegalArgumentException.class, () -> x.divide(2)).getMessage(),
            assertThrows(IllegalArgumentException.class, x::exp).getMessage(),
            assertThrows(IllegalArgumentException.class, x::mean).getMessage(),
            assertThrows(IllegalArgumentException.class, () -> x.add(counted(2))).getMessage())) {
      assertTrue(refused.endsWith("; cast() it first"), refused);
    }
  }

  @Test
  void comparesAndCombinesTruths() {
    Tensor x = counted(4);
    Tensor y = Tensor.of(Shape.of(4), 3, 1, 1, 3);
    assertArrayEquals(new int[] {0, 1, 0, 1}, x.eq(y).toInts());
    assertArrayEquals(new int[] {1, 0, 1, 0}, x.ne(y).toInts());
    assertArrayEquals(new int[] {1, 0, 0, 0}, x.lt(y).toInts());
    assertArrayEquals(new int[] {1, 1, 0, 1}, x.le(y).toInts());
    assertArrayEquals(new int[] {0, 0, 1, 0}, x.gt(y).toInts());
    assertArrayEquals(new int[] {0, 1, 1, 1}, x.ge(y).toInts());
    assertArrayEquals(new int[] {1, 1, 0, 0}, x.lt(1.5f).toInts());
    Tensor low = x.lt(2);
    Tensor odd = x.eq(1).logicalOr(x.eq(3));
    assertArrayEquals(new int[] {0, 1, 0, 0}, low.logicalAnd(odd).toInts());
    assertArrayEquals(new int[] {1, 1, 0, 1}, low.logicalOr(odd).toInts());
    assertArrayEquals(new int[] {1, 0, 0, 1}, low.logicalXor(odd).toInts());
    assertArrayEquals(new int[] {0, 0, 1, 1}, low.logicalNot().toInts());
    assertArrayEquals(new int[] {1, 0, 0, 1}, low.ne(odd).toInts());
    assertEquals(2, low.sum().item());
    assertEquals(1, low.any().item());
    assertEquals(0, low.all().item());
    assertArrayEquals(new int[] {1, 0}, low.reshape(2, 2).all(1, false).toInts());
    assertEquals(1, Tensor.zeros(Shape.of(0)).eq(1).all().item());
    assertEquals(0, Tensor.zeros(Shape.of(0)).eq(1).any().item());
    assertThrows(IllegalArgumentException.class, () -> x.logicalAnd(odd));
    assertThrows(IllegalArgumentException.class, x::any);
  }

  @Test
  void addsUpSpreads() {
    Tensor x = Tensor.of(Shape.of(4), 1, 2, 3, 6);
    assertEquals(14f / 3, x.var().item(), 1e-6f);
    assertEquals(Math.sqrt(14.0 / 3), x.std().item(), 1e-6f);
    assertTrue(Float.isNaN(counted(1).var().item()));
    assertEquals(36, x.prod().item());
    assertEquals(1, Tensor.zeros(Shape.of(0)).prod().item());
    is(Tensor.zeros(Shape.of(2, 0)).prod(1, false), "[2]", 1, 1);
    assertEquals(6, x.max().item());
    is(Tensor.of(Shape.of(3), -2, 0, 4).power(Tensor.of(Shape.of(3), 3, 0, 0.5f)), "[3]", -8, 1, 2);
  }
}
