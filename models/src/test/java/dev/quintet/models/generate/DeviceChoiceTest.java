package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.instrument.Dry;
import dev.quintet.core.shape.Device;
import dev.quintet.core.testing.Deferred;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Tokens chosen on a device into whose memory the host cannot look, and that computes only when somebody waits.
@Tag("processor")
class DeviceChoiceTest {
  private static final List<int[]> INPUTS =
      List.of(new int[] {5, 6, 7, 1}, new int[] {8, 1}, new int[] {9, 3, 12, 30, 1});

  private static T5 here;
  private static T5 there;

  @BeforeAll
  static void create() {
    here = T5.create(TinyModels.v11(40), 3, Device.cpu());
    there = T5.create(TinyModels.v11(40), 3, Device.cpu());
    there.to(Deferred.open().device());
  }

  @AfterAll
  static void close() {
    here.close();
    there.close();
  }

  private static GenerationConfig options() {
    return GenerationConfig.of(here.config())
        .with("eos_token_id", List.of(1, 7))
        .withMaxNewTokens(30);
  }

  private static void same(GenerationConfig config) {
    var expected = Generator.of(here).withSeed(5).generateScored(INPUTS, config);
    var found = Generator.of(there).withSeed(5).generateScored(INPUTS, config);
    assertTrue(
        Arrays.deepEquals(expected.sequences(), found.sequences()),
        () ->
            config.toJson()
                + ": "
                + Arrays.deepToString(found.sequences())
                + ", not "
                + Arrays.deepToString(expected.sequences()));
    assertArrayEquals(expected.lengths(), found.lengths());
    assertArrayEquals(expected.scores(), found.scores(), 1e-5f);
  }

  @Test
  void theLikeliestTokensAreThoseOfTheHost() {
    same(options());
    same(options().with("min_length", 9).with("suppress_tokens", List.of(3, 4, 99)));
    same(options().with("min_new_tokens", 12).with("begin_suppress_tokens", List.of(2, 5)));
    same(options().with("forced_bos_token_id", 17).with("begin_suppress_tokens", List.of(3)));
    same(options().with("forced_eos_token_id", 1).with("min_length", 30));
    same(options().with("repetition_penalty", 1.4).with("min_length", 9));
  }

  @Test
  void tokensThatAreDrawnAreThoseOfTheHost() {
    GenerationConfig draws = options().with("do_sample", true).with("num_return_sequences", 3);
    same(draws);
    same(draws.with("top_k", 0));
    same(draws.with("top_k", 5).with("temperature", 0.7).with("top_p", 0.8).with("min_p", 0.1));
    same(draws.with("min_new_tokens", 20).with("suppress_tokens", List.of(9, 11)));
    // a token in between that only the host can give
    same(draws.with("forced_bos_token_id", 17).with("forced_eos_token_id", List.of(1, 2)));
    same(draws.with("typical_p", 0.8));
    same(draws.with("no_repeat_ngram_size", 2));
  }

  @Test
  void beamsAreThoseOfTheHost() {
    GenerationConfig beams = options().with("num_beams", 4).with("num_return_sequences", 2);
    same(beams);
    same(beams.with("min_length", 12).with("length_penalty", 0.3));
    same(beams.with("early_stopping", true).with("suppress_tokens", List.of(3, 8)));
    same(beams.with("forced_bos_token_id", 17).with("forced_eos_token_id", 1));
    same(beams.with("repetition_penalty", 1.3));
    same(beams.with("do_sample", true));
  }

  @Test
  void promptsStopsAndListenersAreAsOnTheHost() {
    int[][] prompts = {{0, 4, 5}, {0, 6, 9}, {0, 11, 3}};
    List<List<String>> heard = List.of(new ArrayList<>(), new ArrayList<>());
    List<int[][]> found = new ArrayList<>();
    for (T5 model : List.of(here, there)) {
      List<String> tokens = heard.get(found.size());
      found.add(
          Generator.of(model)
              .withPrompts(prompts)
              .withStop(sequence -> sequence.length() > 10 + sequence.input())
              .withListener((row, id) -> tokens.add(row + ":" + id))
              .generate(INPUTS, options().with("do_sample", true)));
    }
    assertTrue(Arrays.deepEquals(found.get(0), found.get(1)));
    assertEquals(heard.get(0), heard.get(1));
  }

  @Test
  void refusesToDrawWhereEverythingIsForbidden() {
    List<Integer> all = new ArrayList<>();
    for (int id = 0; id < here.config().vocabSize(); id++) {
      all.add(id);
    }
    GenerationConfig none = options().with("do_sample", true).with("suppress_tokens", all);
    var refused =
        assertThrows(IllegalStateException.class, () -> Generator.of(there).generate(INPUTS, none));
    assertTrue(refused.getMessage().contains("no token can be drawn behind [0]"));
  }

  @Test
  void saysOnceWhatIsWorkedOutOnTheHost() {
    Logger logger = Logger.getLogger(Generator.class.getName());
    List<String> said = new ArrayList<>();
    var hears =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            said.add(new java.util.logging.SimpleFormatter().formatMessage(record));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(hears);
    logger.setUseParentHandlers(false);
    try {
      GenerationConfig penalties =
          options().with("repetition_penalty", 1.1).with("eta_cutoff", 0.1).with("top_k", 3);
      for (int i = 0; i < 2; i++) {
        var _ = Generator.of(there).generate(INPUTS, penalties.with("do_sample", true));
        var _ = Generator.of(here).generate(INPUTS, penalties.with("do_sample", true));
        var _ = Generator.of(there).generate(INPUTS, options());
      }
    } finally {
      logger.removeHandler(hears);
      logger.setUseParentHandlers(true);
    }
    assertEquals(1, said.size(), said.toString());
    assertTrue(
        said.getFirst().startsWith("generate: repetition_penalty, eta_cutoff is worked out"),
        said.getFirst());
  }

  @Test
  void readsAnIdOfEachRowOrTwoNumbersOfEachCandidate() {
    var dry = Dry.open();
    try (T5 model = T5.create(TinyModels.v11(500), 1, Device.cpu())) {
      model.to(dry.device());
      GenerationConfig long_ = options().with("eos_token_id", List.of(450)).withMaxNewTokens(20);
      assertEquals(20 * 4, read(dry, model, long_, 1));
      assertEquals(20 * 3 * 4, read(dry, model, long_, 3));
      assertEquals(20 * 3 * 4, read(dry, model, long_.with("min_length", 9), 3));
      GenerationConfig draws = long_.with("do_sample", true).with("top_p", 0.9);
      assertEquals(20 * 3 * 4, read(dry, model, draws, 3));
      assertEquals(20 * 3 * 2 * 4, read(dry, model, draws.with("num_return_sequences", 2), 3));
      assertEquals(20 * 2 * 8 * 8, read(dry, model, long_.with("num_beams", 4), 2));
    } finally {
      dry.forget();
    }
  }

  private static long read(Dry dry, T5 model, GenerationConfig config, int inputs) {
    dry.reset();
    var _ = Generator.of(model).generate(INPUTS.subList(0, inputs), config);
    Map<String, long[]> calls = dry.counts().calls();
    assertTrue(dry.counts().unknown().isEmpty(), dry.counts().unknown().toString());
    return calls.getOrDefault("Memory.read", new long[2])[1];
  }
}
