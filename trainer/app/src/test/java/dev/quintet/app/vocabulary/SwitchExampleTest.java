package dev.quintet.app.vocabulary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.demo.DemoBase;
import dev.quintet.app.demo.MethodExample;
import dev.quintet.app.demo.MethodSplit;
import dev.quintet.app.demo.Silent;
import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwitchExampleTest {
  private static final List<String> NOUNS = List.of("size", "name", "first value", "last index");

  @TempDir Path folder;

  private static List<MethodExample> methods(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> {
          String noun = NOUNS.get(i % NOUNS.size());
          return new MethodExample(
              "A.java", i + 1, "p.C" + i, "p", "x", "get " + noun, "int ( ) return this . " + noun);
        })
        .toList();
  }

  @Test
  void theTableHoldsAModelForEachInitAndTheTwoThatKeepTheirTokenizer() {
    var methods = new MethodSplit(methods(0, 64), methods(100, 8), methods(200, 8));
    Tokenizer tokenizer =
        Tokenizer.of(
            ByteBpeTrainer.of(280)
                .withPattern(SplitPattern.GPT2)
                .withAddPrefixSpace(true)
                .train(methods.train().stream().map(MethodExample::source).toList()));
    var config =
        T5Config.small()
            .withVocabSize(384)
            .withWidths(16, 4, 2, 32)
            .withLayers(1, 1)
            .withIds(0, 1, 0);
    try (var text = TextToText.of(T5.create(config, 1, Device.cpu()), tokenizer)) {
      text.save(folder.resolve("base"));
    }
    var example =
        new SwitchExample(
            new DemoBase(methods, folder.resolve("base")),
            new SwitchExample.Size(290, 64, 3, 8, 8, 0),
            folder,
            Device.cpu(),
            new Silent(),
            List.of(),
            () -> false);
    SwitchTable table = example.run().orElseThrow();
    assertEquals(
        List.of(
            "old tokenizer, as it was",
            "old tokenizer, trained on",
            "fvt",
            "mean",
            "nearest",
            "random",
            "zero",
            "all rows random"),
        table.rows().stream().map(SwitchTable.Row::name).toList());
    for (SwitchTable.Row row : table.rows()) {
      assertTrue(row.first() > 0 && row.thawed() > 0 && row.last() > 0, row::toString);
      assertTrue(row.tokensPerByte() > 0 && row.tokensPerByte() < 1, row::toString);
    }
    assertEquals(table.rows().get(0).first(), table.rows().get(1).first(), 1e-12, "the same model");
    String text = table.text();
    assertTrue(text.contains("body is frozen for the first 1 of 3 steps"), text);
    assertTrue(text.contains("all rows random"), text);
    try (var made = TextToText.load(folder.resolve("fvt/best"))) {
      assertEquals(390, made.tokenizer().vocabularySize());
    }
  }
}
