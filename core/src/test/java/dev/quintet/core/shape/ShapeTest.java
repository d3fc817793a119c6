package dev.quintet.core.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ShapeTest {

  @Test
  void countsElementsBeyondAnInt() {
    assertEquals(1L << 40, Shape.of(1 << 20, 1 << 20).elements());
    assertEquals(1, Shape.scalar().elements());
    assertEquals(0, Shape.of(3, 0, 5).elements());
  }

  @Test
  void refusesNegativeAxesAndOverflow() {
    assertThrows(IllegalArgumentException.class, () -> Shape.of(-1));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 31));
    assertThrows(
        IllegalArgumentException.class, () -> Shape.of(1 << 30, 1 << 30, 1 << 30, 1 << 30));
  }

  @Test
  void countsNegativeAxesFromTheEnd() {
    Shape shape = Shape.of(2, 3, 5);
    assertEquals(5, shape.dim(-1));
    assertEquals(2, shape.dim(-3));
    assertThrows(IndexOutOfBoundsException.class, () -> shape.dim(3));
  }

  @Test
  void alignsBroadcastsAtTheEnd() {
    assertEquals(Shape.of(4, 3, 5), Shape.broadcast(Shape.of(4, 1, 5), Shape.of(3, 1)));
    assertThrows(
        IllegalArgumentException.class, () -> Shape.broadcast(Shape.of(2, 3), Shape.of(2)));
  }

  @Test
  void refusesEveryChangeThatGivesNoShape() {
    Shape wide = Shape.of(1 << 30, 1 << 30, 4);
    assertThrows(IllegalArgumentException.class, () -> wide.withDim(2, 1 << 30));
    assertThrows(IllegalArgumentException.class, () -> wide.withDim(2, -1));
    assertThrows(
        IllegalArgumentException.class,
        () -> Shape.broadcast(Shape.of(1 << 30, 1, 1), Shape.of(1 << 30, 1 << 30)));
    assertThrows(IndexOutOfBoundsException.class, () -> wide.elements(-1, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> wide.elements(0, Integer.MAX_VALUE));
    // whatever is left of a shape without its empty axis still counts within 63 bits
    int most = Integer.MAX_VALUE;
    assertThrows(IllegalArgumentException.class, () -> Shape.of(0, most, most, most));
    assertEquals((long) most * most, Shape.of(most, 0, most).without(1).elements());
  }
}
