package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final List<int[]> INPUTS =
      List.of(new int[] {5, 6, 7, 1}, new int[] {8, 1}, new int[] {5, 6, 7, 1});

  private final T5 model = T5.create(TinyModels.v11(40), 3, Device.cpu());
  private final GenerationConfig config =
      GenerationConfig.of(model.config())
          .with("do_sample", true)
          .with("num_return_sequences", 2)
          .with("eos_token_id", List.of(1, 7));
  private final Generator generator = Generator.of(model).withSeed(11);

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void oneSeedGivesOneResultWhateverTheBatchAndTheThreads() {
    int[][] together = generator.generate(INPUTS, config);
    assertEquals(6, together.length);
    for (int row = 0; row < INPUTS.size(); row++) {
      int[][] alone = generator.withNumbers(row).generate(List.of(INPUTS.get(row)), config);
      for (int n = 0; n < 2; n++) {
        int[] found = together[2 * row + n];
        assertArrayEquals(alone[n], Arrays.copyOf(found, alone[n].length));
        for (int i = alone[n].length; i < found.length; i++) {
          assertEquals(0, found[i]);
        }
      }
    }
    CpuBackend.threads(1);
    assertTrue(Arrays.deepEquals(together, generator.generate(INPUTS, config)));
    CpuBackend.threads(Runtime.getRuntime().availableProcessors());
    // Equal inputs, and the sequences of one input, differ; so does another seed.
    Set<List<Integer>> different = new HashSet<>();
    for (int[] row : together) {
      different.add(Arrays.stream(row).boxed().toList());
    }
    assertTrue(different.size() > 4, different.toString());
    assertTrue(!Arrays.deepEquals(together, generator.withSeed(12).generate(INPUTS, config)));
  }

  @Test
  void tokensAreDrawnAsOftenAsTheirProbabilitiesSay() {
    float[] logits = {0, 1, -1, 2, 0.5f, Float.NEGATIVE_INFINITY, 1.5f, -2};
    for (boolean thinned : List.of(false, true)) {
      GenerationConfig options =
          config
              .with("top_k", thinned ? 3 : 0)
              .with("temperature", thinned ? 2.0 : 1.0)
              .with("num_return_sequences", 4000)
              .withMaxNewTokens(1);
      int[][] drawn = fixed(logits).generate(List.of(INPUTS.get(0)), options);
      int[] counts = new int[logits.length];
      for (int[] row : drawn) {
        counts[row[1]]++;
      }
      checkCounts(counts, probabilities(logits, thinned));
    }
  }

  private static double[] probabilities(float[] logits, boolean thinned) {
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      boolean in = !thinned || logits[i] >= 1;
      weights[i] = in ? Math.exp(logits[i] / (thinned ? 2 : 1)) : 0;
      sum += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /// Pearson's chi square: beyond 30 with at most 7 degrees of freedom comes once in 10,000 seeds.
  private static void checkCounts(int[] counts, double[] probabilities) {
    double total = Arrays.stream(counts).sum();
    double chi = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = total * probabilities[i];
      if (expected == 0) {
        assertEquals(0, counts[i]);
      } else {
        chi += (counts[i] - expected) * (counts[i] - expected) / expected;
      }
    }
    assertTrue(chi < 30, "chi square " + chi + " of " + Arrays.toString(counts));
  }

  @Test
  void beamsDrawWithoutReplacementAndOnceForASeed() {
    GenerationConfig beams = config.with("num_beams", 3).with("num_return_sequences", 3);
    var first = generator.generateScored(INPUTS, beams);
    var again = generator.generateScored(INPUTS, beams);
    assertTrue(Arrays.deepEquals(first.sequences(), again.sequences()));
    assertArrayEquals(first.scores(), again.scores());
    for (int row = 0; row < INPUTS.size(); row++) {
      var alone = generator.withNumbers(row).generateScored(List.of(INPUTS.get(row)), beams);
      for (int n = 0; n < 3; n++) {
        int[] found = together(first, row, n, alone.sequences()[n].length);
        assertArrayEquals(alone.sequences()[n], found);
        for (int m = 0; m < n; m++) {
          assertTrue(!Arrays.equals(alone.sequences()[n], alone.sequences()[m]), "drawn twice");
        }
      }
    }
  }

  private static int[] together(Generator.Generated all, int row, int n, int length) {
    return Arrays.copyOf(all.sequences()[3 * row + n], length);
  }

  @Test
  void theFirstCandidateOfBeamsIsDrawnAsOftenAsItsProbabilitySays() {
    float[] logits = {0, 1, -1, 2, 0.5f, Float.NEGATIVE_INFINITY, 1.5f, -2};
    int[] counts = new int[logits.length];
    var scores = new float[2][logits.length];
    double[] probabilities = probabilities(logits, false);
    for (int i = 0; i < logits.length; i++) {
      scores[0][i] = (float) Math.log(probabilities[i]);
    }
    var random = dev.quintet.core.random.Philox.of(5, 1);
    var candidates = new Candidates(2, logits.length, 4, true, random);
    for (int i = 0; i < 4000; i++) {
      candidates.find(scores, 0, new float[] {0, -1e9f});
      counts[candidates.token(0)]++;
      Set<Integer> tokens = new HashSet<>();
      for (int j = 0; j < 4; j++) {
        assertEquals(0, candidates.beam(j));
        tokens.add(candidates.token(j));
      }
      assertEquals(4, tokens.size());
    }
    checkCounts(counts, probabilities);
  }

  @Test
  void fewerPossibleTokensThanCandidatesAreFilledUpByTheBest() {
    var scores = new float[2][3];
    Arrays.fill(scores[0], Float.NEGATIVE_INFINITY);
    scores[0][2] = 0;
    var candidates = new Candidates(2, 3, 4, true, dev.quintet.core.random.Philox.of(5, 1));
    candidates.find(scores, 0, new float[] {0, -1e9f});
    assertEquals(2, candidates.token(0));
    assertEquals(0, candidates.score(0));
    for (int j = 1; j < 4; j++) {
      assertEquals(1, candidates.beam(j));
    }
  }

  @Test
  void refusesToDrawWhereEverythingIsForbidden() {
    float[] nothing = new float[8];
    Arrays.fill(nothing, Float.NEGATIVE_INFINITY);
    assertThrows(IllegalStateException.class, () -> fixed(nothing).generate(INPUTS, config));
  }

  @Test
  void aListenerHearsOfEverySequence() {
    var heard = new ArrayList<List<Integer>>();
    for (int row = 0; row < 6; row++) {
      heard.add(new ArrayList<>(Collections.singleton(0)));
    }
    int[][] found =
        generator.withListener((row, id) -> heard.get(row).add(id)).generate(INPUTS, config);
    for (int row = 0; row < 6; row++) {
      int[] ids = heard.get(row).stream().mapToInt(Integer::intValue).toArray();
      assertArrayEquals(ids, Arrays.copyOf(found[row], ids.length));
    }
    GenerationConfig beams = config.with("num_beams", 3);
    Generator hearing = generator.withListener((row, id) -> {});
    assertThrows(IllegalArgumentException.class, () -> hearing.generate(INPUTS, beams));
  }

  /// A generator whose logits are always these, all others impossible.
  private Generator fixed(float[] logits) {
    return generator.with((sequence, scores) -> {
      Arrays.fill(scores, Float.NEGATIVE_INFINITY);
      System.arraycopy(logits, 0, scores, 0, logits.length);
    });
  }
}
