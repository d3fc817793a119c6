package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.nn.Init;
import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.adapt.lora.Lora;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.adapt.prompt.PromptTuning;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.GoldenFolder;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Adapters in `generate`, `inspect`, `convert` and `verify`.
class AdapterCommandsTest {
  @TempDir Path folder;

  private Path model;
  private Path tags;
  private Path words;
  private String out = "";
  private String err = "";

  @BeforeEach
  void makeModel() {
    model = folder.resolve("model");
    tags = folder.resolve("tags");
    words = folder.resolve("some words");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    save(Lora.rank(4).withAlpha(64).onMatching("all-linear"), tags);
    save(PromptTuning.tokens(6).fromVocabulary(), words);
  }

  private void save(AdapterMethod method, Path place) {
    try (TextToText text = TextToText.load(model)) {
      Adapter made = Adapters.of(text.model()).add("made", method, 5);
      long seed = 1;
      for (var parameter : made.parameters().values()) {
        Init.normal(0.5).fill(parameter, seed++);
      }
      Adapters.of(text.model()).save("made", place);
    }
  }

  private int run(String... args) {
    var results = new StringWriter();
    var messages = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(results, true))
            .setErr(new PrintWriter(messages, true))
            .execute(args);
    out = results.toString();
    err = messages.toString();
    return code;
  }

  private String generated(String... args) {
    String[] all = java.util.Arrays.copyOf(args, args.length + 5);
    System.arraycopy(args, 0, all, 1, args.length);
    all[0] = "generate";
    all[args.length + 1] = "--max-new-tokens";
    all[args.length + 2] = "6";
    all[args.length + 3] = "--suppress-tokens";
    all[args.length + 4] = "1";
    assertEquals(0, run(all), err);
    return out;
  }

  @Test
  void generateAnswersWithAnAdapterAndEachLineMayNameItsOwn() throws IOException {
    String base = model.toString();
    String plain = generated("--model", base, "red");
    String tagged = generated("--model", base, "--adapter", tags.toString(), "red");
    String worded = generated("--model", base, "--adapter", words.toString(), "red");
    assertNotEquals(plain, tagged);
    assertNotEquals(plain, worded);
    Path lines = folder.resolve("lines");
    Files.writeString(
        lines,
        "\"red\"\n{\"prompt\": \"red\", \"adapter\": \"w\"}\n{\"adapter\": \"tags\", \"prompt\": \"red\"}\n");
    String mixed =
        generated(
            "--model",
            base,
            "--adapter",
            tags.toString(),
            "--adapter",
            "w=" + words,
            "--jsonl",
            "--input",
            lines.toString());
    String first = JsonLine.of(tagged.strip());
    String second = JsonLine.of(worded.strip());
    assertEquals(
        List.of(first, second, first), mixed.lines().map(AdapterCommandsTest::stripped).toList());
    Files.writeString(lines, "{\"prompt\": \"red\", \"adapter\": \"other\"}\n");
    assertEquals(2, run("generate", "--model", base, "--jsonl", "--input", lines.toString()), out);
    assertTrue(err.contains("there is no adapter other"), err);
    Files.writeString(lines, "{\"prompt\": \"red\", \"adaptor\": \"tags\"}\n");
    assertEquals(2, run("generate", "--model", base, "--jsonl", "--input", lines.toString()));
    assertTrue(err.contains("line 1") && err.contains("not \"adaptor\""), err);
  }

  private static String stripped(String line) {
    return JsonLine.of(JsonLine.string(line).strip());
  }

  @Test
  void aMergedModelAnswersAsTheModelWithItsAdapter() {
    String expected =
        generated("--model", model.toString(), "--adapter", tags.toString(), "red", "green");
    Path merged = folder.resolve("merged");
    assertEquals(
        0, run("convert", model.toString(), merged.toString(), "--merge", tags.toString()), err);
    assertEquals(expected, generated("--model", merged.toString(), "red", "green"));
    try (var left = Files.list(folder)) {
      assertEquals(0, left.filter(path -> path.toString().contains(".merge-")).count());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Path other = folder.resolve("other");
    assertEquals(
        2, run("convert", model.toString(), other.toString(), "--merge", words.toString()));
    assertTrue(!Files.exists(other), err);
  }

  @Test
  void inspectTellsAnAdaptersMethodSettingsAndModel() {
    assertEquals(0, run("inspect", tags.toString()), err);
    assertTrue(out.contains("an adapter: lora (LORA)"), out);
    assertTrue(out.contains("for the model: " + model), out);
    assertTrue(out.contains("target_modules: \"all-linear\""), out);
    assertTrue(out.contains(" parameters\n"), out);
    assertEquals(0, run("inspect", words.toString(), "--json"), err);
    JsonObject found = JsonObject.parse("inspect", out);
    assertEquals(
        "PROMPT_TUNING", found.object("adapter").orElseThrow().string("peft_type").orElseThrow());
  }

  @Test
  void anAdapterInPlaceOfAModelIsNamedWithTheNextStep() {
    assertEquals(2, run("generate", "--model", tags.toString(), "red"));
    assertTrue(err.contains("it holds an adapter (LORA) for"), err);
    assertTrue(err.contains("--merge " + tags), err);
  }

  @Test
  void verifyFindsTheBaseOfARecordingOrTakesIt() throws IOException {
    Path golden = GoldenFolder.PROJECT.resolve("models/src/test/resources/golden");
    String recording = golden.resolve("peft/prefix").toString();
    Path base = Files.createDirectory(folder.resolve("base"));
    GoldenFolder.copy("t5-v1.0", base);
    assertEquals(0, run("verify", recording, "--base", base.toString()), out + err);
    assertTrue(out.contains("training: 12 losses"), out);
    assertEquals(0, run("verify", recording), out + err);
    assertTrue(out.contains("training: its batches"), out);
    assertEquals(2, run("verify", recording, "--base", model.toString()), out);
    assertTrue(err.contains("token_dim must be"), err);
  }
}
