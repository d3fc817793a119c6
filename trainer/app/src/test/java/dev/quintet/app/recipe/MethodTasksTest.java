package dev.quintet.app.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.demo.MethodParser;
import dev.quintet.app.demo.MethodSplit;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodTasksTest {
  @TempDir Path folder;

  private MethodSplit split() throws IOException {
    Path sources = Files.createDirectory(folder.resolve("sources"));
    for (int i = 0; i < 30; i++) {
      Files.writeString(
          sources.resolve("C%d.java".formatted(i)),
          """
          package p%2$d.q;
          class C%1$d {
            /** Gives back the %1$d of all things. More follows. */
            int get%1$d(int a) { return a + %1$d; }
            void read%1$d(String b) throws java.io.IOException, Error { read(b, %1$d); }
            boolean is%1$d() { return x == %1$d; }
          }
          """
              .formatted(i, i % 3));
    }
    try (SourceTree tree = SourceTree.of(sources)) {
      return MethodSplit.ofDemo(MethodParser.parse(tree, 1).methods());
    }
  }

  private List<JsonObject> rows(MethodTasks task, String part) throws IOException {
    return Files.readAllLines(task.file(folder.resolve("rows"), part)).stream()
        .map(line -> JsonObject.parse("a row", line))
        .toList();
  }

  @Test
  void tasksAskOfTheSameMethodsInPartsWithoutACommonClass() throws IOException {
    MethodSplit split = split();
    var sizes = new MethodTasks.Sizes(20, 4, 4);
    MethodTasks.write(folder.resolve("rows"), sizes, () -> split);
    var learned = new HashSet<String>();
    for (MethodTasks task : MethodTasks.values()) {
      assertEquals(20, rows(task, "train").size());
      for (JsonObject row : rows(task, "train")) {
        learned.add(row.string("class").orElseThrow());
      }
    }
    for (MethodTasks task : MethodTasks.values()) {
      for (String part : List.of("validation", "test")) {
        for (JsonObject row : rows(task, part)) {
          assertTrue(!learned.contains(row.string("class").orElseThrow()), row.toString());
        }
      }
    }
    JsonObject summary = rows(MethodTasks.SUMMARY, "train").getFirst();
    assertTrue(
        summary.string("summary").orElseThrow().matches("Gives back the \\d+ of all things\\.?"),
        summary.toString());
    var kinds = new HashSet<String>();
    for (JsonObject row : rows(MethodTasks.RETURNS, "train")) {
      kinds.add(row.string("kind").orElseThrow());
      assertTrue(row.string("code").orElseThrow().startsWith("("), "the type is not told");
    }
    assertEquals(new HashSet<>(List.of("number", "void", "boolean")), kinds);
  }

  @Test
  void asManyMethodsDeclareAnExceptionAsDoNot() throws IOException {
    MethodSplit split = split();
    MethodTasks.write(folder.resolve("rows"), new MethodTasks.Sizes(16, 2, 2), () -> split);
    List<JsonObject> rows = rows(MethodTasks.EXCEPTIONS, "train");
    assertEquals(
        8, rows.stream().filter(row -> row.string("exception").orElse("").equals("none")).count());
    for (JsonObject row : rows) {
      boolean reads = row.string("code").orElseThrow().contains("string b");
      assertEquals(reads ? "declared" : "none", row.string("exception").orElseThrow());
    }
  }

  @Test
  void rowsThatAreThereStayAndOthersAreNotOverwritten() throws IOException {
    MethodSplit split = split();
    var sizes = new MethodTasks.Sizes(16, 2, 2);
    Path rows = folder.resolve("rows");
    MethodTasks.write(rows, sizes, () -> split);
    MethodTasks.write(
        rows,
        sizes,
        () -> {
          throw new AssertionError("made again");
        });
    assertThrows(
        IllegalArgumentException.class,
        () -> MethodTasks.write(rows, new MethodTasks.Sizes(17, 2, 2), () -> split));
    Path other = Files.createDirectory(folder.resolve("other"));
    assertThrows(
        IllegalArgumentException.class, () -> MethodTasks.write(other, sizes, () -> split));
  }
}
