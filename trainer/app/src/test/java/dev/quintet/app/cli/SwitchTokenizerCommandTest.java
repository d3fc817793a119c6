package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Config;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwitchTokenizerCommandTest {
  private static final List<String> OLD = List.of("red green blue", "greener blues");
  private static final List<String> NEW = List.of("redgreen redgreen redgreen bluish bluish");

  @TempDir Path folder;

  private String out = "";
  private String err = "";

  @BeforeEach
  void makeAModelAndATokenizer() throws IOException {
    Tokenizer old = Tokenizer.of(ByteBpeTrainer.of(280).train(OLD));
    var config =
        T5Config.small()
            .withVocabSize(280)
            .withWidths(16, 4, 2, 32)
            .withLayers(1, 1)
            .withIds(0, 1, 0);
    try (var text = TextToText.of(T5.create(config, 1, Device.cpu()), old)) {
      text.save(folder.resolve("model"));
    }
    ByteBpeTrainer.of(270).train(NEW).write(folder.resolve("new.json"));
    ByteBpeTrainer.of(270)
        .withSpecialTokens(List.of("</s>"))
        .train(NEW)
        .write(folder.resolve("no-pad.json"));
    Files.writeString(folder.resolve("text.txt"), "redgreen bluish\n");
  }

  private int run(String... arguments) {
    var outText = new StringWriter();
    var errText = new StringWriter();
    String[] all = new String[arguments.length + 1];
    all[0] = "switch-tokenizer";
    for (int i = 0; i < arguments.length; i++) {
      all[i + 1] = arguments[i].replace("@", folder + "/");
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

  @ParameterizedTest
  @ValueSource(strings = {"fvt", "mean", "nearest", "random", "zero"})
  void writesAModelForTheNewTokenizerAndSaysWhatItsRowsAre(String init) {
    assertEquals(
        0, run("@model", "@new.json", "@made", "--init", init, "--text", "@text.txt"), err);
    assertTrue(out.startsWith("270 rows: "), out);
    assertTrue(out.contains("; 114 more round them up to a multiple of 128\n"), out);
    assertTrue(out.contains("on 16 bytes of text: 0."), out);
    boolean parts = init.equals("fvt") || init.equals("nearest");
    assertEquals(parts, out.contains(", 0 new;"), out);
    try (TextToText made = TextToText.load(folder.resolve("made"))) {
      assertEquals(384, made.model().config().vocabSize());
      assertEquals(270, made.tokenizer().vocabularySize());
      assertEquals(1, made.generate(List.of("redgreen")).size());
    }
  }

  @Test
  void overwritesNothing() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("taken"));
    Files.writeString(taken.resolve("mine.txt"), "mine");
    assertEquals(2, run("@model", "@new.json", "@taken"));
    assertTrue(err.contains("taken is there already, and nothing is overwritten"), err);
    assertEquals(2, run("@model", "@new.json", "@model"));
    assertEquals(2, run("@model", "@new.json", "@text.txt"));
    assertEquals("mine", Files.readString(taken.resolve("mine.txt")));
    assertEquals(2, run("--example", "@taken"));
    Files.createDirectories(folder.resolve("empty"));
    assertEquals(0, run("@model", "@new.json", "@empty"), err);
    assertTrue(Files.exists(folder.resolve("empty/config.json")));
  }

  @Test
  void saysWhatIsWrongAndWhatToDo() {
    assertEquals(2, run());
    assertTrue(err.contains("expected MODEL TOKENIZER OUT, got nothing; or --example"), err);
    assertEquals(2, run("@model", "@new.json"));
    assertEquals(2, run("@model", "@new.json", "@made", "--init", "best"));
    assertTrue(err.contains("--init: expected one of [fvt, mean, nearest, random, zero]"), err);
    assertEquals(2, run("@model", "@no-pad.json", "@made"));
    assertTrue(err.contains("needs a token for padding"), err);
    assertTrue(err.contains("add it"), err);
    assertEquals(2, run("@model", "@missing.json", "@made"));
    assertTrue(err.contains("missing.json"), err);
    assertEquals(2, run("@model", "@new.json", "@made", "--text", "@missing.txt"));
    assertEquals(2, run("@model", "@new.json", "@made", "--steps", "3"));
    assertEquals(2, run("--example", "@made", "--init", "fvt"));
    assertEquals(2, run("--example", "@made", "--steps", "2"));
    assertEquals(2, run("--example", "@made", "--demo", "@model"));
    assertTrue(err.contains("holds no demo whose model is trained: run demo --out"), err);
    assertFalse(Files.exists(folder.resolve("made")));
  }

  @Tag("slow")
  @Test
  void theExampleComparesAllInits() {
    assertEquals(0, run("--example", "@example", "--steps", "30"), err);
    assertTrue(out.contains("all rows random"), out);
    assertTrue(out.contains("FVT is ahead of random rows at once"), out);
    assertTrue(Files.exists(folder.resolve("example/fvt/best/config.json")));
  }
}
