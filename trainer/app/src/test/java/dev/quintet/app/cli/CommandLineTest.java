package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.generate.GenerationOption;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.GoldenFolder;
import dev.quintet.trainer.TinyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  @TempDir Path folder;

  private Path model;
  private Path tokenizer;
  private String out = "";
  private String err = "";

  @BeforeEach
  void makeModel() {
    model = folder.resolve("model");
    try (TextToText text = TinyText.model(0, 1)) {
      text.save(model);
    }
    tokenizer = model.resolve("tokenizer.json");
  }

  // ---- usage ----

  @Test
  void helpAndVersionGoToStandardOutput() {
    assertEquals(0, run("--help"));
    String all = out;
    for (String command :
        List.of("compare-tokenizers", "demo", "generate", "train", "tokenize", "verify")) {
      assertTrue(all.contains("  " + command), all);
      assertEquals(0, run(command, "--help"));
      assertTrue(out.contains("Usage: quintet " + command), out);
    }
    assertEquals(0, run("--version"));
    assertTrue(out.startsWith("quintet ") && out.contains("cpu: "), out);
    assertEquals("", err);
  }

  @Test
  void withoutACommandTheListIsShown() {
    assertEquals(2, run());
    assertTrue(err.startsWith("quintet: which command?") && err.contains("  verify "), err);
    assertEquals(2, run("train-tokenizer"));
    assertTrue(err.contains("which command?") && err.contains("  bytebpe "), err);
    assertEquals("", out);
  }

  @ParameterizedTest
  @CsvSource({
    "tran,                                    tran",
    "generate,                                --model",
    "generate --modell x,                     --model",
    "generate --model none a,                 none",
    "verify none,                             none",
    "verify . --threads 0,                    --threads",
    "verify . --device gpu,                   --device",
    "train --config none.json,                none.json",
    "tokenize none,                           none",
    "demo --steps 0,                          --steps",
    "demo --steps 5 --minutes 2,              --minutes",
    "demo --minutes 0.1,                      --minutes",
    "demo --save-every 0,                     --save-every",
    "demo --sources none,                     none",
    "demo --out none --ask None.java,         none"
  })
  void badUsageIsOneLineAndExitCodeTwo(String arguments, String named) {
    assertEquals(2, run(arguments.split(" ")), arguments);
    assertEquals("", out);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.startsWith("quintet") && err.contains(named), err);
    assertFalse(Files.exists(Path.of("quintet-demo")));
  }

  @Test
  void theTraceComesOnlyWhenAskedFor() {
    assertEquals(2, run("verify", folder.resolve("none").toString(), "--verbose"));
    assertTrue(err.lines().count() > 3, err);
    assertTrue(err.contains("\tat "), err);
  }

  @Test
  void aDeviceThatIsNotThereExitsTwoAndSaysWhy() {
    assertEquals(2, run("verify", model.toString(), "--device", "cuda"));
    assertTrue(err.contains("cuda") && err.contains("cpu: "), err);
    assertEquals(1, err.lines().count(), err);
  }

  // ---- verify ----

  @Test
  void verifyPassesAndFailsByTheRecording() throws IOException {
    Path golden = Files.createDirectory(folder.resolve("golden"));
    GoldenFolder.copy("t5-v1.0", golden);
    assertEquals(0, run("verify", golden.toString()));
    assertTrue(out.contains("training adamw: 12 losses"), out);
    assertTrue(out.contains("not supported yet"), out);
    Path recorded = golden.resolve("training.json");
    Files.writeString(recorded, Files.readString(recorded).replace("0.003", "0.0031"));
    assertEquals(1, run("verify", golden.toString()));
    assertTrue(out.contains("FAIL"), out);
  }

  @Test
  void verifyOfNothingFails() {
    assertEquals(1, run("verify", model.toString()));
  }

  // ---- generate and tokenize ----

  @Test
  void answersComeInOrderOneALine() throws IOException {
    List<String> prompts = List.of("red green blue one two three", "up", "", "left right");
    Path input = Files.write(folder.resolve("prompts.txt"), prompts);
    assertEquals(0, run("generate", "--model", model.toString(), "--input", input.toString()));
    List<String> lines = out.lines().toList();
    assertEquals(4, lines.size());
    for (int i = 0; i < 4; i++) {
      assertEquals(0, run("generate", "--model", model.toString(), prompts.get(i)));
      assertEquals(lines.get(i), out.lines().findFirst().orElseThrow());
    }
  }

  @Test
  void jsonGoesInAndOut() throws IOException {
    Path input = folder.resolve("prompts.jsonl");
    Files.writeString(input, "\"red\\ngreen\"\n\n\"\\\"up\\\"\"\n");
    assertEquals(
        0, run("generate", "--model", model.toString(), "--jsonl", "--input", input.toString()));
    assertEquals(2, out.lines().count());
    assertTrue(out.lines().allMatch(line -> line.startsWith("\"") && line.endsWith("\"")), out);
    Files.writeString(input, "\"red\"\n{}\n");
    assertEquals(2, run("generate", "--model", model.toString(), "--jsonl", "--input", input + ""));
    assertTrue(err.contains("line 2"), err);
  }

  @Test
  void everyGenerationOptionIsAFlagUnderItsName() {
    assertEquals(0, run("generate", "--help"));
    for (GenerationOption option : GenerationOption.values()) {
      assertTrue(out.contains(option.key().replace('_', '-')), option.key());
    }
    String dir = model.toString();
    assertEquals(0, run("generate", "--model", dir, "--max-new-tokens", "3", "red"), err);
    String three = out;
    assertEquals(0, run("generate", "--model", dir, "--max_new_tokens=3", "red"), err);
    assertEquals(three, out);
    assertEquals(
        0,
        run(
            "generate",
            "--model",
            dir,
            "--num-beams=3",
            "--early-stopping=never",
            "--length-penalty=0.5",
            "--eos-token-id=1,2",
            "--bad-words-ids=[[5],[6,7]]",
            "--sequence-bias=[[[8,9],-1.5]]",
            "--exponential-decay-length-penalty=[3,1.2]",
            "--stop-strings=e",
            "--stop-strings=zz",
            "--renormalize-logits",
            "red"),
        err);
  }

  @Test
  void detailsGiveEverySequenceWithItsScore() {
    assertEquals(
        0,
        run(
            "generate",
            "--model",
            model.toString(),
            "--num-beams=3",
            "--num-return-sequences=2",
            "--details",
            "red",
            "up"),
        err);
    List<JsonObject> lines = out.lines().map(line -> JsonObject.parse("a line", line)).toList();
    assertEquals(2, lines.size());
    assertEquals("up", lines.get(1).string("prompt").orElseThrow());
    List<?> answers = lines.get(1).list("answers").orElseThrow();
    assertEquals(2, answers.size());
    JsonObject best = (JsonObject) answers.getFirst();
    assertTrue(best.number("score").orElseThrow() < 0);
    assertTrue(best.integers("ids").orElseThrow().length > 0);
    assertTrue(best.string("text").isPresent());
  }

  @Test
  void aSeedDrawsTheSameWhateverTheBatchAndStreamingShowsTheSame() {
    String dir = model.toString();
    String[] common = {"generate", "--model", dir, "--do-sample", "--seed=5", "red", "up", "red"};
    assertEquals(0, run(common), err);
    String together = out;
    for (String other : List.of("--batch=1", "--stream", "--threads=1")) {
      List<String> arguments = new ArrayList<>(List.of(common));
      arguments.add(1, other);
      assertEquals(0, run(arguments.toArray(String[]::new)), err);
      assertEquals(together, out, other);
    }
    assertEquals(3, together.lines().count());
    assertEquals(0, run("generate", "--model", dir, "--do-sample", "--seed=6", "red", "up", "red"));
    assertTrue(!together.equals(out));
  }

  @ParameterizedTest
  @CsvSource({
    "--num-beams=0, num_beams",
    "--num-beams=x, whole number",
    "--temperature=hot, number",
    "--early-stopping=maybe, never",
    "--bad-words-ids=[1, JSON",
    "--eos-token-id=a, ids between commas",
    "--num-return-sequences=2, num_beams",
    "--stream --num-beams=2, --stream",
    "--stream --details, --details",
    "--batch=0, batch",
    "--num-beems=2, --num-beams",
  })
  void wrongGenerationFlagsAreNamed(String flags, String named) {
    List<String> arguments = new ArrayList<>(List.of("generate", "--model", model.toString()));
    arguments.addAll(List.of(flags.split(" ")));
    arguments.add("red");
    assertEquals(2, run(arguments.toArray(String[]::new)));
    assertTrue(err.contains(named), err);
  }

  @Test
  void saysWhichFlagsHaveNoEffect() {
    assertEquals(0, run("generate", "--model", model.toString(), "--temperature=0.5", "red"));
    assertEquals(1, out.lines().count());
  }

  @Test
  void promptsAreStrictlyText() throws IOException {
    Path input = folder.resolve("prompts.txt");
    Files.writeString(input, "\uFEFFred\r\n@none\n");
    String in = input.toString();
    assertEquals(0, run("generate", "--model", model.toString(), "--input", in), err);
    List<String> lines = out.lines().toList();
    assertEquals(0, run("generate", "--model", model.toString(), "red", "@none"), err);
    assertEquals(lines, out.lines().toList());
    Files.write(input, new byte[] {'r', '\n', 'r', (byte) 0xE9, '\n'});
    assertEquals(2, run("generate", "--model", model.toString(), "--input", in));
    assertTrue(err.contains("line 2: byte 2 (e9) is not UTF-8"), err);
    assertEquals(2, run("generate", "--model", model.toString(), "--input", folder.toString()));
    assertTrue(err.contains("is a folder"), err);
  }

  @Test
  void promptsComeFromOnePlaceOnly() {
    assertEquals(2, run("generate", "--model", model.toString(), "--input", "x", "prompt"));
    assertTrue(err.contains("--input"), err);
  }

  @Test
  void tokensAreIdsOrPiecesWithOffsets() throws IOException {
    Path input = folder.resolve("texts.txt");
    Files.writeString(input, "red green\n\nblue\n");
    String in = input.toString();
    assertEquals(0, run("tokenize", model.toString(), "--input", in));
    List<String> ids = out.lines().toList();
    assertEquals(3, ids.size());
    assertEquals("", ids.get(1));
    assertTrue(ids.get(0).matches("\\d+( \\d+)*"), out);
    assertEquals(0, run("tokenize", tokenizer.toString(), "--input", in, "--special"));
    assertTrue(out.lines().findFirst().orElseThrow().startsWith(ids.get(0) + " "), out);
    assertEquals(0, run("tokenize", tokenizer.toString(), "--input", in, "--pieces", "--offsets"));
    assertTrue(out.contains("@0-"), out);
    Files.writeString(input, "\"red green\"\n\"\"\n");
    assertEquals(0, run("tokenize", tokenizer.toString(), "--input", in, "--jsonl"));
    assertEquals(List.of("[" + ids.get(0).replace(" ", ", ") + "]", "[]"), out.lines().toList());
    Files.writeString(input, "red green\n");
    assertEquals(2, run("tokenize", tokenizer.toString(), "--input", in, "--jsonl"));
  }

  // ---- train ----

  @Test
  void trainsRefusesResumesAndSaysWhenItIsFinished() throws IOException {
    Path config = config("\"model\": \"" + model + "\", \"freeze\": [\"encoder.*\"]");
    assertEquals(0, run("train", "--config", config.toString()), err);
    assertTrue(out.contains("6 steps"), out);
    assertTrue(Files.exists(folder.resolve("out/best/model.safetensors")));
    assertTrue(Files.exists(folder.resolve("out/last/tokenizer.json")));
    assertTrue(Files.exists(folder.resolve("out/log.jsonl")));
    assertTrue(Files.size(folder.resolve("out/loss.png")) > 1000);
    var before = TinyText.bytes(folder.resolve("out"));
    assertEquals(2, run("train", "--config", config.toString()));
    assertTrue(err.contains("--resume"), err);
    assertEquals(0, run("train", "--config", config.toString(), "--resume"));
    assertTrue(out.contains("finished"), out);
    config("\"model\": \"" + model + "\"");
    assertEquals(2, run("train", "--config", config.toString(), "--resume"));
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains("freezing"), err);
    assertEquals(before, TinyText.bytes(folder.resolve("out")));
    String best = folder.resolve("out/best").toString();
    assertEquals(0, run("generate", "--model", best, "red"), err);
  }

  @Test
  void trainsFromSizesAlone() throws IOException {
    Path config =
        config(
            """
            "config": {"d_model": 16, "d_kv": 4, "num_heads": 4, "d_ff": 32, "num_layers": 1},
            "tokenizer": "%s", "unfreeze": {"0": ["decoder.*"], "3": ["*"]}, "freeze": ["*"],
            "schedule": "inverse_sqrt", "warmup": 2, "weight_decay": 0, "clip": 0.5, "dropout": 0.1,
            "optimizer": {"name": "adafactor", "beta1": 0.5}
            """
                .formatted(tokenizer));
    assertEquals(0, run("train", "--config", config.toString()), err);
    String best = folder.resolve("out/best").toString();
    assertEquals(0, run("generate", "--model", best, "red"), err);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"modl\": \"x\"                                | \"model\"",
        "\"model\": 3                                   | model",
        "\"model\": \"x\", \"config\": {}               | exclude",
        "\"freeze\": [\"*\"]                            | model",
        "\"model\": \"%m\", \"freeze\": \"encoder.*\"   | freeze",
        "\"model\": \"%m\", \"freeze\": [3]             | freeze",
        "\"model\": \"%m\", \"freeze\": [\"encodr.*\"]  | encoder",
        "\"model\": \"%m\", \"unfreeze\": {\"x\": []}   | unfreeze",
        "\"model\": \"%m\", \"epochs\": 2               | exclude",
        "\"model\": \"%m\", \"batch_size\": 1.5         | batch_size",
        "\"model\": \"%m\", \"batch_size\": 0           | batch_size",
        "\"model\": \"%m\", \"seed\": \"a\"             | seed",
        "\"model\": \"%m\", \"schedule\": \"steps\"     | schedule",
        "\"model\": \"%m\", \"objective\": \"mlm\"      | objective",
        "\"model\": \"%m\", \"dropout\": 1.5            | dropout",
        "\"model\": \"%m\", \"source_field\": \"none\"  | none",
        "\"model\": \"%m\", \"optimizer\": \"sgdm\"     | adafactor_relative",
        "\"model\": \"%m\", \"optimizer\": 3            | optimizer",
        "\"model\": \"%m\", \"optimizer\": {\"name\": \"adamw\", \"beta\": 1} | betas",
        "\"model\": \"%m\", \"optimizer\": \"adafactor_relative\", \"warmup\": 3 | warmup",
        "\"model\": \"none\"                            | none",
        "\"config\": {\"d_model\": 16}                  | tokenizer",
        "\"config\": {\"d_modl\": 1}, \"tokenizer\": \"%m\" | d_model"
      })
  void aWrongSettingIsNamedAndNothingIsWritten(String setting, String named) throws IOException {
    Path config = config(setting.strip().replace("%m", model.toString()));
    assertEquals(2, run("train", "--config", config.toString()), setting + err);
    assertEquals("", out);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains(named), err);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  // ---- demo ----

  @Test
  void aFolderThatHoldsADemoIsRefusedAndLeftAsItIs() throws IOException {
    Path dir = Files.createDirectory(folder.resolve("demo"));
    Files.writeString(dir.resolve("notes.txt"), "mine");
    Path sources = Files.createDirectory(folder.resolve("sources"));
    Files.writeString(sources.resolve("A.java"), "class A { int b() { return 1; } }");
    String[] demo = {
      "demo", "--out", dir.toString(), "--sources", sources.toString(), "--steps", "2"
    };
    // too little to learn from, and then in nobody's way
    assertEquals(2, run(demo));
    assertEquals(List.of("notes.txt"), names(dir));
    Files.writeString(
        dir.resolve("demo.json"),
        """
        {"version": 1, "arguments": "seed=0 minutes=- steps=2 save-every=- sources=%s compare=false"}
        """
            .formatted(sources));
    var before = TinyText.bytes(dir);
    assertEquals(2, run(demo));
    assertTrue(err.contains("--resume"), err);
    assertEquals(
        2, run("demo", "--out", dir.toString(), "--resume", "--steps", "3"), "other steps");
    assertEquals(2, run("demo", "--out", dir.toString(), "--resume", "--seed", "3"));
    assertEquals(before, TinyText.bytes(dir));
    Files.writeString(dir.resolve("metrics.json"), "{}");
    assertEquals(0, run("demo", "--out", dir.toString(), "--resume"), err);
    assertTrue(out.contains("finished"), out);
  }

  private static List<String> names(Path dir) throws IOException {
    try (var list = Files.list(dir)) {
      return list.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private Path config(String settings) throws IOException {
    TinyText.jsonl(folder.resolve("train.jsonl"), 40, 1);
    TinyText.jsonl(folder.resolve("validation.jsonl"), 9, 2);
    var rest = new StringBuilder();
    if (!settings.contains("source_field")) {
      rest.append(", \"source_field\": \"question\"");
    }
    return Files.writeString(
        folder.resolve("config.json"),
        """
        {%s, "train": "%s", "validation": "%s", "target_field": "answer", "out": "%s", "steps": 6,
         "max_source": 32, "max_target": 32, "save_every": 2 %s}
        """
            .formatted(
                settings,
                folder.resolve("train.jsonl"),
                folder.resolve("validation.jsonl"),
                folder.resolve("out"),
                rest));
  }

  private int run(String... arguments) {
    var output = new StringWriter();
    var errors = new StringWriter();
    int code =
        Main.commands()
            .setOut(new PrintWriter(output))
            .setErr(new PrintWriter(errors))
            .execute(arguments);
    out = output.toString();
    err = errors.toString();
    return code;
  }
}
