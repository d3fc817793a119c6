package dev.quintet.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.Memory;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LifetimeTest {
  private static final Device CPU = Device.cpu();
  private static final Memory MEMORY = Backends.of(CPU).memory();

  @Test
  void freesTheGradientOfAGivenTensorWithIt() {
    long before = MEMORY.bytesInUse();
    for (int i = 0; i < 10; i++) {
      try (var outer = Scope.open(CPU)) {
        Tensor x = Tensor.ones(Shape.of(1000)).withGradient();
        long given = MEMORY.bytesInUse();
        try (var inner = Scope.open()) {
          Tensor kept = inner.keep(Tensor.ones(Shape.of(1000)).withGradient());
          x.multiply(kept).sum().backward();
        }
        assertEquals(1, x.gradient().toFloats()[999]);
        assertTrue(MEMORY.bytesInUse() > given);
        assertEquals(CPU, outer.device());
      }
      assertEquals(before, MEMORY.bytesInUse());
    }
    try (var w = Parameter.full(Shape.of(1000), 2, CPU)) {
      long held = MEMORY.bytesInUse();
      for (int i = 0; i < 3; i++) {
        try (var _ = Scope.open(CPU)) {
          Tensor view = w.detach().withGradient();
          view.square().sum().backward();
          assertEquals(4, view.gradient().toFloats()[0]);
        }
        assertEquals(held, MEMORY.bytesInUse());
      }
    }
  }

  @Test
  void freesWhatADeadThreadLeftOpenOnceNobodyCanReachIt() throws InterruptedException {
    long before = MEMORY.bytesInUse();
    leaveAScopeOpenInAThread();
    for (int i = 0; i < 200 && MEMORY.bytesInUse() > before; i++) {
      System.gc();
      Thread.sleep(10);
      try (var scope = Scope.open(CPU)) {
        assertEquals(CPU, scope.device());
      }
    }
    assertTrue(MEMORY.bytesInUse() <= before);
  }

  @Test
  void movesNoAddressWhenTheCollectorFindsAParameter() throws InterruptedException {
    long before = MEMORY.bytesInUse();
    for (int i = 0; i < 20; i++) {
      Parameter.full(Shape.of(100_000), 2, CPU);
    }
    List<Long> first = List.of();
    for (int i = 0; i < 200 && MEMORY.bytesInUse() > before; i++) {
      try (var _ = Scope.open(CPU)) {
        long used = MEMORY.bytesInUse();
        var addresses = new ArrayList<Long>();
        Tensor x = Tensor.ones(Shape.of(100_000));
        for (int layer = 0; layer < 5; layer++) {
          x = x.add(1);
          addresses.add(x.address());
          System.gc();
          Thread.sleep(2);
        }
        assertEquals(used + 6 * 400_000, MEMORY.bytesInUse(), 6 * 64);
        assertEquals(first.isEmpty() ? addresses : first, addresses);
        first = addresses;
      }
    }
    assertTrue(MEMORY.bytesInUse() <= before);
  }

  private static void leaveAScopeOpenInAThread() throws InterruptedException {
    try (var w = Parameter.full(Shape.of(1000), 2, CPU)) {
      var escaped = new AtomicReference<Tensor>();
      Thread careless =
          new Thread(() -> {
            Scope.open(CPU);
            Tensor x = Tensor.ones(Shape.of(1000)).withGradient();
            escaped.set(x);
            x.multiply(w).square().sum().backward();
            Scope.open();
            w.square().sum();
          });
      careless.start();
      careless.join();
      // a tensor that can be reached keeps what its thread left
      System.gc();
      Thread.sleep(20);
      assertEquals(1, escaped.get().toFloats()[999]);
    }
  }

  @Test
  void keepsAParametersMemoryWhileAnotherThreadsScopeReadsIt() throws InterruptedException {
    long before = MEMORY.bytesInUse();
    var w = Parameter.full(Shape.of(1000), 2, CPU);
    var read = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    var error = new AtomicReference<Throwable>();
    Thread reader =
        new Thread(() -> {
          try (var _ = Scope.open(CPU)) {
            long address = w.address();
            read.countDown();
            closed.await();
            float[] still = new float[1];
            MEMORY.read(address, java.lang.foreign.MemorySegment.ofArray(still), 4);
            assertEquals(2, still[0]);
            assertThrows(IllegalStateException.class, () -> w.add(1));
          } catch (Throwable e) {
            error.set(e);
          }
        });
    reader.start();
    read.await();
    w.close();
    try (var others = Parameter.full(Shape.of(1000), 7, CPU)) {
      closed.countDown();
      reader.join();
      assertEquals(null, error.get());
      assertEquals(7, others.toFloats()[0]);
    }
    assertThrows(IllegalStateException.class, w::toFloats);
    assertEquals(before, MEMORY.bytesInUse());
  }

  @Test
  void freesAParameterAtOnceForTheThreadThatClosesIt() {
    try (var _ = Scope.open(CPU)) {
      long before = MEMORY.bytesInUse();
      var w = Parameter.full(Shape.of(1000), 2, CPU);
      assertEquals(2, w.toFloats()[0]);
      w.close();
      assertEquals(before, MEMORY.bytesInUse());
    }
  }

  @Test
  void givesProvidedMemoryBackOnlyWhenNobodyReadsIt() {
    var gone = new AtomicBoolean();
    try (var arena = Arena.ofShared()) {
      var w =
          Parameter.over(
              arena.allocate(4000, 4), Shape.of(1000), DType.F32, CPU, () -> gone.set(true));
      var read = new CountDownLatch(1);
      var end = new CountDownLatch(1);
      var reader =
          CompletableFuture.runAsync(() -> {
            try (var _ = Scope.open(CPU)) {
              w.add(1);
              read.countDown();
              end.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      try {
        read.await();
        w.close();
        assertEquals(false, gone.get());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        end.countDown();
        reader.join();
      }
      assertTrue(gone.get());
    }
  }

  @Test
  void neverShowsAReaderAnotherParametersValues() throws InterruptedException {
    var shown = new AtomicReference<Parameter>(Parameter.full(Shape.of(4096), 0, CPU));
    var stop = new AtomicBoolean();
    var wrong = new AtomicReference<String>();
    var readers = new Thread[3];
    for (int r = 0; r < readers.length; r++) {
      boolean scoped = r > 0;
      readers[r] =
          new Thread(() -> {
            while (!stop.get()) {
              Parameter w = shown.get();
              try {
                float[] values = scoped ? doubled(w) : w.toFloats();
                for (float value : values) {
                  if (value != 0) {
                    wrong.set("read " + value);
                  }
                }
              } catch (IllegalStateException e) {
                if (!e.getMessage().contains("closed")) {
                  wrong.set(e.toString());
                }
              }
            }
          });
      readers[r].start();
    }
    for (int i = 0; i < 1500; i++) {
      Parameter old = shown.getAndSet(Parameter.full(Shape.of(4096), 0, CPU));
      old.close();
      try (var other = Parameter.full(Shape.of(4096), 5, CPU)) {
        other.set(other.toFloats());
      }
    }
    stop.set(true);
    for (Thread reader : readers) {
      reader.join();
    }
    shown.get().close();
    assertEquals(null, wrong.get());
  }

  private static float[] doubled(Parameter w) {
    try (var _ = Scope.openWithoutGradients(CPU)) {
      return w.add(w).toFloats();
    }
  }

  @Test
  void makesAParameterOutsideAnyScope() {
    try (var w = Parameter.normal(Shape.of(3), 7);
        var v = Parameter.normal(Shape.of(3), 1, 7, CPU)) {
      assertArrayEquals(v.toFloats(), w.toFloats());
    }
  }
}
