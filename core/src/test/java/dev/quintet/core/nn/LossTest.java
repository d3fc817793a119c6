package dev.quintet.core.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Values are PyTorch 2.13's.
class LossTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open(Device.cpu());
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor of(float... values) {
    return Tensor.ofArray(values);
  }

  @Test
  void errorsAreSquaredOrTakenAsTheyAreOrBoth() {
    Tensor x = of(1, 2, -3);
    Tensor t = of(1.5f, 0, 1);
    assertEquals(6.75f, Loss.mse(x, t).item(), 1e-6f);
    assertEquals(6.5f / 3, Loss.l1(x, t).item(), 1e-6f);
    assertEquals((0.125f + 1.5f + 3.5f) / 3, Loss.huber(x, t, 1).item(), 1e-6f);
    assertThrows(IllegalArgumentException.class, () -> Loss.huber(x, t, 0));
    String message =
        assertThrows(IllegalArgumentException.class, () -> Loss.mse(x, of(1))).getMessage();
    assertTrue(message.startsWith("mse: predictions of shape [3] need targets"), message);
  }

  @Test
  void binaryCrossEntropyHoldsForLargeLogits() {
    assertEquals(0.6931472f, Loss.binaryCrossEntropyWithLogits(of(0), of(0.3f)).item(), 1e-6f);
    assertEquals(
        (0.3132617f + 2.126928f) / 2,
        Loss.binaryCrossEntropyWithLogits(of(1, 2), of(1, 0)).item(),
        1e-6f);
    assertEquals(
        500, Loss.binaryCrossEntropyWithLogits(of(-1000, 1000), of(1, 1).gt(0)).item(), 1e-3f);
  }

  @Test
  void theDivergenceOfADistributionFromItselfIsNothing() {
    Tensor logits = Tensor.ofArray(new float[][] {{1, 2, 3}, {0, 0, 5}});
    assertEquals(0, Loss.klDivergence(logits.logSoftmax(), logits.softmax()).item(), 1e-6f);
    Tensor sure = Tensor.ofArray(new float[][] {{0, 0, 1}, {1, 0, 0}});
    float expected = -(logits.logSoftmax().get(0, 2).item() + logits.logSoftmax().get(1, 0).item());
    assertEquals(expected / 2, Loss.klDivergence(logits.logSoftmax(), sure).item(), 1e-6f);
  }
}
