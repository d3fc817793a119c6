package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.Device;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("deferred")
class GeneratorTest {
  private static final List<int[]> INPUTS =
      List.of(new int[] {50, 60, 70, 80, 90, 1}, new int[] {33, 1}, new int[] {9, 8, 7, 1});

  private final T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.0"));
  private final GenerationConfig config = GenerationConfig.of(model.config());
  private final Generator generator = Generator.of(model);

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void generates20TokensBehindTheStartUnlessToldOtherwise() {
    GenerationConfig endless = config.with("eos_token_id", List.of());
    assertEquals(21, generator.generate(INPUTS, endless)[0].length);
    assertEquals(6, generator.generate(INPUTS, endless.withMaxNewTokens(5))[0].length);
    assertEquals(5, generator.generate(INPUTS, endless.with("max_length", 5))[0].length);
    assertEquals(1, generator.generate(INPUTS, endless.with("max_length", 1))[0].length);
  }

  @Test
  void aBatchGeneratesWhatItsRowsGenerateAlone() {
    int[][] together = generator.generate(INPUTS, config);
    for (int row = 0; row < INPUTS.size(); row++) {
      int[] alone = generator.generate(List.of(INPUTS.get(row)), config)[0];
      assertArrayEquals(alone, Arrays.copyOf(together[row], alone.length), "row " + row);
      for (int i = alone.length; i < together[row].length; i++) {
        assertEquals(config.padId(), together[row][i]);
      }
    }
  }

  @Test
  void beamsOfABatchFindWhatTheyFindForEachRowAlone() {
    GenerationConfig beams =
        config.with("num_beams", 3).with("num_return_sequences", 2).with("no_repeat_ngram_size", 2);
    int[][] ids = new int[INPUTS.size()][6];
    int[][] mask = new int[INPUTS.size()][6];
    for (int row = 0; row < ids.length; row++) {
      ids[row] = Arrays.copyOf(INPUTS.get(row), 6);
      mask[row] = Arrays.stream(ids[row]).map(id -> id == 0 ? 0 : 1).toArray();
    }
    var together = generator.generateScored(ids, mask, beams);
    assertEquals(6, together.sequences().length);
    for (int row = 0; row < ids.length; row++) {
      int[][] alone = {INPUTS.get(row)};
      int[][] ones = {Arrays.stream(INPUTS.get(row)).map(id -> 1).toArray()};
      var one = generator.generateScored(alone, ones, beams);
      for (int n = 0; n < 2; n++) {
        int[] expected = one.sequences()[n];
        int[] found = Arrays.copyOf(together.sequences()[2 * row + n], expected.length);
        assertArrayEquals(expected, found);
        assertEquals(one.scores()[n], together.scores()[2 * row + n], 1e-4);
      }
    }
  }

  @Test
  void stopsAtAnyOfSeveralEndsAndPadsBehind() {
    int[] free = generator.generate(List.of(INPUTS.get(0)), config)[0];
    int second = free[2];
    GenerationConfig ends = config.with("eos_token_id", List.of(1, second));
    int[][] found = generator.generate(INPUTS, ends);
    int place = 1;
    while (found[0][place] != second && found[0][place] != 1) {
      place++;
    }
    assertTrue(place <= 2);
    for (int i = place + 1; i < found[0].length; i++) {
      assertEquals(0, found[0][i]);
    }
  }

  @Test
  void aListenerHearsEveryTokenOfEveryRowUntilItEnds() {
    var heard = new ArrayList<List<Integer>>();
    INPUTS.forEach(row -> heard.add(new ArrayList<>()));
    int[][] found =
        generator.withListener((row, id) -> heard.get(row).add(id)).generate(INPUTS, config);
    for (int row = 0; row < INPUTS.size(); row++) {
      for (int i = 0; i < heard.get(row).size(); i++) {
        assertEquals(found[row][i + 1], heard.get(row).get(i));
      }
      int last = heard.get(row).getLast();
      assertTrue(last == 1 || heard.get(row).size() == 20);
    }
  }

  @Test
  void aProcessorOfOnesOwnComesLast() {
    Generator forced =
        generator.with((sequence, scores) -> {
          Arrays.fill(scores, 0);
          scores[100 + sequence.length()] = 1;
        });
    int[] found = forced.generate(List.of(INPUTS.get(0)), config.withMaxNewTokens(3))[0];
    assertArrayEquals(new int[] {0, 101, 102, 103}, found);
  }

  @Test
  void threadsGenerateAtOnce() throws Exception {
    int[][] expected = generator.generate(INPUTS, config);
    try (var threads = Executors.newFixedThreadPool(4)) {
      var tasks = new ArrayList<Callable<int[][]>>();
      for (int i = 0; i < 8; i++) {
        tasks.add(() -> generator.generate(INPUTS, config));
      }
      for (var result : threads.invokeAll(tasks)) {
        assertArrayEquals(expected, result.get());
      }
    }
  }

  @Test
  void givesAllMemoryBack() {
    generator.generate(INPUTS, config);
    long before = Backends.of(Device.cpu()).memory().bytesInUse();
    generator.generate(INPUTS, config.with("repetition_penalty", 1.5));
    assertEquals(before, Backends.of(Device.cpu()).memory().bytesInUse());
  }

