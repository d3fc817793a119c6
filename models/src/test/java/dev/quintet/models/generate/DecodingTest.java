package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.GoldenFolders;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecodingTest {
  private static final int[][] SOURCES = {{50, 60, 70, 80, 90, 1}, {33, 1}, {9, 8, 7, 1}};

  @ParameterizedTest
  @ValueSource(strings = {"t5-v1.0", "t5-v1.1"})
  void paddingLeftOrRightChangesNeitherBeamsNorTheirScores(String folder) {
    try (T5 model = Checkpoint.load(GoldenFolders.of(folder))) {
      GenerationConfig beams =
          GenerationConfig.of(model.config()).with("num_beams", 4).with("num_return_sequences", 4);
      Generator generator = Generator.of(model);
      for (boolean left : List.of(false, true)) {
        int[][] ids = new int[SOURCES.length][9];
        int[][] mask = new int[SOURCES.length][9];
        for (int row = 0; row < ids.length; row++) {
          int from = left ? 9 - SOURCES[row].length : 0;
          System.arraycopy(SOURCES[row], 0, ids[row], from, SOURCES[row].length);
          Arrays.fill(mask[row], from, from + SOURCES[row].length, 1);
        }
        var together = generator.generateScored(ids, mask, beams);
        for (int row = 0; row < ids.length; row++) {
          var alone = generator.generateScored(List.of(SOURCES[row]), beams);
          for (int k = 0; k < 4; k++) {
            int length = alone.lengths()[k];
            assertEquals(length, together.lengths()[4 * row + k]);
            assertArrayEquals(
                Arrays.copyOf(alone.sequences()[k], length),
                Arrays.copyOf(together.sequences()[4 * row + k], length));
            assertEquals(alone.scores()[k], together.scores()[4 * row + k], 1e-5);
          }
        }
      }
    }
  }

  @Test
  void beamsThatAreReorderedEachStepHaveTheLogitsOfRecomputing() {
    try (T5 model = Checkpoint.load(GoldenFolders.of("t5-v1.1"));
        var _ = Scope.openWithoutGradients(Device.cpu())) {
      int steps = 60;
      Tensor source = TinyModels.ints(new int[][] {{50, 60, 70, 80, 1}, {33, 9, 1, 0, 0}});
      Tensor mask = TinyModels.ints(new int[][] {{1, 1, 1, 1, 1}, {1, 1, 1, 0, 0}});
      Tensor memory = model.encode(source, mask, Pass.inference());
      DecoderCache cache = model.cache(memory, mask, steps, 3);
      int[][] rows = new int[6][1];
      for (int step = 0; step < steps; step++) {
        int last = step;
        int[] ids = Arrays.stream(rows).mapToInt(row -> row[last]).toArray();
        float[] found = model.step(Tensor.ofInts(Shape.of(6, 1), ids), cache).toFloats();
        if (step % 10 == 9 || step < 3) {
          checkAgainstRecomputing(model, memory, mask, rows, found);
        }
        int[] from = new int[6];
        int[][] next = new int[6][];
        for (int row = 0; row < 6; row++) {
          from[row] = row / 3 * 3 + (row * step + row) % 3;
          next[row] = Arrays.copyOf(rows[from[row]], step + 2);
          next[row][step + 1] = 3 + (row * 31 + step * 17) % 300;
        }
        cache.reorder(from);
        rows = next;
      }
    }
  }

  private static void checkAgainstRecomputing(
      T5 model, Tensor memory, Tensor mask, int[][] rows, float[] found) {
    try (var _ = Scope.open()) {
      int vocabulary = model.config().vocabSize();
      int length = rows[0].length;
      for (int row = 0; row < rows.length; row++) {
        int input = row / 3;
        Tensor states =
            model.decode(
                TinyModels.ints(new int[][] {rows[row]}),
                memory.slice(0, input, input + 1),
                mask.slice(0, input, input + 1),
                Pass.inference());
        float[] expected = model.logits(states.slice(1, length - 1, length)).toFloats();
        float largest = 0;
        for (float logit : expected) {
          largest = Math.max(largest, Math.abs(logit));
        }
        for (int id = 0; id < vocabulary; id++) {
          assertEquals(expected[id], found[row * vocabulary + id], 1e-4f * largest);
        }
      }
    }
  }

  @Test
  void nativeMemoryIsTheSameAtEveryToken() {
    try (T5 model = T5.create(TinyModels.v10(200), 1, Device.cpu())) {
      for (int beams : new int[] {1, 3}) {
        GenerationConfig options =
            GenerationConfig.of(model.config())
                .with("num_beams", beams)
                .with("eos_token_id", List.of())
                .withMaxNewTokens(100);
        var bytes = new ArrayList<Long>();
        LogitsProcessor looks =
            (sequence, scores) -> bytes.add(Backends.of(Device.cpu()).memory().bytesInUse());
        var _ = Generator.of(model).with(looks).generate(List.of(SOURCES[0]), options);
        assertEquals(bytes.getFirst(), bytes.getLast());
        assertEquals(1, bytes.stream().distinct().count());
      }
    }
  }

  @Test
  @Tag("processor")
  void choosingATokenMakesNothingThatGrowsWithTheVocabularyOrTheLength() {
    for (int beams : new int[] {1, 3}) {
      for (boolean samples : new boolean[] {false, true}) {
        long small = bytesPerToken(100, 20, beams, samples);
        long large = bytesPerToken(5000, 200, beams, samples);
        // Small arrays, iterators, views of the cache; the 5000 scores of one row alone would be
        // 20,000 bytes.
        String found = small + " and " + large + " bytes a token, " + beams + " beams";
        assertTrue(small < 15_000 && large < small + 2000, found);
      }
    }
  }

  /// What this thread's heap takes between the first processor and the question whether to go on: all processors, the
  /// choice of tokens, the beams. The network's part is small objects of each operation.
  private static long bytesPerToken(int vocabulary, int tokens, int beams, boolean samples) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var measured = new ArrayList<Long>();
    long[] begin = {-1};
    try (T5 model = T5.create(TinyModels.v10(vocabulary).withLayers(1, 1), 1, Device.cpu())) {
      GenerationConfig options =
          GenerationConfig.of(model.config())
              .with("num_beams", beams)
              .with("do_sample", samples)
              .with("top_p", 0.9)
              .with("typical_p", 0.9)
              .with("repetition_penalty", 1.5)
              .with("no_repeat_ngram_size", 3)
              .with("eos_token_id", List.of())
              .withMaxNewTokens(tokens);
      var _ =
          Generator.of(model)
              .with((sequence, scores) -> {
                if (begin[0] < 0) {
                  begin[0] = threads.getCurrentThreadAllocatedBytes();
                }
              })
              .withCancelled(() -> {
                if (begin[0] >= 0) {
                  measured.add(threads.getCurrentThreadAllocatedBytes() - begin[0]);
                }
                begin[0] = -1;
                return false;
              })
              .generate(List.of(SOURCES[2]), options);
    }
    // The first steps make what is kept for later ones.
    List<Long> later = measured.subList(measured.size() / 2, measured.size());
    return later.stream().mapToLong(Long::longValue).sorted().toArray()[later.size() / 2];
  }
}
