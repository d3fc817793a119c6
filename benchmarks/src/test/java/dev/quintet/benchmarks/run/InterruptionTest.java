package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class InterruptionTest {

  @Test
  void nothingIsKeptOfWhatComesBehindASignal() throws InterruptedException {
    List<String> said = new ArrayList<>();
    var did = new AtomicBoolean();
    var interruption = new Interruption(() -> "3 of 4", said::add);
    interruption.whole(() -> said.add("written"));
    interruption.interrupted();
    var late = Thread.ofVirtual().start(() -> interruption.whole(() -> did.set(true)));
    assertFalse(late.join(java.time.Duration.ofMillis(200)));
    assertFalse(did.get());
    assertEquals(List.of("written", "3 of 4"), said);
  }

  @Test
  void aSignalWaitsUntilWhatIsBeingWrittenIsWhole() throws InterruptedException {
    List<String> said = new ArrayList<>();
    var began = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var interruption = new Interruption(() -> "said", said::add);
    var writing =
        Thread.ofPlatform()
            .start(() ->
                interruption.whole(() -> {
                  began.countDown();
                  await(goOn);
                  said.add("written");
                }));
    await(began);
    var signal = Thread.ofPlatform().start(interruption::interrupted);
    assertFalse(signal.join(java.time.Duration.ofMillis(100)));
    goOn.countDown();
    writing.join();
    signal.join();
    assertEquals(List.of("written", "said"), said);
    assertTrue(interruption.came());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