  @Test
  void saysWhichOptionsHaveNoEffect() {
    JsonObject file =
        JsonObject.of(
            Map.of("temperature", 0.5, "top_k", 50L, "length_penalty", 2L, "colour", "red"));
    assertEquals(
        List.of(
            "colour means nothing here",
            "temperature has no effect without do_sample",
            "length_penalty has no effect without num_beams"),
        config.with(file).remarks());
    assertEquals(List.of(), config.with("do_sample", true).with("temperature", 0.5).remarks());
  }

  @Test
  void minNewTokensWinOverMinLength() {
    GenerationConfig both = config.with("min_length", 10).with("min_new_tokens", 2);
    assertEquals(3, both.minLength(1));
    assertEquals(10, config.with("min_length", 10).minLength(1));
  }

  @Test
  void aPromptOfTheDecoderIsKeptAndTheStartPutBeforeItUnlessItIsThere() {
    int[][] free = generator.generate(INPUTS, config.withMaxNewTokens(6));
    int[][] heads =
        Arrays.stream(free).map(row -> Arrays.copyOfRange(row, 1, 3)).toArray(int[][]::new);
    int[][] with = Arrays.stream(free).map(row -> Arrays.copyOf(row, 3)).toArray(int[][]::new);
    GenerationConfig four = config.withMaxNewTokens(4);
    assertTrue(Arrays.deepEquals(free, generator.withPrompts(heads).generate(INPUTS, four)));
    assertTrue(Arrays.deepEquals(free, generator.withPrompts(with).generate(INPUTS, four)));
    GenerationConfig beams = config.with("num_beams", 3);
    int[][] found = generator.withPrompts(heads).generate(INPUTS, beams);
    for (int row = 0; row < found.length; row++) {
      assertArrayEquals(with[row], Arrays.copyOf(found[row], 3));
    }
  }

  @Test
  void onlyAllowedTokensCome() {
    Generator ruled =
        generator.withAllowed(
            (input, sequence) -> new int[] {sequence.length() < 4 ? 100 + input : 1, 200 + input});
    for (GenerationConfig options : List.of(config, config.with("num_beams", 3))) {
      int[][] found = ruled.generate(INPUTS, options);
      for (int row = 0; row < found.length; row++) {
        for (int i = 1; i < 4; i++) {
          assertTrue(found[row][i] == 100 + row || found[row][i] == 200 + row);
        }
      }
    }
  }

  @Test
  void endsOfOnesOwnAndCancellingEndIt() {
    int[][] found = generator.withStop(row -> row.length() == 4).generate(INPUTS, config);
    assertEquals(4, found[0].length);
    GenerationConfig beams = config.with("num_beams", 2);
    assertEquals(4, generator.withStop(row -> row.length() == 4).generate(INPUTS, beams)[0].length);
    var asked = new AtomicInteger();
    Generator cancelled = generator.withCancelled(() -> asked.incrementAndGet() == 3);
    for (GenerationConfig options : List.of(config, beams)) {
      asked.set(0);
      var e = assertThrows(CancellationException.class, () -> cancelled.generate(INPUTS, options));
      assertTrue(e.getMessage().contains("after 2 tokens"), e.getMessage());
    }
  }

  @Test
  void theTimeLimitEndsEveryRowBehindTheTokenInWork() {
    GenerationConfig brief = config.with("max_time", 1e-9).with("eos_token_id", List.of());
    assertEquals(2, generator.generate(INPUTS, brief)[0].length);
    assertEquals(2, generator.generate(INPUTS, brief.with("num_beams", 2))[0].length);
  }

  @Test
  void refusesUnknownOptionsByNameAndBatchesThatDoNotFit() {
    var e = assertThrows(IllegalArgumentException.class, () -> config.with("max_new_token", 3));
    assertTrue(e.getMessage().contains("max_new_tokens"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> config.with("max_new_tokens", "many"));
    assertThrows(IllegalArgumentException.class, () -> config.with("repetition_penalty", 0.0));
    assertThrows(IllegalArgumentException.class, () -> config.with("num_return_sequences", 2));
    assertThrows(IllegalArgumentException.class, () -> config.with("early_stopping", "soon"));
    assertThrows(IllegalArgumentException.class, () -> config.with("max_new_tokens", 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> config.with("num_beams", 2).with("num_return_sequences", 3));
    assertThrows(
        IllegalArgumentException.class,
        () -> config.with("suppress_tokens", List.of(5)).with("forced_bos_token_id", 5));
    assertThrows(
        IllegalArgumentException.class,
        () -> config.with("do_sample", true).with("temperature", 0.0));
    assertThrows(
        IllegalArgumentException.class,
        () -> generator.generate(INPUTS, config.with("stop_strings", "."))); // no tokenizer
    assertThrows(
        UnsupportedOperationException.class,
        () -> generator.generate(INPUTS, config.with("num_beam_groups", 2)));
    generator.generate(List.of(), config.with("num_beam_groups", 1).with("guidance_scale", 1.0));
    assertThrows(
        IllegalArgumentException.class,
        () -> generator.generate(new int[][] {{1, 2}}, new int[][] {{1}}, config));
    assertEquals(0, generator.generate(List.of(), config).length);
  }

  @Test
  void generatesFromAModelWhoseInnerWidthIsNotItsWidth() {
    try (T5 small = T5.create(TinyModels.v11(60).withLayers(1, 3), 2, Device.cpu())) {
      int[][] found =
          Generator.of(small).generate(INPUTS_OF_60, GenerationConfig.of(small.config()));
      assertEquals(2, found.length);
    }
  }

  private static final List<int[]> INPUTS_OF_60 = List.of(new int[] {5, 6, 1}, new int[] {7, 1});
}
