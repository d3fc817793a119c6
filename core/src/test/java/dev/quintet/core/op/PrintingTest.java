package dev.quintet.core.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Embedding;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class PrintingTest {
  private static final Device CPU = Device.cpu();

  @Test
  void showsEachTypeAsWhatItIs() {
    try (var _ = Scope.open(CPU)) {
      assertEquals(
          "I32 [3] on cpu [-1, 0, 2147483647]",
          Tensor.ofInts(Shape.of(3), -1, 0, Integer.MAX_VALUE).toString());
      Tensor x = Tensor.of(Shape.of(4), 1, -0.5f, Float.NaN, 1e-7f);
      assertEquals("F32 [4] on cpu [1, -0.5, NaN, 1e-07]", x.toString());
      assertEquals("BF16 [4] on cpu [1, -0.5, NaN, 1.00117e-07]", x.cast(DType.BF16).toString());
      assertEquals(
          "BOOL [2] on cpu [true, false]",
          Tensor.of(Shape.of(2), 1, 0)
              .compare(
                  dev.quintet.core.backend.ElementwiseKernels.Comparison.GREATER,
                  Tensor.zeros(Shape.of(2)))
              .toString());
      assertEquals("F32 [] on cpu 0.333333", Tensor.full(Shape.scalar(), 1 / 3f).toString());
      assertEquals(
          "F32 [3] on cpu [-0, -Infinity, 1.23457e+08]",
          Tensor.of(Shape.of(3), -0f, Float.NEGATIVE_INFINITY, 123456789f).toString());
    }
  }

  @Test
  void showsRowsUnderEachOther() {
    try (var _ = Scope.open(CPU)) {
      assertEquals(
          """
          F32 [2, 3] on cpu
          [[   1,    2,    3],
           [-0.5,   10,   12]]\
          """,
          Tensor.of(Shape.of(2, 3), 1, 2, 3, -0.5f, 10, 12).toString());
      assertEquals(
          """
          F32 [2, 2, 1] on cpu
          [[[0],
            [1]],

           [[2],
            [3]]]\
          """,
          Tensor.range(4).reshape(2, 2, 1).toString());
      assertEquals("F32 [0, 3] on cpu\n[]", Tensor.zeros(Shape.of(0, 3)).toString());
      assertEquals(
          "F32 [0, 2147483647, 2147483647] on cpu\n[]",
          Tensor.zeros(Shape.of(0, Integer.MAX_VALUE, Integer.MAX_VALUE)).toString());
      assertEquals(
          "F32 [2147483647, 0] on cpu\n[]",
          Tensor.zeros(Shape.of(Integer.MAX_VALUE, 0)).toString());
    }
  }

  @Test
  void cutsTheMiddleOutOfLongAxes() {
    try (var _ = Scope.open(CPU)) {
      assertEquals(
          "F32 [1001] on cpu [0, 1, 2, ..., 998, 999, 1000]", Tensor.range(1001).toString());
      assertTrue(Tensor.range(1000).toString().contains("500"));
      assertEquals(
          """
          F32 [40, 40] on cpu
          [[   0,    1,    2, ...,   37,   38,   39],
           [  40,   41,   42, ...,   77,   78,   79],
           [  80,   81,   82, ...,  117,  118,  119],
           ...,
           [1480, 1481, 1482, ..., 1517, 1518, 1519],
           [1520, 1521, 1522, ..., 1557, 1558, 1559],
           [1560, 1561, 1562, ..., 1597, 1598, 1599]]\
          """,
          Tensor.range(1600).reshape(40, 40).toString());
    }
  }

  @Test
  void saysOfAParameterItsNameAndWhetherItIsFrozenOrFreed() {
    var model = new Model();
    try (model) {
      assertEquals(
          "parameter head.weight F32 [1, 2] on cpu\n[[1, 1]]", model.head.weight().toString());
      model.freeze("head.*");
      assertEquals(
          "parameter head.weight F32 [1, 2] on cpu, frozen\n[[1, 1]]",
          model.head.weight().toString());
      assertEquals(
          """
          Model of 6 parameters
            table: Embedding(weight [2, 2])
            head: Linear(weight [1, 2] frozen)\
          """,
          model.toString());
      assertEquals("Linear(weight [1, 2] frozen)", model.head.toString());
    }
    assertEquals(
        "parameter head.weight F32 [1, 2] on cpu, frozen, freed", model.head.weight().toString());
  }

  private static final class Model extends Module implements Layer {
    private final Linear head = new Linear(Parameter.full(Shape.of(1, 2), 1, CPU));

    Model() {
      child("table", new Embedding(Parameter.full(Shape.of(2, 2), 1, CPU)));
      child("head", head);
    }

    @Override
    public Tensor apply(Tensor x, dev.quintet.core.nn.Pass pass) {
      return head.apply(x, pass);
    }
  }
}
