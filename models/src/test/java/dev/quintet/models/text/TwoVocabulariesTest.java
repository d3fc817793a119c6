package dev.quintet.models.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.TinyModels;
import dev.quintet.models.adapt.vocabulary.RowInit;
import dev.quintet.models.adapt.vocabulary.RowPlan;
import dev.quintet.models.checkpoint.Checkpoint;
import dev.quintet.models.checkpoint.Conversion;
import dev.quintet.models.checkpoint.LoadOptions;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.dual.SeparateTokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class TwoVocabulariesTest {

  @TempDir Path folder;

  private final Tokenizer source =
      Tokenizer.of(ByteBpeTrainer.of(280).train(List.of("say what it does", "what it says")));
  private final Tokenizer target =
      Tokenizer.of(ByteBpeTrainer.of(300).train(List.of("return n == 0;", "return n != 1;")));
  private final Tokenizer both = new SeparateTokenizers(source, target);

  private static T5Config config(boolean tied) {
    return (tied ? TinyModels.v10(300) : TinyModels.v11(300)).withSourceVocabSize(280);
  }

  private TextToText text(boolean tied) {
    return TextToText.of(T5.create(config(tied), 3, Device.cpu()), both);
  }

  @Test
  void aSavedFolderSaysThatThereAreTwoAndAnswersTheSame() {
    for (boolean tied : new boolean[] {true, false}) {
      Path saved = folder.resolve("tied-" + tied);
      List<String> prompts = List.of("say what", "it does");
      List<String> answers;
      try (TextToText text = text(tied)) {
        answers = text.generate(prompts, text.generation().withMaxNewTokens(5));
        text.save(saved);
      }
      JsonObject json = JsonObject.read(saved.resolve("config.json"));
      assertEquals("t5_separate_vocabularies", json.string("model_type").orElse(""));
      assertEquals(280, json.integer("source_vocab_size").orElse(0));
      assertEquals(300, json.integer("target_vocab_size").orElse(0));
      assertFalse(json.has("vocab_size"), "with one another library could take it for T5's");
      try (TextToText loaded = TextToText.load(saved)) {
        assertEquals(config(tied), loaded.model().config());
        assertEquals(answers, loaded.generate(prompts, loaded.generation().withMaxNewTokens(5)));
        assertEquals(280, loaded.model().encoder().table().weight().shape().dim(0));
        assertEquals(300, loaded.model().decoder().table().weight().shape().dim(0));
      }
    }
  }

  @Test
  void bothTablesLearnAndTheHeadIsTheDecodersWhereItIsTied() {
    try (T5 model = T5.create(config(true), 3, Device.cpu());
        Scope _ = Scope.open(Device.cpu())) {
      assertFalse(model.parameters().containsKey("shared.weight"));
      assertFalse(model.parameters().containsKey("lm_head.weight"));
      var loss =
          model.loss(
              TinyModels.ints(new int[][] {{279, 5, 1}}),
              TinyModels.ints(new int[][] {{1, 1, 1}}),
              TinyModels.ints(new int[][] {{299, 7, 1}}),
              Pass.inference(),
              CrossEntropyOptions.MEAN);
      assertEquals(300, loss.logits().shape().dim(2));
      loss.loss().backward();
      for (String name : List.of("encoder.embed_tokens.weight", "decoder.embed_tokens.weight")) {
        float[] gradient = model.parameters().get(name).gradient().toFloats();
        double sum = 0;
        for (float value : gradient) {
          sum += Math.abs(value);
        }
        assertTrue(sum > 0, name);
      }
      assertThrows(IllegalStateException.class, model::shared);
    }
  }

  @Test
  void convertTakesBothTokenizersAlong() {
    try (TextToText text = text(true)) {
      text.save(folder.resolve("saved"));
    }
    Conversion.run(
        folder.resolve("saved"),
        folder.resolve("converted"),
        new Conversion.Options(Optional.empty(), Long.MAX_VALUE, true));
    try (TextToText before = TextToText.load(folder.resolve("saved"));
        TextToText after = TextToText.load(folder.resolve("converted"))) {
      assertArrayEquals(
          before.model().encoder().table().weight().toFloats(),
          after.model().encoder().table().weight().toFloats());
      assertEquals(source.vocabularySize(), after.tokenizer().source().vocabularySize());
    }
  }

  @Test
  void refusesByNameWhatHasOneVocabulary() {
    assertRefused(
        "share one embedding",
        () -> TextToText.of(T5.create(TinyModels.v10(300), 3, Device.cpu()), both));
    assertRefused(
        "an embedding each", () -> TextToText.of(T5.create(config(true), 3, Device.cpu()), target));
    assertRefused(
        "the encoder's embedding has only 270 rows",
        () ->
            TextToText.of(T5.create(config(true).withSourceVocabSize(270), 3, Device.cpu()), both));
    assertRefused("one for each side", () -> RowPlan.of(both, target, RowInit.FVT, true, 0));
    try (TextToText text = text(true)) {
      text.save(folder.resolve("saved"));
      var refused =
          assertThrows(
              UnsupportedOperationException.class,
              () ->
                  text.generate(
                      List.of("say"), text.generation().with("encoder_no_repeat_ngram_size", 2)));
      assertTrue(refused.getMessage().contains("a vocabulary each"), refused.getMessage());
    }
    assertRefused(
        "T5EncoderModel has one vocabulary",
        () -> Checkpoint.loadEncoder(folder.resolve("saved"), LoadOptions.DEFAULT));
  }

  private static void assertRefused(String why, Executable what) {
    var refused = assertThrows(IllegalArgumentException.class, what);
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }
}
