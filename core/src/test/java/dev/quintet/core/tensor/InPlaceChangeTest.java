package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.op.Factories;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class InPlaceChangeTest {
  private static final Device CPU = Device.cpu();

  @Test
  void refusesABackwardThatNeedsValuesWhichWereOverwritten() {
    try (var w = Parameter.full(Shape.of(2), 3, CPU);
        var _ = Scope.open(CPU)) {
      Tensor loss = w.square().sum();
      w.set(5, 5);
      assertNames("in place", "a parameter of shape [2]", loss::backward);
      assertFalse(w.hasGradient());
    }
    try (var w = Parameter.full(Shape.of(2), 3, CPU);
        var _ = Scope.open(CPU)) {
      Tensor loss = w.square().sum();
      Factories.fillNormal(w, 1, 7);
      assertNames("in place", "a parameter of shape [2]", loss::backward);
    }
    try (var w = Parameter.full(Shape.of(2), 3, CPU);
        var _ = Scope.open(CPU)) {
      Tensor x = Tensor.ones(Shape.of(2));
      Tensor loss = w.multiply(x).sum();
      x.overwrite(0, 1, Tensor.full(Shape.of(1), 9));
      assertNames("in place", "a tensor of shape [2]", loss::backward);
    }
    try (var w = Parameter.full(Shape.of(4), 3, CPU);
        var _ = Scope.open(CPU)) {
      Tensor x = Tensor.ones(Shape.of(2, 2));
      Tensor loss = w.reshape(2, 2).multiply(x).sum();
      // a view changes what it looks at
      x.slice(0, 1, 2).overwrite(1, 0, Tensor.full(Shape.of(1, 1), 9));
      assertNames("in place", "a tensor of shape [2, 2]", loss::backward);
    }
  }

  @Test
  void namesTheParameterOfAModel() {
    try (var layer = new Linear(Parameter.full(Shape.of(2, 2), 1, CPU));
        var _ = Scope.open(CPU)) {
      Tensor loss = layer.apply(Tensor.ones(Shape.of(1, 2)).withGradient(), Pass.inference()).sum();
      layer.weight().set(1, 2, 3, 4);
      assertNames("in place", "the parameter weight of shape [2, 2]", loss::backward);
    }
  }

  @Test
  void allowsChangesThatNoBackwardNeeds() {
    try (var w = Parameter.full(Shape.of(2), 3, CPU)) {
      for (int step = 1; step <= 3; step++) {
        w.zeroGradient();
        try (var _ = Scope.open(CPU)) {
          Tensor cache = Tensor.zeros(Shape.of(4));
          Tensor loss = w.square().sum();
          try (var _ = Scope.openWithoutGradients(CPU)) {
            cache.overwrite(0, 0, w);
          }
          loss.backward();
          w.set(step, step);
          float before = step == 1 ? 3 : step - 1;
          assertArrayEquals(new float[] {before, before, 0, 0}, cache.toFloats());
          assertArrayEquals(new float[] {2 * before, 2 * before}, w.gradient().toFloats());
        }
      }
      // a sum needs no values at all
      w.zeroGradient();
      try (var _ = Scope.open(CPU)) {
        Tensor loss = w.sum();
        w.set(7, 8);
        loss.backward();
        assertArrayEquals(new float[] {1, 1}, w.gradient().toFloats());
      }
    }
  }

  @Test
  void refusesABackwardThroughAParameterThatWasFrozenOrThawedInBetween() {
    try (var w = Parameter.full(Shape.of(1, 2), 3, CPU);
        var v = Parameter.full(Shape.of(1, 2), 4, CPU);
        var _ = Scope.open(CPU)) {
      Tensor loss = w.multiply(v).sum();
      w.train(false);
      assertNames("frozen", "a parameter of shape [1, 2]", loss::backward);
    }
    try (var w = Parameter.full(Shape.of(1, 2), 3, CPU);
        var v = Parameter.full(Shape.of(1, 2), 4, CPU);
        var _ = Scope.open(CPU)) {
      w.train(false);
      Tensor loss = w.multiply(v).sum();
      w.train(true);
      assertNames("asked for a gradient", "a parameter of shape [1, 2]", loss::backward);
    }
  }

  @Test
  void refusesAResultOfAnotherThreadsGraph() {
    try (var w = Parameter.full(Shape.of(2), 3, CPU);
        var _ = Scope.open(CPU)) {
      Tensor begun = w.square();
      var error =
          assertThrows(
              CompletionException.class,
              () ->
                  CompletableFuture.runAsync(
                          () -> {
                            try (var _ = Scope.open(CPU)) {
                              begun.multiply(2).sum().backward();
                            }
                          })
                      .join());
      assertTrue(error.getCause().getMessage().contains("another thread"), error.getMessage());
      float[] values =
          CompletableFuture.supplyAsync(
                  () -> {
                    try (var _ = Scope.open(CPU)) {
                      return begun.detach().multiply(2).toFloats();
                    }
                  })
              .join();
      assertArrayEquals(new float[] {18, 18}, values);
      begun.sum().backward();
      assertArrayEquals(new float[] {6, 6}, w.gradient().toFloats());
    }
  }

  @Test
  void refusesWhatAnEarlierBackwardHasUsedUp() {
    try (var w = Parameter.full(Shape.of(2), 3, CPU);
        var _ = Scope.open(CPU)) {
      Tensor shared = w.multiply(2);
      Tensor second = shared.multiply(5).sum();
      shared.sum().backward();
      assertNames("earlier backward", "a tensor of shape [2]", second::backward);
      assertNames("earlier backward", "a tensor of shape [2]", () -> shared.multiply(3));
      assertEquals(2, w.gradient().toFloats()[0]);
    }
  }

  private static void assertNames(String what, String tensor, Executable executable) {
    var error = assertThrows(IllegalStateException.class, executable);
    assertTrue(
        error.getMessage().contains(what) && error.getMessage().contains(tensor),
        error.getMessage());
  }
}
