package dev.quintet.app.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.augment.Augmenter.Outcome;
import dev.quintet.trainer.augment.Draw;
import dev.quintet.trainer.augment.NewNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaNamesTest {
  private static final String CODE =
      """
      public <T> int size(List<T> items, int[] counts) { // items
        int total = 0, other = Math.max(items.size(), total(counts));
        this.items = items;
        for (T item : items) {
          total += item instanceof String text && !text.isEmpty() ? text.length() : "items".length();
        }
        Runnable run = () -> { int n = total; System.out.println(n + other); };
        try (var in = open(hidden)) { in.read(); } catch (IOException | RuntimeException e) { throw e; }
        limit: for (int i = 0; ; i++) { int hidden = i; if (hidden > limit) break limit; }
        return items.stream().mapToInt((x) -> x.hashCode()).map(Foo::bar).sum();
      }
      """;

  private final JavaNames java = new JavaNames();

  @Test
  void namesOfLocalsChangeWhereverTheyStandAndNothingElse() {
    // hidden is a field's too: where it is opened no local of that name is declared
    assertEquals(
        List.of(
            "items", "counts", "total", "other", "item", "text", "run", "n", "in", "e", "i", "x"),
        java.names(CODE).orElseThrow().locals());
    String other =
        java.renamed(CODE, Map.of("items", "rows", "total", "sum", "text", "s", "x", "y"))
            .orElseThrow();
    String expected =
        CODE.replace("List<T> items", "List<T> rows")
            .replace("items.size()", "rows.size()")
            .replace("= items;", "= rows;")
            .replace(": items)", ": rows)")
            .replace("items.stream", "rows.stream")
            .replace("int total =", "int sum =")
            .replace("  total +=", "  sum +=")
            .replace("n = total;", "n = sum;")
            .replace("String text && !text.isEmpty() ? text.l", "String s && !s.isEmpty() ? s.l")
            .replace("(x) -> x.", "(y) -> y.");
    assertEquals(expected, other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "int broken( { return 1; }",
        "just some words",
        "",
        "int f(int a) { return a + ; }"
      })
  void whatDoesNotParseHasNoNames(String code) {
    assertTrue(java.names(code).isEmpty());
    assertEquals(Optional.empty(), java.renamed(code, Map.of("a", "b")));
  }

  @Test
  void aNameThatWouldChangeTheMeaningIsRefused() {
    String code = "int f(int a) { int b = a; return b; }";
    assertEquals(
        Optional.of("int f(int c) { int b = c; return b; }"), java.renamed(code, Map.of("a", "c")));
    assertEquals(Optional.empty(), java.renamed(code, Map.of("a", "class")));
    assertEquals(Optional.empty(), java.renamed(code, Map.of("a", "c, int d")));
  }

  @Test
  void newNamesAreDrawnFromTheCodeToTrainOnAndAreFree() {
    String other = "void g(int first, int f, int value) { int rest = first; use(rest, size); }";
    var names = new NewNames(java);
    names.see(CODE);
    names.see(other);
    for (int copy = 0; copy < 20; copy++) {
      var made = (Outcome.Made) names.change(other, new Draw(1, 0, 2, copy));
      assertEquals(made, names.change(other, new Draw(1, 0, 2, copy)));
      List<String> now = java.names(made.text()).orElseThrow().locals();
      assertEquals(4, now.size());
      assertTrue(java.names(CODE).orElseThrow().locals().containsAll(now), made.text());
      assertTrue(made.text().startsWith("void g(int ") && made.text().endsWith(", size); }"));
      assertFalse(made.text().contains("first"));
    }
    assertTrue(
        names.change("int one() { return 1; }", new Draw(1, 0, 2, 0)) instanceof Outcome.Cancelled);
  }
}
