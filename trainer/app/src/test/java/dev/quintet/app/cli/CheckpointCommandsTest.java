package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `inspect`, `convert` and what `pull` refuses.
class CheckpointCommandsTest {
  @TempDir Path folder;

  private Path model;
  private String out = "";
  private String err = "";

  @BeforeEach
  void makeModel() {
    model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
  }

  @Test
  void inspectListsTensorsAndWhatPatternsFreeze() {
    assertEquals(0, run("inspect", model.toString()), err);
    assertTrue(out.contains("shared.weight"), out);
    assertTrue(out.contains(" parameters\n"), out);
    assertFalse(out.contains("frozen"), out);
    assertEquals(
        0,
        run(
            "inspect",
            model.toString(),
            "--json",
            "--freeze",
            "encoder.*",
            "--freeze",
            "lm_head.*"),
        err);
    JsonObject found = read(out);
    long frozen = 0;
    for (Object item : found.list("tensors").orElseThrow()) {
      JsonObject tensor = (JsonObject) item;
      String name = tensor.string("name").orElseThrow();
      boolean expected = name.startsWith("encoder.") || name.equals("shared.weight");
      assertEquals(expected, tensor.bool("frozen").orElseThrow(), name);
      if (expected) {
        frozen += tensor.integer("bytes").orElseThrow() / 4;
      }
    }
    assertEquals(frozen, (long) found.integer("frozen_parameters").orElseThrow());
    assertEquals(
        4 * found.integer("parameters").orElseThrow(), found.integer("bytes").orElseThrow());
  }

  @Test
  void sizesAreReadable() {
    assertEquals("0 B", Sizes.of(0));
    assertEquals("999 B", Sizes.of(999));
    assertEquals("1.00 KB", Sizes.of(1000));
    assertEquals("65.8 MB", Sizes.of(65_798_144));
    assertEquals("308 MB", Sizes.of(307_867_048));
    assertEquals("1.00 GB", Sizes.of(999_999_999));
    assertEquals("9.22 EB", Sizes.of(Long.MAX_VALUE));
    assertEquals(0, run("inspect", model.toString()), err);
    assertTrue(out.contains("KB"), out);
    assertTrue(out.contains(" in 1 file, "), out);
  }

  @Test
  void aNameThatIsNoPathLeadsToPull() {
    for (String[] command :
        List.of(
            new String[] {"inspect", "none/none"},
            new String[] {"generate", "--model", "none/none", "x"},
            new String[] {"convert", "none/none", folder.resolve("to").toString()},
            new String[] {"verify", "none/none"},
            new String[] {"tokenize", "none/none"},
            new String[] {"detokenize", "none/none"},
            new String[] {"compare-tokenizers", "a=none/none"})) {
      assertEquals(2, run(command), command[0]);
      assertTrue(err.contains("./quintet pull none/none"), err);
    }
  }

  @Test
  void aPatternThatMatchesNothingIsAnErrorThatListsNearNames() {
    assertEquals(2, run("inspect", model.toString(), "--freeze", "encodr.*"));
    assertTrue(err.contains("encoder"), err);
    String file = model.resolve("model.safetensors").toString();
    assertEquals(0, run("inspect", file, "--freeze", "decoder.block.0.*"), err);
    assertTrue(out.contains("frozen"), out);
  }

  @Test
  void convertChangesTypeAndShardsAndKeepsTheRest() throws IOException {
    Path halves = folder.resolve("halves");
    Path back = folder.resolve("back");
    Path same = folder.resolve("same");
    assertEquals(0, run("convert", model.toString(), same.toString()), err);
    assertEquals(
        -1, Files.mismatch(model.resolve("model.safetensors"), same.resolve("model.safetensors")));
    assertEquals(
        0,
        run(
            "convert",
            model.toString(),
            halves.toString(),
            "--type",
            "bf16",
            "--shard-size",
            "9KB"),
        err);
    assertTrue(Files.exists(halves.resolve("model.safetensors.index.json")));
    assertTrue(Files.exists(halves.resolve("tokenizer.json")));
    String config = Files.readString(halves.resolve("config.json"));
    assertTrue(config.contains("\"torch_dtype\": \"bfloat16\""), config);
    assertEquals(0, run("convert", halves.toString(), back.toString(), "--type", "f32"), err);
    assertEquals(
        Files.size(model.resolve("model.safetensors")),
        Files.size(back.resolve("model.safetensors")));
    assertEquals(0, run("generate", "--model", back.toString(), "red green"), err);
  }

  @Test
  void convertOverwritesNothing() throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));
    Files.writeString(target.resolve("mine.md"), "mine");
    for (String name : List.of("config.json", "model-00001-of-00002.safetensors", "README.md")) {
      Path mine = Files.writeString(target.resolve(name), "mine");
      assertEquals(2, run("convert", model.toString(), target.toString()));
      assertTrue(err.contains(mine.toString()), err);
      assertEquals("mine", Files.readString(mine));
      Files.delete(mine);
    }
    assertEquals(0, run("convert", model.toString(), target.toString()), err);
    assertEquals("mine", Files.readString(target.resolve("mine.md")));
  }

  @Test
  void whatCannotBeConvertedIsSaid() throws IOException {
    assertEquals(2, run("convert", model.toString(), model.toString()));
    assertTrue(err.contains("another folder"), err);
    assertEquals(2, run("convert", model.toString(), "x", "--type", "int8"));
    assertTrue(err.contains("--type"), err);
    assertEquals(2, run("convert", model.toString(), "x", "--shard-size", "many"));
    assertTrue(err.contains("many"), err);
    assertEquals(2, run("convert", folder.resolve("none").toString(), "x"));
    assertTrue(err.contains("none"), err);
    Path pickle = folder.resolve("pytorch_model.bin");
    Files.write(pickle, new byte[] {(byte) 0x80, 2, '}', '.'});
    assertEquals(2, run("convert", pickle.toString(), "x"));
    assertTrue(err.contains("magic number"), err);
    assertEquals(2, run("inspect", pickle.toString()));
    assertTrue(err.contains("convert"), err);
    assertEquals(2, run("inspect", pickle.toString(), "--allow-pickle"));
    assertTrue(err.contains("at byte 0"), err);
  }

  @Test
  void pullRefusesNamesAndPlacesThatCannotBe() {
    assertEquals(2, run("pull", "../x"));
    assertTrue(err.contains("google/flan-t5-small"), err);
    assertEquals(2, run("pull", "me/model", "--revision", "../main"));
    assertTrue(err.contains("revision"), err);
    assertEquals(2, run("pull"));
    assertTrue(err.contains("REPO"), err);
  }

  private JsonObject read(String text) {
    return JsonObject.read(Path.of("out"), text.getBytes(StandardCharsets.UTF_8));
  }

  private int run(String... arguments) {
    var outWriter = new StringWriter();
    var errWriter = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(outWriter, true))
            .setErr(new PrintWriter(errWriter, true))
            .execute(arguments);
    out = outWriter.toString();
    err = errWriter.toString();
    assertTrue(List.of(0, 2).contains(code), err);
    return code;
  }
}
