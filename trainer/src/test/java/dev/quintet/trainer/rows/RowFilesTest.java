package dev.quintet.trainer.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.random.Philox;
import dev.quintet.trainer.data.MalformedDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowFilesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a.jsonl | {\"a\": {\"b\": \"x\"}} | line 1: field \"a\" is an object; expected a string (\"a.KEY\" is what it has",
        "a.jsonl | {\"a\": [\"x\"]} | line 1: field \"a\" is an array; expected a string (the key \"lists\": true",
        "a.jsonl | ~~{\"b\": \"x\"} | line 3: has no field \"a\"; its fields are [b]",
        "a.json | {\"rows\": []} | line 1: expected an array of objects, got an object (an array below a key",
        "a.json | [{\"a\": \"x\"},~{\"a\": \"y\"},~{\"a\": 3}] | line 3: field \"a\" is a number",
        "a.json | [{\"a\": \"x\"},~\"y\"] | line 2: expected an array of objects, and one of its items is a string",
        "a.json | [{\"a\": \"x\"}]~[] | line 2: something follows the JSON",
        "a.json | [{\"a\": \"x\"}~{\"a\": \"y\"}] | line 2: not JSON",
        "a.json | [{\"a\": \"x\"},~{\"a\": \"y | line 2: not JSON",
        "a.csv | b;a~1;2 | line 1: has no column \"a\"; its columns are [b;a]; if fields are parted by another",
        "a.csv | a,b~1,\"x~y\",2~ | line 2: has 3 fields; expected the 2 of the header",
        "a.csv | a~x~\"y | line 3: the quote that opens here is never closed",
        "a.tsv | a\tb~x | line 2: has 1 fields; expected the 2 of the header",
        "a.txt.gz | a | line 1: the file is no gzip",
        "a.txt | x | line 1: a text has one column, \"text\", and none named \"a\""
      })
  void aFileThatBreaksTheRulesIsRefusedWithItsLine(String name, String text, String message)
      throws IOException {
    Path file = write(name, text.replace('~', '\n').replace("\\t", "\t"));
    RowFiles files = RowFiles.of(file.toString()).columns("a");
    var e = assertThrows(MalformedDataException.class, files::all);
    assertTrue(e.getMessage().startsWith(file + ", " + message), e.getMessage());
  }

  @Test
  void pathsGoDownObjectsAndIntoLists() throws IOException {
    Path file =
        write(
            "a.jsonl",
            "{\"answers\": {\"text\": [\"x\", \"y\"], \"start\": [1, 2]}, \"p\": [{\"t\": \"z\"}], \"a.b\": \"c\"}");
    RowFiles files =
        RowFiles.of(List.of(file.toString()), RowFormat.DEFAULT.withLists(true).withScalars(true));
    Row row =
        files
            .columns("answers.text", "answers.text[1]", "answers.start[0]", "p[0].t", "a.b")
            .all()
            .getFirst();
    assertEquals(List.of("x", "y"), row.values("answers.text"));
    assertEquals("y", row.text("answers.text[1]"));
    assertEquals("x, y", row.text("answers.text"));
    assertEquals("z", row.text("p[0].t"));
    assertEquals("c", row.text("a.b"));
    var e =
        assertThrows(MalformedDataException.class, () -> files.columns("answers.text[2]").all());
    assertTrue(e.getMessage().contains("has no field \"answers.text[2]\""), e.getMessage());
    e = assertThrows(MalformedDataException.class, () -> files.columns("p.t").all());
    assertTrue(e.getMessage().contains("\"p[0]\" is the first of its items"), e.getMessage());
  }

  @Test
  void foldersAndPatternsComeInTheOrderOfTheirNames() throws IOException {
    Files.createDirectories(folder.resolve("d/e"));
    for (String name : List.of("d/b.txt", "d/a.txt", "d/e/c.txt", "d/.hidden.txt", "d/x.png")) {
      write(name, name);
    }
    assertEquals(List.of("d/a.txt", "d/b.txt", "d/e/c.txt"), texts(folder + "/d"));
    assertEquals(List.of("d/a.txt", "d/b.txt"), texts(folder + "/d/*.txt"));
    assertEquals(List.of("d/a.txt", "d/b.txt", "d/e/c.txt"), texts(folder + "/d/**/*.txt"));
    assertEquals(List.of("d/b.txt", "d/a.txt"), texts(folder + "/d/b.txt", folder + "/d/[ab].txt"));
    assertThrows(IllegalArgumentException.class, () -> texts(folder + "/d/*.csv"));
    var missing =
        assertThrows(java.io.UncheckedIOException.class, () -> texts(folder + "/none.txt"));
    assertTrue(missing.getCause() instanceof NoSuchFileException);
    var e = assertThrows(IllegalArgumentException.class, () -> texts(folder + "/d/x.png"));
    assertTrue(e.getMessage().contains("the key \"format\""), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "utf-16, UTF-16LE, true",
    "utf-16, UTF-16BE, true",
    "iso-8859-1, ISO-8859-1, false",
    "windows-1252, windows-1252, false"
  })
  void otherEncodingsAreReadWhenTheyAreNamed(String key, String charset, boolean mark)
      throws IOException {
    Path file = folder.resolve("a.csv");
    Files.write(file, ((mark ? "\uFEFF" : "") + "a\né\n").getBytes(Charset.forName(charset)));
    RowFiles files = RowFiles.of(file.toString()).columns("a");
    var e = assertThrows(MalformedDataException.class, files::all);
    assertTrue(
        e.getMessage().contains(mark ? "line 1: the file is UTF-16" : "line 2: byte e9 after 0"),
        e.getMessage());
    RowFormat named = RowFormat.DEFAULT.withEncoding(Charset.forName(key));
    assertEquals("é", files.format(named).all().getFirst().text("a"));
  }

  @Test
  void badRowsArePassedOverAndCountedWhereThatIsAskedFor() throws IOException {
    var out = new ByteArrayOutputStream();
    for (int i = 1; i <= 300; i++) {
      out.write((i % 100 == 0 ? "1,\"x\"y\n" : "1,x\n").getBytes(StandardCharsets.UTF_8));
    }
    out.write(new byte[] {'1', ',', (byte) 0xFF, '\n', '2', ',', 'y', '\n'});
    Path file = folder.resolve("a.csv");
    Files.write(file, out.toByteArray());
    RowFiles files =
        RowFiles.of(List.of(file.toString()), RowFormat.DEFAULT.withHeader(List.of("a", "b")));
    try (RowReader reader = files.skipBad(0.02).reader()) {
      var last = reader.next();
      for (var row = last; row.isPresent(); row = reader.next()) {
        last = row;
      }
      assertEquals(298, reader.rows());
      assertEquals(4, reader.bad());
      assertEquals("y", last.orElseThrow().text("b"));
      assertTrue(reader.badRows().get(3).contains("line 301: byte ff"), reader.badRows().get(3));
    }
    var e = assertThrows(MalformedDataException.class, () -> files.skipBad(0.01).all());
    assertTrue(e.getMessage().contains("4 of 302 rows break the rules"), e.getMessage());
    Path open = write("b.csv", "a,b\n1,\"x\n2,y\n");
    assertThrows(MalformedDataException.class, () -> RowFiles.of(open.toString()).skipBad(1).all());
  }

  @Test
  void aBadItemOfAnArrayCanBePassedOverAndBrokenJsonCannot() throws IOException {
    Path file = write("a.json", "[{\"a\": \"x\"}, {\"a\": {\"b\": [1]}}, 7, {\"a\": \"y\"}]");
    RowFiles files = RowFiles.of(file.toString()).columns("a").skipBad(0.5);
    assertEquals(List.of("x", "y"), files.all().stream().map(row -> row.text("a")).toList());
    Path broken = write("b.json", "[{\"a\": \"x\"}, {\"a\": \"y\" \"b\"}]");
    assertThrows(
        MalformedDataException.class,
        () -> RowFiles.of(broken.toString()).columns("a").skipBad(1).all());
  }

  @Test
  void itemsOfAnArrayOnOneLineHaveDifferentPlaces() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("rows.json"),
            "[{\"a\": \"x\"}, {\"a\": \"y\"}, {\"a\": \"z\"},\n{\"a\": \"u\"}, {\"a\": \"v\"}]");
    assertEquals(
        Stream.of("1", "1#2", "1#3", "2", "2#2").map(place -> file + ":" + place).toList(),
        RowFiles.of(file.toString()).all().stream().map(Row::place).toList());
  }

  @Test
  void gzipIsReadToItsLastByteAndNotBeyond() throws IOException {
    byte[] one = zipped("{\"a\": \"1\"}\n");
    byte[] two = zipped("{\"a\": \"2\"}\n");
    Path file = folder.resolve("a.jsonl.gz");
    byte[] both = Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    Files.write(file, both);
    RowFiles files = RowFiles.of(file.toString()).columns("a");
    assertEquals(2, files.all().size());
    for (int length = 3; length < both.length; length++) {
      if (length != one.length) {
        Files.write(file, Arrays.copyOf(both, length));
        assertThrows(MalformedDataException.class, files::all, "cut to " + length);
      }
    }
    both[one.length - 5]++;
    Files.write(file, both);
    assertThrows(MalformedDataException.class, files::all, "checksum");
    try (RowReader reader = RowFiles.of(write("b.txt", "x\n").toString()).reader()) {
      while (reader.next().isPresent()) {
        // to the end
      }
      assertEquals(
          "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac",
          reader.sources().getFirst().sha256());
    }
  }

  @Test
  void whatIsWrittenAsCsvOrJsonComesBack() throws IOException {
    String[] pieces = {"\"", ",", "\n", "\r\n", "x", "é", "😀", "\u2028", "\u0085", " ", "\u0000"};
    var random = Philox.of(11, 3);
    for (int round = 0; round < 200; round++) {
      var csv = new StringBuilder("a,b\r\n");
      var expected = new ArrayList<List<String>>();
      for (int r = 0; r < 5; r++) {
        var fields = new ArrayList<String>();
        for (int f = 0; f < 2; f++) {
          var field = new StringBuilder();
          for (int n = random.nextInt(6); n > 0; n--) {
            field.append(pieces[random.nextInt(pieces.length)]);
          }
          fields.add(field.toString());
          csv.append(f == 0 ? "" : ",")
              .append('"')
              .append(field.toString().replace("\"", "\"\""))
              .append('"');
        }
        csv.append(random.nextInt(2) == 0 ? "\n" : "\r\n");
        expected.add(fields);
      }
      Path file = write("f.csv", csv.toString());
      assertEquals(
          expected,
          RowFiles.of(file.toString()).all().stream()
              .map(row -> List.of(row.text("a"), row.text("b")))
              .toList(),
          "round " + round);
    }
  }

  @Test
  void damagedFilesAreReadOrRefusedAndNothingElse() throws IOException {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("f.jsonl", "{\"a\": \"x\\u00e9\"}\n{\"a\": \"é😀\", \"b\": [1, {\"c\": null}]}\n");
    good.put("f.json", "[{\"a\": \"x\"}, {\"a\": \"é\", \"b\": 1e3}]");
    good.put("f.csv", "a,b\n\"x\ny\",é\r\n1,\"2\"\"\"\n");
    good.put("f.tsv", "a\tb\nx\ty\n");
    good.put("f.txt", "x\ny\n\nz");
    var random = Philox.of(5, 1);
    int refused = 0;
    for (var entry : good.entrySet()) {
      byte[] whole = entry.getValue().getBytes(StandardCharsets.UTF_8);
      Path file = folder.resolve(entry.getKey());
      for (int round = 0; round < 300; round++) {
        byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length) + 1);
        for (int n = random.nextInt(3); n > 0; n--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        Files.write(file, bytes);
        for (RowFiles files :
            List.of(RowFiles.of(file.toString()), RowFiles.of(file.toString()).skipBad(1))) {
          try {
            files.all();
          } catch (MalformedDataException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            refused++;
          }
        }
      }
    }
    assertTrue(refused > 300, "refused " + refused);
  }

  private List<String> texts(String... names) {
    return RowFiles.of(names).all().stream().map(row -> row.text("text")).toList();
  }

  private static byte[] zipped(String text) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
