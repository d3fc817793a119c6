package dev.quintet.models.adapt.vocabulary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.shape.Precision;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.checkpoint.Conversion;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.compare.VocabularyMap;
import dev.quintet.tokenizers.dual.DualTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("deferred")
class VocabularySwitchTest {

  private static final int WIDTH = 32;

  private final Tokenizer tokenizer =
      Tokenizer.of(
          ByteBpeTrainer.of(300)
              .train(List.of("the quick brown fox jumps over the lazy dog", "the other dogs")));

  @TempDir Path folder;

  private static float[] values(T5 model, String name) {
    return model.parameters().get(name).toFloats();
  }

  @Test
  void copiesRowsAndTakesMeansInTiedAndUntiedModels() {
    // New 0: old 2. New 1: the mean of 0, 1 and 1. New 2: nothing. New 3: old 0.
    VocabularyMap map = new VocabularyMap(4, new int[] {0, 1, 4, 4, 5}, new int[] {2, 0, 1, 1, 0});
    for (boolean tied : new boolean[] {true, false}) {
      try (T5 old = T5.create(tied ? TinyModels.v10(6) : TinyModels.v11(6), 3, Device.cpu());
          T5 now = VocabularySwitch.apply(old, map, 0, 1, 0)) {
        assertEquals(4, now.config().vocabSize());
        assertEquals(tied, !now.parameters().containsKey("lm_head.weight"));
        for (String name : old.parameters().keySet()) {
          float[] before = values(old, name);
          float[] after = values(now, name);
          if (!name.equals("shared.weight") && !name.equals("lm_head.weight")) {
            assertArrayEquals(before, after, name);
            continue;
          }
          for (int i = 0; i < WIDTH; i++) {
            double second = ((double) before[i] + 2.0 * before[WIDTH + i]) / 3;
            double all = 0;
            for (int row = 0; row < 4; row++) {
              all += before[row * WIDTH + i];
            }
            assertEquals(before[2 * WIDTH + i], after[i]);
            assertEquals(second, after[WIDTH + i], 1e-9 + 1e-7 * Math.abs(second));
            assertEquals(all / 4, after[2 * WIDTH + i], 1e-9 + 1e-7 * Math.abs(all));
            assertEquals(before[i], after[3 * WIDTH + i]);
          }
        }
      }
    }
  }

  @Test
  void permutesLogitsWithTheVocabulary() {
    int[] order = {3, 0, 4, 1, 2};
    VocabularyMap map = new VocabularyMap(5, new int[] {0, 1, 2, 3, 4, 5}, order);
    int[] inverse = new int[5];
    for (int i = 0; i < 5; i++) {
      inverse[order[i]] = i;
    }
    try (T5 old = T5.create(TinyModels.v11(5), 4, Device.cpu());
        T5 now = VocabularySwitch.apply(old, map, inverse[0], inverse[1], inverse[0]);
        Scope scope = Scope.open(Device.cpu())) {
      int[] ids = {2, 3, 4, 1};
      float[] before = logits(old, ids);
      float[] after = logits(now, Arrays.stream(ids).map(id -> inverse[id]).toArray());
      for (int at = 0; at < ids.length; at++) {
        for (int id = 0; id < 5; id++) {
          assertEquals(before[5 * at + order[id]], after[5 * at + id], 1e-6);
        }
      }
      assertEquals(Device.cpu(), scope.device());
    }
  }

  private static float[] logits(T5 model, int[] ids) {
    Tensor input = TinyModels.ints(new int[][] {ids});
    Tensor mask = TinyModels.ints(new int[][] {{1, 1, 1, 1}});
    Tensor memory = model.encode(input, mask, Pass.inference());
    return model.logits(model.decode(input, memory, mask, Pass.inference())).toFloats();
  }

