package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.dual.DualTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TwoTokenizersTest {
  private static final String SIZES =
      "\"config\": {\"d_model\": 16, \"d_kv\": 4, \"num_heads\": 2, \"d_ff\": 32, \"num_layers\": 1}";

  @TempDir Path folder;

  private String out = "";
  private String err = "";

  @BeforeEach
  void makeTokenizersAndPairs() throws IOException {
    ByteBpeTrainer.of(280).train(List.of("say what it does")).write(folder.resolve("prose.json"));
    ByteBpeTrainer.of(270).train(List.of("return n == 0;")).write(folder.resolve("code.json"));
    ByteBpeTrainer.of(270)
        .withSpecialTokens(List.of("</s>", "<pad>"))
        .train(List.of("return n"))
        .write(folder.resolve("other.json"));
    String row =
        "{\"source\": \"say what\\n```\\nreturn n;\\n```\", \"target\": \"it\\n```\\nn == 0\\n```\"}\n";
    Files.writeString(folder.resolve("rows.jsonl"), row.repeat(4));
  }

  private int run(String... arguments) {
    var outText = new StringWriter();
    var errText = new StringWriter();
    String[] all = new String[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      all[i] = arguments[i].replace("@", folder + "/");
    }
    int code =
        Main.commands()
            .setOut(new PrintWriter(outText, true))
            .setErr(new PrintWriter(errText, true))
            .execute(all);
    out = outText.toString();
    err = errText.toString();
    return code;
  }

  private void settings(String tokenizers) throws IOException {
    Files.writeString(
        folder.resolve("train.json"),
        "{%s, %s, \"train\": \"@rows.jsonl\", \"out\": \"@run\", \"steps\": 2, \"batch_size\": 2}"
            .formatted(SIZES, tokenizers)
            .replace("@", folder + "/"));
  }

  @Test
  void aRoutedPairIsJoinedTrainedSavedAndAnswersThroughTheCommandLine() throws IOException {
    assertEquals(
        0,
        run(
            "train-tokenizer",
            "dual",
            "--language",
            "@prose.json",
            "--code",
            "@code.json",
            "--output",
            "@dual"),
        err);
    assertTrue(out.contains("tokens, of code those from "), out);
    settings("\"tokenizer\": \"@dual\"");
    assertEquals(0, run("train", "--config", "@train.json"), err);
    assertEquals(0, run("train", "--config", "@train.json", "--resume"), err);
    assertEquals(0, run("generate", "--model", "@run/best", "--max-new-tokens", "4", "say"), err);
    assertEquals(1, out.lines().count(), out);
    try (var text = TextToText.load(folder.resolve("run/best"))) {
      var dual = (DualTokenizer) text.tokenizer();
      int[] ids = dual.encodeToIds("say\n```\nreturn n\n```", true);
      int offset = dual.codeOffset();
      assertTrue(Arrays.stream(ids).anyMatch(id -> id >= offset));
      assertEquals("say\n```\nreturn n\n```", dual.decode(ids, true));
      text.stream("say", _ -> {});
    }
    adapt("{\"method\": \"ia3\"}");
    assertEquals(0, run("convert", "@run/best", "@converted"), err);
    assertEquals(0, run("convert", "@run/best", "@merged", "--merge", "@adapted/best"), err);
    for (String made : List.of("converted", "merged")) {
      try (var text = TextToText.load(folder.resolve(made))) {
        assertTrue(text.tokenizer() instanceof DualTokenizer);
      }
    }
  }

  @Test
  void aVocabularyForEachSideIsTrainedSavedAndAnswersThroughTheCommandLine() throws IOException {
    settings("\"tokenizer\": \"@prose.json\", \"target_tokenizer\": \"@code.json\"");
    assertEquals(0, run("train", "--config", "@train.json"), err);
    assertEquals(0, run("train", "--config", "@train.json", "--resume"), err);
    assertEquals(0, run("generate", "--model", "@run/best", "--max-new-tokens", "4", "say"), err);
    assertEquals(1, out.lines().count(), out);
    assertEquals(0, run("inspect", "@run/best"), err);
    assertTrue(out.contains("encoder.embed_tokens.weight"), out);
    String config = Files.readString(folder.resolve("run/best/config.json"));
    assertTrue(config.contains("t5_separate_vocabularies"), config);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"method\": \"lora\", \"rank\": 2, \"targets\": [\"q\", \"embed_tokens\"]}",
        "{\"method\": \"prompt\", \"tokens\": 2, \"prompt_tuning_init\": \"TEXT\", \"prompt_tuning_init_text\": \"say what\"}"
      })
  void anAdapterOfAModelWithAVocabularyForEachSideIsTrainedAndAnswers(String adapter)
      throws IOException {
    settings("\"tokenizer\": \"@prose.json\", \"target_tokenizer\": \"@code.json\"");
    assertEquals(0, run("train", "--config", "@train.json"), err);
    adapt(adapter);
    String plain = answer("@run/best", "--details");
    assertNotEquals(plain, answer("@run/best", "--details", "--adapter", "@adapted/best"));
    assertEquals(0, run("inspect", "@adapted/best"), err);
    int merged = run("convert", "@run/best", "@merged", "--merge", "@adapted/best");
    if (adapter.contains("prompt")) {
      assertEquals(2, merged);
      assertTrue(err.contains("cannot be merged"), err);
      assertFalse(Files.exists(folder.resolve("merged/config.json")));
      return;
    }
    assertEquals(0, merged, err);
    assertEquals(answer("@run/best", "--adapter", "@adapted/best"), answer("@merged"));
  }

  private void adapt(String adapter) throws IOException {
    Files.writeString(
        folder.resolve("adapt.json"),
        "{\"model\": \"@run/best\", \"train\": \"@rows.jsonl\", \"out\": \"@adapted\", \"steps\": 3, \"learning_rate\": 0.5, \"adapter\": %s}"
            .formatted(adapter)
            .replace("@", folder + "/"));
    assertEquals(0, run("train", "--config", "@adapt.json"), err);
  }

  private String answer(String model, String... more) {
    String[] command = {"generate", "--model", model, "--max-new-tokens", "4", "say"};
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    assertEquals(0, run(all), err);
    return out;
  }

  @Test
  void twoThatDoNotFitAreRefusedBeforeAnythingIsWritten() throws IOException {
    settings("\"tokenizer\": \"@prose.json\", \"target_tokenizer\": \"@other.json\"");
    assertEquals(2, run("train", "--config", "@train.json"));
    assertTrue(err.contains("the same id for padding"), err);
    assertFalse(Files.exists(folder.resolve("run/best")));
    assertEquals(2, run("compare-tokenizers", "--train"));
    assertTrue(err.contains("--example"), err);
    assertEquals(2, run("compare-tokenizers"));
    assertEquals(2, run("compare-tokenizers", "--train", "--example", "--out", "@prose.json"));
    assertTrue(err.contains("nothing is overwritten"), err);
  }

  @Tag("slow")
  @Test
  void theExampleComparesFourTokenizers() {
    assertEquals(
        0, run("compare-tokenizers", "--train", "--example", "--steps", "20", "--out", "@e"), err);
    assertTrue(out.contains("routed pair"), out);
    assertTrue(Files.exists(folder.resolve("e/routed-pair/best/dual_tokenizer.json")));
  }
}
