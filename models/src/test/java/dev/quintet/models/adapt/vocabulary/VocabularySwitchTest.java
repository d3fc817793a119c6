package dev.quintet.models.adapt.vocabulary;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.TinyModels;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.compare.VocabularyMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
