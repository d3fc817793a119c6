package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.TinyText;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.Trainer;
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

class GenerateCommandTest {
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

  private int generate(String... args) {
    var results = new StringWriter();
    var messages = new StringWriter();
    String[] all = new String[args.length + 3];
    all[0] = "generate";
    all[1] = "--model";
    all[2] = model.toString();
    System.arraycopy(args, 0, all, 3, args.length);
    int code =
        Main.commands()
            .setOut(new PrintWriter(results, true))
            .setErr(new PrintWriter(messages, true))
            .execute(all);
    out = results.toString();
    err = messages.toString();
    return code;
  }

  private String input(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("prompts"), bytes).toString();
  }

  @Test
  void aMarkAtTheStartOfPromptsIsNoPartOfThem() throws IOException {
    byte[] marked = "\uFEFFred\r\ngreen\rblue\n\nend".getBytes(StandardCharsets.UTF_8);
    assertEquals(0, generate("--details", "--input", input(marked)), err);
    List<String> lines = out.lines().toList();
    assertEquals(5, lines.size());
    for (int i = 0; i < lines.size(); i++) {
      String prompt = List.of("red", "green", "blue", "", "end").get(i);
      assertTrue(lines.get(i).startsWith("{\"prompt\": \"" + prompt + "\", "), lines.get(i));
    }
    byte[] json = "\uFEFF\"red\"\n\n \n".getBytes(StandardCharsets.UTF_8);
    assertEquals(0, generate("--jsonl", "--input", input(json)), err);
    assertEquals(1, out.lines().count());
    assertTrue(err.contains("generate: blank lines passed over: 2"), err);
  }

  @Test
  void whatIsNotUtf8IsRefusedWithItsPlace() throws IOException {
    byte[] latin1 = "red\ncaf\u00E9!\n".getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(2, generate("--input", input(latin1)));
    assertTrue(err.contains("prompts, line 2: byte 4 (e9) is not UTF-8; expected UTF-8 text"), err);
    assertEquals(2, generate("--input", input("a\u00E9".getBytes(StandardCharsets.ISO_8859_1))));
    assertTrue(err.contains("line 1: byte 2"), err);
  }

  @Test
  void howManyAnswersEndedAtTheLimitIsSaid() {
    assertEquals(0, generate("--max-new-tokens", "2", "--suppress-tokens", "1", "red", "green"));
    assertTrue(
        err.contains(
            "generate: 2 of 2 answers ended at the limit of 2 tokens, which --max-new-tokens"),
        err);
    assertEquals(0, generate("--max-new-tokens", "2", "--forced-eos-token-id", "1", "red"));
    assertEquals("", err);
  }

  @Test
  void absurdOptionsAreBadInput() {
    for (String[] flags :
        List.of(
            new String[] {"--num-beams", "100000"},
            new String[] {"--decoder-start-token-id", "512"},
            new String[] {"--pad-token-id", "-1"},
            new String[] {"--do-sample", "--num-return-sequences", "2147483647"},
            new String[] {"--length-penalty", "NaN", "--num-beams", "2"})) {
      String[] all = java.util.Arrays.copyOf(flags, flags.length + 1);
      all[flags.length] = "red";
      assertEquals(2, generate(all), String.join(" ", flags));
      assertEquals(1, err.lines().count(), err);
    }
  }

  @Test
  void aTrainedModelAnswersAsLongAsItsTargetsMayBe() {
    var pairs = Pairs.of(List.of(new TextPair("red", "green"), new TextPair("blue", "red")));
    try (TextToText text = TinyText.model(0, 1)) {
      var _ =
          Trainer.of(text)
              .data(pairs, Pairs.of(List.of()))
              .maxLengths(16, 48)
              .steps(1)
              .run(folder.resolve("out"));
    }
    try (TextToText text = TextToText.load(folder.resolve("out/best"))) {
      assertEquals(49, text.generation().maxLength(1));
    }
  }
}
