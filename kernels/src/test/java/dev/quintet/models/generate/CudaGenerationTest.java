package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.kernels.testing.StandIn;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Generation on a CUDA device, where tokens are chosen by kernels and one behind the other, beside the processor's.
class CudaGenerationTest {
  private static final int VOCABULARY = 203;
  private static final List<int[]> INPUTS =
      List.of(new int[] {5, 6, 7, 1}, new int[] {8, 1}, new int[] {9, 3, 12, 30, 44, 1});

  private T5 here;
  private T5 there;

  @BeforeEach
  void create() {
    StandIn.backend();
    T5Config config =
        T5Config.small().withVocabSize(VOCABULARY).withWidths(32, 16, 2, 40).withLayers(1, 1).v11();
    here = T5.create(config, 7, Device.cpu());
    there = T5.create(config, 7, Device.cuda(0));
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
  }

  private GenerationConfig options(int tokens) {
    return GenerationConfig.of(here.config())
        .with("eos_token_id", List.of(1, 7, 40))
        .withMaxNewTokens(tokens);
  }

  private void same(GenerationConfig config) {
    same(config, Generator.of(here), Generator.of(there));
  }

  private void same(GenerationConfig config, Generator processor, Generator device) {
    var expected = processor.withSeed(3).generateScored(INPUTS, config);
    var found = device.withSeed(3).generateScored(INPUTS, config);
    assertEquals(
        Arrays.deepToString(expected.sequences()),
        Arrays.deepToString(found.sequences()),
        () -> config.toJson().toString());
    assertArrayEquals(expected.lengths(), found.lengths());
    assertArrayEquals(expected.scores(), found.scores(), 1e-4f);
    assertEquals("", StandIn.errors());
  }

  @Test
  void tokensAreThoseOfTheProcessor() {
    same(options(13).with("min_length", 6));
    same(options(11).with("do_sample", true).with("top_p", 0.9).with("min_new_tokens", 4));
  }

  @Test
  void theHostLooksOnceForEightTokens() {
    GenerationConfig endless = options(34).with("eos_token_id", List.of());
    long most = 34 / 8 + 1 + 3; // and the encoder's part
    assertTrue(waits(endless) <= most, "the likeliest: " + StandIn.waits());
    assertTrue(StandIn.graphLaunches() >= 30, "graphs: " + StandIn.graphLaunches());
    assertTrue(waits(endless.with("do_sample", true)) <= most, "drawn: " + StandIn.waits());
    assertTrue(StandIn.graphLaunches() >= 30, "graphs: " + StandIn.graphLaunches());
  }

  @Test
  void whatWasChosenBeforeTheHostLookedAtTheClockCounts() {
    GenerationConfig brief = options(34).with("eos_token_id", List.of()).with("max_time", 1e-6);
    assertArrayEquals(
        new int[] {9, 9, 9}, Generator.of(there).generateScored(INPUTS, brief).lengths());
  }

  private long waits(GenerationConfig config) {
    StandIn.reset();
    var _ = Generator.of(there).generate(INPUTS, config);
    return StandIn.waits();
  }

  @Test
  @Tag("emulator")
  void rulesThatChangeOnTheWayAreThoseOfTheProcessor() {
    same(options(30));
    same(options(30).with("suppress_tokens", List.of(3, 4, 999)).with("min_length", 21));
    same(options(20).with("begin_suppress_tokens", List.of(2, 5)).with("forced_bos_token_id", 17));
    same(options(20).with("forced_eos_token_id", 1).with("min_length", 30));
    same(options(20).with("repetition_penalty", 1.4).with("min_length", 9));
    GenerationConfig draws = options(20).with("do_sample", true).with("num_return_sequences", 2);
    same(draws.with("top_k", 0));
    same(draws.with("top_k", 5).with("temperature", 0.7).with("top_p", 0.8).with("min_p", 0.1));
    same(draws.with("forced_bos_token_id", 17).with("forced_eos_token_id", List.of(1, 2)));
    same(draws.with("typical_p", 0.8));
    // more rows than a planned step takes
    same(draws.with("num_return_sequences", 6));
  }

  @Test
  @Tag("emulator")
  void beamsAreThoseOfTheProcessor() {
    GenerationConfig beams = options(16).with("num_beams", 4).with("num_return_sequences", 2);
    same(beams);
    same(beams.with("min_length", 9).with("suppress_tokens", List.of(3, 8)));
    same(beams.with("repetition_penalty", 1.3));
    same(beams.with("num_beams", 6).with("early_stopping", true));
  }

  @Test
  @Tag("emulator")
  void promptsStopsAndListenersAreAsOnTheProcessor() {
    int[][] prompts = {{0, 4, 5}, {0, 6, 9}, {0, 11, 3}};
    List<List<String>> heard = List.of(new ArrayList<>(), new ArrayList<>());
    List<Generator> both = new ArrayList<>();
    for (T5 model : List.of(here, there)) {
      List<String> tokens = heard.get(both.size());
      both.add(
          Generator.of(model)
              .withPrompts(prompts)
              .withStop(sequence -> sequence.length() > 8 + 3 * sequence.input())
              .withListener((row, id) -> tokens.add(row + ":" + id)));
    }
    same(options(25).with("do_sample", true), both.get(0), both.get(1));
    assertEquals(heard.get(0), heard.get(1));
    heard.forEach(List::clear);
    same(options(25), both.get(0), both.get(1));
    assertEquals(heard.get(0), heard.get(1));
  }

  @Test
  void refusesToDrawWhereEverythingIsForbidden() {
    List<Integer> most = IntStream.range(0, VOCABULARY - 10).boxed().toList();
    GenerationConfig few = options(5).with("do_sample", true).with("suppress_tokens", most);
    same(few);
    GenerationConfig none =
        options(5)
            .with("do_sample", true)
            .with("suppress_tokens", IntStream.range(0, VOCABULARY).boxed().toList());
    var refused =
        assertThrows(IllegalStateException.class, () -> Generator.of(there).generate(INPUTS, none));
    assertTrue(refused.getMessage().contains("no token can be drawn behind [0]"));
  }
}
