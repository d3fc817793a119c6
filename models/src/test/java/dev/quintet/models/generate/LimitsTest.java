package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Limits of generation: what nobody reaches costs nothing, and what makes no sense is refused with a message.
class LimitsTest {
  private static final List<int[]> INPUTS = List.of(new int[] {5, 6, 7, 1}, new int[] {9, 1});

  private static T5 model() {
    return T5.create(TinyModels.v11(40).withLayers(1, 1), 6, Device.cpu());
  }

  /// Lengths past the first room of 128 ids, and past its double.
  @Test
  void aLimitThatNobodyReachesTakesNoMemoryAndChangesNoId() {
    try (T5 model = model()) {
      GenerationConfig options =
          GenerationConfig.of(model.config()).with("suppress_tokens", List.of(1));
      for (int beams : new int[] {1, 3}) {
        GenerationConfig some = options.with("num_beams", beams);
        for (int length : new int[] {127, 128, 129, 257, 300}) {
          Generator limited = Generator.of(model);
          int[][] exact = limited.generate(INPUTS, some.withMaxNewTokens(length - 1));
          int[][] endless =
              limited
                  .withStop(sequence -> sequence.length() >= length)
                  .generate(INPUTS, some.withMaxNewTokens(Integer.MAX_VALUE));
          assertArrayEquals(exact, endless, beams + " beams, " + length);
          assertEquals(length, exact[0].length);
        }
      }
    }
  }

  @Test
  void whatIsNoTokenIsRefusedByName() {
    try (T5 model = model()) {
      GenerationConfig options = GenerationConfig.of(model.config()).withMaxNewTokens(3);
      for (String key : List.of("decoder_start_token_id", "pad_token_id")) {
        for (int id : new int[] {-1, 40, Integer.MAX_VALUE}) {
          String message =
              assertThrows(
                      IllegalArgumentException.class,
                      () -> Generator.of(model).generate(INPUTS, options.with(key, id)))
                  .getMessage();
          assertEquals(key + ": " + id + " is no token; the model's are 0 to 39", message);
        }
      }
    }
  }

  @Test
  void absurdNumbersAreRefusedByName() {
    GenerationConfig options = GenerationConfig.of(TinyModels.v11(40));
    assertTrue(refused(options, "num_beams", 100_000).contains("at most 1000"));
    assertTrue(
        refused(options.with("do_sample", true), "num_return_sequences", Integer.MAX_VALUE)
            .contains("at most 1000"));
    for (String key :
        List.of("length_penalty", "max_time", "temperature", "repetition_penalty", "top_p")) {
      for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
        assertTrue(refused(options, key, value).contains("\"" + key + "\""), key);
      }
    }
    assertTrue(
        refused(options, "sequence_bias", List.of(List.of(List.of(1L << 32), 1.0)))
            .contains("sequence_bias"));
    assertEquals(Integer.MAX_VALUE, options.withMaxNewTokens(Integer.MAX_VALUE).maxLength(5));
    assertEquals(Integer.MAX_VALUE, options.with("min_new_tokens", Integer.MAX_VALUE).minLength(5));
  }

  @Test
  void aTemperatureThatIsNothingInFloat32IsRefused() {
    GenerationConfig draws =
        GenerationConfig.of(TinyModels.v11(40)).with("do_sample", true).with("temperature", 2e-45);
    assertTrue(refused(draws, "temperature", 1e-50).contains("\"temperature\" must be above 0 in"));
  }

  private static String refused(GenerationConfig options, String key, Object value) {
    return assertThrows(IllegalArgumentException.class, () -> options.with(key, value))
        .getMessage();
  }

  @Test
  void closingWaitsForAGeneratorOfTheModel() throws InterruptedException {
    T5 model = model();
    var began = new CountDownLatch(1);
    var goesOn = new CountDownLatch(1);
    var failure = new AtomicReference<Throwable>();
    Thread generating =
        Thread.ofPlatform()
            .start(() -> {
              try {
                var _ =
                    Generator.of(model)
                        .withListener((row, id) -> {
                          began.countDown();
                          try {
                            goesOn.await();
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                        })
                        .generate(INPUTS, GenerationConfig.of(model.config()).withMaxNewTokens(4));
              } catch (RuntimeException | Error e) {
                failure.set(e);
              }
            });
    assertTrue(began.await(20, TimeUnit.SECONDS));
    Thread closing = Thread.ofPlatform().start(model::close);
    assertFalse(closing.join(java.time.Duration.ofMillis(100)), "close did not wait");
    goesOn.countDown();
    closing.join();
    generating.join();
    assertEquals(null, failure.get());
    assertThrows(
        IllegalStateException.class,
        () -> Generator.of(model).generate(INPUTS, GenerationConfig.of(model.config())));
    model.close();
  }

  @Test
  void aNullArgumentIsNamed() {
    try (T5 model = model()) {
      assertEquals(
          "generate: the options are null",
          assertThrows(
                  NullPointerException.class, () -> Generator.of(model).generate(INPUTS, none()))
              .getMessage());
    }
  }

  @SuppressWarnings("NullAway")
  private static GenerationConfig none() {
    return null;
  }
}
