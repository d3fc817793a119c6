package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.sentencepiece.SentencePieceTrainer;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizeCommandTest {
  private static final List<String> CORPUS =
      IntStream.range(0, 400).mapToObj(i -> "red green blue, line " + i + " of many\n").toList();

  @TempDir static Path models;

  @TempDir Path folder;

  private String out = "";
  private String err = "";

  @BeforeAll
  static void makeModels() throws IOException {
    ByteBpeTrainer.of(300).train(CORPUS).write(models.resolve("any.name"));
    SentencePieceModel pieces =
        SentencePieceTrainer.train(
            CORPUS.stream().map(String::strip).toList(),
            SentencePieceOptions.defaults().with("vocab_size", "60"));
    pieces.write(models.resolve("pieces.json"));
    Path both = Files.createDirectory(models.resolve("both"));
    pieces.write(both.resolve("spiece.model"));
    Files.copy(models.resolve("any.name"), both.resolve("tokenizer.json"));
  }

  private static String json(int[] ids) {
    return Arrays.toString(ids);
  }

  private static String plain(int[] ids) {
    return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }

  // ---- lengths ----

  @Test
  void theFilesLengthsActOnlyWhereTheyAreAskedFor() throws IOException {
    String file = Files.readString(models.resolve("any.name"));
    Files.writeString(
        models.resolve("cut.json"),
        "{\"truncation\": {\"max_length\": 3, \"strategy\": \"LongestFirst\", \"stride\": 0, \"direction\": \"Right\"}, "
            + "\"padding\": {\"strategy\": {\"Fixed\": 5}, \"direction\": \"Right\", \"pad_to_multiple_of\": null,"
            + " \"pad_id\": 0, \"pad_type_id\": 0, \"pad_token\": \"<pad>\"}, "
            + file.strip()
                .substring(1)
                .replaceFirst("\"(truncation|padding)\": null,", "")
                .replaceFirst("\"(truncation|padding)\": null,", ""));
    int[] ids = Tokenizer.load(models.resolve("any.name")).encodeToIds("red green blue", false);
    assertEquals(0, tokenize("red green blue\n", "cut.json"));
    assertEquals(plain(ids) + "\n", out);
    assertEquals(0, tokenize("red green blue\n", "cut.json", "--file-lengths"));
    assertEquals(plain(Arrays.copyOf(Arrays.copyOf(ids, 3), 5)) + "\n", out);
    assertEquals(0, tokenize("\"red\"\n", "cut.json", "--file-lengths", "--pieces", "--jsonl"));
    assertTrue(out.endsWith("\"<pad>\", \"<pad>\"]\n"), out);
  }

  // ---- lines ----

  @Test
  void aLineEndsAtALineFeedWithOrWithoutACarriageReturn() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(models.resolve("any.name"));
    assertEquals(0, tokenize("", "any.name"));
    assertEquals("", out);
    for (String text : List.of("red\n\ngreen\n", "red\n\ngreen", "red\r\n\r\ngreen\r\n")) {
      assertEquals(0, tokenize(text, "any.name"));
      assertEquals(
          plain(tokenizer.encodeToIds("red", false))
              + "\n\n"
              + plain(tokenizer.encodeToIds("green", false))
              + "\n",
          out);
    }
    String odd = "a\rb\u2028c\u0085d\f";
    assertEquals(0, tokenize(odd + "\n", "any.name"));
    assertEquals(plain(tokenizer.encodeToIds(odd, false)) + "\n", out);
  }

  @Test
  void manyLinesOfAllLengthsKeepTheirOrderWhateverTheThreads() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(models.resolve("any.name"));
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      lines.add(i % 500 == 7 ? "red ".repeat(40_000) : "line " + i + " of many");
    }
    String expected =
        lines.stream()
            .map(line -> plain(tokenizer.encodeToIds(line, false)) + "\n")
            .collect(Collectors.joining());
    for (String threads : List.of("1", "3")) {
      assertEquals(0, tokenize(String.join("\n", lines), "any.name", "--threads", threads));
      assertTrue(expected.equals(out));
    }
  }

  @Test
  void readsStandardInputAndSeveralFilesInTheirOrder() throws IOException {
    Path one = Files.writeString(folder.resolve("one"), "red");
    Path two = Files.writeString(folder.resolve("two"), "green");
    assertEquals(0, tokenize("red\ngreen\n", "any.name"));
    String expected = out;
    assertEquals(0, run("tokenize", models.resolve("any.name") + "", one + "", two + ""));
    assertEquals(expected, out);
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("green".getBytes(StandardCharsets.UTF_8)));
    try {
      assertEquals(0, run("tokenize", models.resolve("any.name") + "", one + "", "-"));
    } finally {
      System.setIn(before);
    }
    assertEquals(expected, out);
  }

  // ---- JSON lines ----

  @Test
  void jsonLinesGoThereAndBack() throws IOException {
    List<String> texts =
        List.of("red\ngreen\r\n", "", "\"\\\t\u0001", "\u2028\u0085 é 中 \uD83D\uDE00", "  red ");
    var in = new StringBuilder("\uFEFF");
    for (String text : texts) {
      in.append(JsonLine.of(text));
      in.append("\n\n"); // blank lines are passed over
    }
    Tokenizer tokenizer = Tokenizer.load(models.resolve("any.name"));
    assertEquals(0, tokenize(in.toString(), "any.name", "--jsonl"), err);
    assertEquals("blank lines passed over: 5", err.strip());
    assertEquals(
        texts.stream().map(text -> json(tokenizer.encodeToIds(text, false))).toList(),
        out.lines().toList());
    Path ids = Files.writeString(folder.resolve("ids"), out);
    assertEquals(
        0, run("detokenize", models.resolve("any.name") + "", "--jsonl", ids.toString()), err);
    List<String> lines = List.of(out.split("\n"));
    assertEquals(texts, lines.stream().map(JsonLine::string).toList());
    assertTrue(out.chars().noneMatch(c -> c == '\u2028' || c == '\u0085' || c == '\r'), out);
  }

  @Test
  void loneSurrogatesCountAsTheReplacementCharacter() throws IOException {
    assertEquals(0, tokenize("\"a\\ud800b\"\n\"a\\ufffdb\"\n", "any.name", "--jsonl"));
    List<String> lines = out.lines().toList();
    assertEquals(lines.get(1), lines.get(0));
  }

  @Test
  void piecesAndOffsetsInEveryUnit() throws IOException {
    String text = "red \uD83D\uDE00é red";
    Tokenizer tokenizer = Tokenizer.load(models.resolve("any.name"));
    int last = tokenizer.encode(text, false).size() - 1;
    for (String expected : List.of("chars 7 10", "bytes 11 14", "utf16 8 11")) {
      String[] unit = expected.split(" ");
      assertEquals(0, tokenize(text, "any.name", "--offsets", "--pieces", "--unit", unit[0]));
      assertTrue(out.endsWith("@" + unit[1] + "-" + unit[2] + "\n"), out);
      assertEquals(last + 1, out.split(" ").length);
      assertEquals(
          0, tokenize("\"" + text + "\"", "any.name", "--offsets", "--jsonl", "--unit", unit[0]));
      assertTrue(out.endsWith(", " + unit[1] + ", " + unit[2] + "]]\n"), out);
    }
    assertEquals(0, tokenize("\"red \"", "any.name", "--pieces", "--jsonl"));
    assertTrue(out.startsWith("[\"red\", \"Ġ\"]"), out);
  }

  @Test
  void anUnknownPieceOfSentencePieceIsTheTextThatIsUnknown() throws IOException {
    assertEquals(0, tokenize("red \u0416\u0416", "pieces.json", "--pieces"));
    assertTrue(out.endsWith(" \u0416\u0416\n"), out);
    assertEquals(0, tokenize("red \u0416\u0416", "pieces.json", "--pieces", "--offsets"));
    assertTrue(out.endsWith(" \u0416\u0416@4-6\n"), out);
  }

  // ---- models and special tokens ----

  @Test
  void modeChoosesWhatAFolderIs() throws IOException {
    assertEquals(0, tokenize("red green\n", "both"));
    String json = out;
    assertEquals(0, tokenize("red green\n", "any.name"));
    assertEquals(json, out);
    assertEquals(0, tokenize("red green\n", "both", "--mode", "sentencepiece"));
    String pieces = out;
    assertEquals(0, tokenize("red green\n", "pieces.json"));
    assertEquals(pieces, out);
    assertEquals(2, tokenize("", "both", "--mode", "other"));
    assertTrue(err.contains("--mode"), err);
  }

  @Test
  void specialTokensComeOnlyWhenAskedFor() throws IOException {
    assertEquals(0, tokenize("red\n", "any.name"));
    String ids = out.strip();
    assertEquals(0, tokenize("red\n", "any.name", "--special"));
    assertEquals(ids + " 1\n", out);
    Path in = Files.writeString(folder.resolve("ids"), out);
    assertEquals(0, run("detokenize", models.resolve("any.name") + "", in + ""));
    assertEquals("red\n", out);
    assertEquals(0, run("detokenize", models.resolve("any.name") + "", in + "", "--special"));
    assertEquals("red</s>\n", out);
  }

  @Test
  void plainTextOfIdsStaysOneLine() throws IOException {
    assertEquals(0, tokenize("\"red\\ngreen\\r\\n\"", "any.name", "--jsonl"));
    Path in = Files.writeString(folder.resolve("ids"), out.replaceAll("[\\[\\],]", "") + "\n");
    assertEquals(0, run("detokenize", models.resolve("any.name") + "", in + ""));
    assertEquals("red green  \n\n", out);
  }

  // ---- what is wrong ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokenize --jsonl   | \"a\";{\"b\": 1}  | line 2 | JSON string",
        "tokenize --jsonl   | \"a\";\"b         | line 2 | not JSON",
        "tokenize --jsonl   | \"a\";\"b\" \"c\" | line 2 | follows",
        "tokenize --jsonl   | \"a\";[1]         | line 2 | JSON string",
        "detokenize         | 1;x               | line 2 | \"x\"",
        "detokenize         | 1;;999            | line 3 | 999",
        "detokenize --jsonl | [1];[-1]          | line 2 | -1",
        "detokenize --jsonl | [1];[1.5]         | line 2 | ids",
        "detokenize --jsonl | [1];[[1]]         | line 2 | ids",
        "detokenize --jsonl | [1];[9999999999]  | line 2 | 9999999999",
        "detokenize --jsonl | [1];[1            | line 2 | not JSON",
        "detokenize --jsonl | [1];\"1\"         | line 2 | array"
      })
  void aWrongLineIsNamedAfterTheResultsOfThoseBefore(
      String command, String text, String place, String rule) throws IOException {
    Path in = Files.writeString(folder.resolve("in"), text.replace(';', '\n'));
    List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
    arguments.add(models.resolve("any.name").toString());
    arguments.add(in.toString());
    assertEquals(2, run(arguments.toArray(String[]::new)));
    assertEquals(place.equals("line 2") ? 1 : 2, out.lines().count(), out);
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains("in, " + place) && err.contains(rule), err);
  }

  @Test
  void bytesThatAreNotUtf8AreNamedByLineAndByte() throws IOException {
    Path in = folder.resolve("in");
    Files.write(in, "red \uFFFD\ngreen é\u00ff\n".getBytes(StandardCharsets.UTF_8));
    assertEquals(0, run("tokenize", models.resolve("any.name") + "", in + ""));
    Files.write(in, "red\ngr\u00e9en\n".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(2, run("tokenize", models.resolve("any.name") + "", in + ""));
    assertTrue(err.contains("line 2: byte 3 (e9) is not UTF-8"), err);
    assertEquals(1, out.lines().count());
    Files.write(in, new byte[] {'a', (byte) 0xE4, (byte) 0xB8});
    assertEquals(2, run("tokenize", models.resolve("any.name") + "", in + ""));
    assertTrue(err.contains("line 1: byte 2 (e4)"), err);
  }

  @Test
  void filesThatAreNotThereAreNamedBeforeAnythingIsWritten() throws IOException {
    Path in = Files.writeString(folder.resolve("in"), "red\n");
    String model = models.resolve("any.name").toString();
    assertEquals(2, run("tokenize", model, in + "", folder.resolve("none") + ""));
    assertTrue(out.isEmpty() && err.contains("none does not exist"), err);
    assertEquals(2, run("tokenize", model, folder.toString()));
    assertTrue(err.contains("folder"), err);
    assertEquals(2, run("tokenize", folder.resolve("none").toString(), in + ""));
    assertTrue(err.contains("there is no file or folder " + folder.resolve("none")), err);
    assertEquals(2, run("tokenize", model, in + "", "--threads", "0"));
    assertTrue(err.contains("--threads"), err);
  }

  @Test
  void aReaderThatLeavesIsNoFailureButAFullDiskIs() throws IOException {
    Path in = Files.writeString(folder.resolve("in"), "red green\n".repeat(100_000));
    for (String reason : List.of("Broken pipe", "No space left on device")) {
      ResultWriter results =
          ResultWriter.to(
              new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                  throw new IOException(reason);
                }
              });
      int code =
          Main.commands()
              .setOut(results)
              .execute("tokenize", models.resolve("any.name").toString(), in.toString());
      assertEquals(0, code);
      assertEquals(reason.startsWith("No"), results.failure().isPresent());
    }
  }

  /// `tokenize` of a text in a file, with one of the models.
  private int tokenize(String text, String model, String... options) throws IOException {
    Path in = Files.writeString(folder.resolve("in"), text);
    List<String> arguments = new ArrayList<>(List.of("tokenize", models.resolve(model).toString()));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--input", in.toString()));
    return run(arguments.toArray(String[]::new));
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