  @Test
  void widensAFolderOfSmallWeightsAndRefusesAModelOfThem() {
    Path old = folder.resolve("old");
    try (TextToText text =
        TextToText.of(T5.create(TinyModels.v10(384), 6, Device.cpu()), tokenizer)) {
      text.save(old);
    }
    Tokenizer bytes = ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES);
    Path small = folder.resolve("small");
    Conversion.run(
        old,
        small,
        new Conversion.Options(
            Optional.empty(), Long.MAX_VALUE, false, Optional.of(Precision.INT8)));
    VocabularySwitch.convert(small, bytes, folder.resolve("new"));
    try (TextToText after = TextToText.load(folder.resolve("new"));
        TextToText before = TextToText.load(small)) {
      assertEquals(Optional.empty(), after.model().shared().weight().form());
      var e =
          assertThrows(IllegalArgumentException.class, () -> VocabularySwitch.apply(before, bytes));
      assertTrue(e.getMessage().contains("withPrecision(Precision.F32)"), e.getMessage());
    }
  }

  @Test
  void writesAFolderForTheNewTokenizer() {
    Path old = folder.resolve("old");
    try (TextToText text =
        TextToText.of(T5.create(TinyModels.v11(384), 6, Device.cpu()), tokenizer)) {
      text.withGeneration(text.generation().withMaxNewTokens(7)).save(old);
    }
    Tokenizer bytes = ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES);
    VocabularySwitch.convert(old, bytes, folder.resolve("new"));
    assertFalse(Files.exists(folder.resolve("new/tokenizer.json")));
    try (TextToText before = TextToText.load(old);
        TextToText after = TextToText.load(folder.resolve("new"))) {
      assertEquals(384, after.model().config().vocabSize());
      assertEquals(8, after.generation().maxLength(1));
      assertEquals(1, after.model().config().eosId());
      float[] rows = values(before.model(), "shared.weight");
      float[] copied = values(after.model(), "shared.weight");
      int a = before.tokenizer().id("a").getAsInt();
      assertArrayEquals(
          Arrays.copyOfRange(rows, a * WIDTH, (a + 1) * WIDTH),
          Arrays.copyOfRange(copied, ('a' + 3) * WIDTH, ('a' + 4) * WIDTH));
      assertTrue(after.generate("the fox").length() <= 7);
    }
  }

  private final Tokenizer other =
      Tokenizer.of(
          ByteBpeTrainer.of(330)
              .withSentinels(2)
              .train(
                  List.of(
                      "the quicker fox; a brown dog jumped",
                      "over the hedgehog, over the dogs",
                      "the quicker dogs over the brown hedgehog")));

  private RowPlan plan(RowInit init, boolean copies, long seed) {
    return RowPlan.of(tokenizer, other, init, copies, seed);
  }

  private float[][] rows(T5 old, RowPlan plan) {
    try (TextToText text = TextToText.of(old, tokenizer);
        TextToText now = VocabularySwitch.apply(text, other, plan)) {
      float[] all = values(now.model(), "shared.weight");
      assertEquals(384, now.model().config().vocabSize());
      float[][] rows = new float[384][];
      for (int id = 0; id < rows.length; id++) {
        rows[id] = Arrays.copyOfRange(all, id * WIDTH, (id + 1) * WIDTH);
      }
      return rows;
    }
  }

  private static float[] mean(float[][] rows, int... ids) {
    double[] sum = new double[WIDTH];
    for (int id : ids) {
      for (int i = 0; i < WIDTH; i++) {
        sum[i] += rows[id][i];
      }
    }
    float[] mean = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      mean[i] = (float) (sum[i] / ids.length);
    }
    return mean;
  }

  @Test
  void beginsNewTokensAsEachInitSays() {
    T5 model = T5.create(TinyModels.v10(384), 6, Device.cpu());
    float[] table = values(model, "shared.weight");
    float[][] old = new float[384][];
    for (int id = 0; id < old.length; id++) {
      old[id] = Arrays.copyOfRange(table, id * WIDTH, (id + 1) * WIDTH);
    }
    int shared = other.id("\u0120the").getAsInt();
    int a = other.id("a").getAsInt();
    int made = other.id("\u0120quicker").getAsInt();
    int[] parts = tokenizer.encodeToIds(" quicker", false);
    int longest = tokenizer.id("\u0120quick").getAsInt();
    assertTrue(parts.length > 1 && parts[0] == longest, Arrays.toString(parts));
    int[] all = IntStream.range(0, tokenizer.vocabularySize()).toArray();

    for (RowInit init : RowInit.values()) {
      float[][] rows = rows(T5.create(TinyModels.v10(384), 6, Device.cpu()), plan(init, true, 1));
      assertArrayEquals(old[tokenizer.id("\u0120the").getAsInt()], rows[shared], init.toString());
      assertArrayEquals(old[tokenizer.id("a").getAsInt()], rows[a], init.toString());
      assertArrayEquals(old[1], rows[1], init.toString());
      float[] expected =
          switch (init) {
            case FVT -> mean(old, parts);
            case MEAN -> mean(old, all);
            case NEAREST -> old[longest];
            case RANDOM -> rows[made];
            case ZERO -> new float[WIDTH];
          };
      assertArrayEquals(expected, rows[made], 1e-6f, init.toString());
      assertArrayEquals(mean(old, all), rows[383], 1e-6f, "no token has this row");
    }
    model.close();
  }

  @Test
  void drawsRandomRowsFromTheSeedAloneAndAtTheScaleOfTheOldOnes() {
    float[][] first = rows(T5.create(TinyModels.v10(384), 6, Device.cpu()), random(1));
    float[][] again = rows(T5.create(TinyModels.v10(384), 6, Device.cpu()), random(1));
    float[][] second = rows(T5.create(TinyModels.v10(384), 6, Device.cpu()), random(2));
    int made = other.id("\u0120quicker").getAsInt();
    assertArrayEquals(first[made], again[made]);
    assertFalse(Arrays.equals(first[made], second[made]));
    assertArrayEquals(first[1], second[1], "the end keeps its row");
    double square = 0;
    int numbers = 0;
    for (int id = 10; id < other.vocabularySize() - 2; id++) {
      for (float value : first[id]) {
        square += value * value;
        numbers++;
      }
    }
    assertEquals(1, Math.sqrt(square / numbers), 0.05);
  }

  private RowPlan random(long seed) {
    return plan(RowInit.RANDOM, false, seed);
  }

  @Test
  void countsWhatEachRowBeginsAs() {
    RowPlan fvt = plan(RowInit.FVT, true, 0);
    assertEquals(other.vocabularySize(), fvt.copied() + fvt.averaged() + fvt.fresh());
    assertTrue(fvt.copied() > 259 && fvt.averaged() > 5, fvt.toString());
    assertEquals(2, fvt.fresh(), "the old tokenizer has no sentinels");
    assertEquals(0, fvt.unknown());
    RowPlan mean = plan(RowInit.MEAN, true, 0);
    assertEquals(fvt.copied(), mean.copied());
    assertEquals(0, mean.averaged());
    assertEquals(3, plan(RowInit.ZERO, false, 0).copied());
    assertThrows(IllegalArgumentException.class, () -> RowInit.of("best"));
  }

  @Test
  void refusesATokenizerInWhichAnIdStandsForTwoTokens() {
    Tokenizer switching =
        DualTokenizer.of(tokenizer, other).withRouting(DualTokenizer.Routing.SWITCH_TOKENS);
    var refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> RowPlan.of(tokenizer, switching, RowInit.FVT, true, 0));
    assertTrue(refused.getMessage().contains("ID_RANGES"), refused.getMessage());
  }

  @Test
  void keepsWhatIsFrozen() {
    VocabularyMap map = new VocabularyMap(2, new int[] {0, 1, 2}, new int[] {0, 1});
    try (T5 old = T5.create(TinyModels.v10(6), 3, Device.cpu()).freeze("encoder.*");
        T5 now = VocabularySwitch.apply(old, map, 0, 1, 0)) {
      old.parameters()
          .forEach((name, parameter) ->
              assertEquals(parameter.trains(), now.parameters().get(name).trains(), name));
    }
  }

  @Test
  void refusesAMapOfAnotherModelAndATokenizerWithoutAnEnd() {
    VocabularyMap map = new VocabularyMap(7, new int[] {0}, new int[0]);
    try (T5 old = T5.create(TinyModels.v10(6), 3, Device.cpu())) {
      assertThrows(IllegalArgumentException.class, () -> VocabularySwitch.apply(old, map, 0, 1, 0));
    }
  }
}
