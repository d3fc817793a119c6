package dev.quintet.core.cpu.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  private final WorkerPool pool = new WorkerPool(3);

  @AfterEach
  void retireWorkers() {
    pool.resize(1);
  }

  @Test
  void doesEachPartOnce() {
    for (int parts = 0; parts < 300; parts++) {
      var done = new AtomicIntegerArray(parts);
      pool.run(parts, done::incrementAndGet);
      for (int i = 0; i < parts; i++) {
        assertEquals(1, done.get(i));
      }
    }
  }

  @Test
  void nestedAndConcurrentCallersDoTheirOwnParts() throws InterruptedException {
    var sum = new AtomicLong();
    Runnable caller =
        () -> {
          for (int i = 0; i < 200; i++) {
            pool.run(5, p -> pool.run(3, q -> sum.addAndGet(p * 3 + q)));
          }
        };
    Thread other = new Thread(caller);
    other.start();
    caller.run();
    other.join();
    assertEquals(2 * 200 * 105, sum.get());
  }

  @Test
  void throwsWhatAPartThrewAndWorksOn() {
    for (int i = 0; i < 50; i++) {
      assertThrows(
          ArithmeticException.class,
          () ->
              pool.run(
                  8,
                  p -> {
                    if (p == 5) {
                      throw new ArithmeticException();
                    }
                  }));
      doesEachPartOnce(7);
    }
  }

  @Test
  void canBeResizedBetweenAndDuringCalls() throws InterruptedException {
    Thread resizer =
        new Thread(() -> {
          for (int i = 0; i < 100; i++) {
            pool.resize(1 + i % 4);
          }
        });
    resizer.start();
    while (resizer.isAlive()) {
      doesEachPartOnce(9);
    }
    resizer.join();
    assertEquals(4, pool.threads());
    assertThrows(IllegalArgumentException.class, () -> pool.resize(0));
  }

  private void doesEachPartOnce(int parts) {
    var sum = new AtomicLong();
    pool.run(parts, p -> sum.addAndGet(1L << p));
    assertEquals((1L << parts) - 1, sum.get());
  }
}
