package dev.quintet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.TextPair;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratedAnswersTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theSpaceThatATokenizerPutsBeforeEveryTextIsNoPartOfAnAnswer(boolean puts) {
    List<String> texts = TinyText.pairs(50, 1).list().stream().map(TextPair::source).toList();
    Tokenizer tokenizer =
        Tokenizer.of(
            ByteBpeTrainer.of(400)
                .withSentinels(100)
                .withPattern(SplitPattern.GPT2)
                .withAddPrefixSpace(puts)
                .train(texts));
    int first = tokenizer.encode(" red").ids()[0];
    assertTrue(tokenizer.decode(new int[] {first}, true).startsWith(" "));
    try (TextToText text =
        TextToText.of(T5.create(TinyText.config(0), 1, Device.cpu()), tokenizer)) {
      GenerationConfig options =
          GenerationConfig.of(text.model().config())
              .with("forced_bos_token_id", (long) first)
              .withMaxNewTokens(1);
      String answer =
          new GeneratedAnswers(text, options, 16, 4).answer(List.of("green")).getFirst().text();
      assertFalse(answer.isBlank());
      assertEquals(!puts, answer.startsWith(" "), answer);
    }
  }
}
