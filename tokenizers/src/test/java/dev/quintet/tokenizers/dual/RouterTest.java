package dev.quintet.tokenizers.dual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {

  /// What is code stands in brackets.
  private static void check(Router router, String marked) {
    StringBuilder expected = new StringBuilder();
    String text = marked.replace("[", "").replace("]", "");
    CodeSpans spans = router.route(text);
    int at = 0;
    for (int i = 0; i < spans.size(); i++) {
      expected.append(text, at, spans.start(i)).append('[');
      expected.append(text, spans.start(i), spans.end(i)).append(']');
      at = spans.end(i);
    }
    assertEquals(marked, expected.append(text.substring(at)).toString());
  }

  @Test
  void findsFencedBlocks() {
    Router fences = Router.fences();
    check(fences, "");
    check(fences, "no fence");
    check(fences, "a\n```java\n[int i;\n]```\nb");
    check(fences, "a\r\n```\r\n[int i;\r\n]```\r\nb");
    check(fences, "a\r~~~\r[int i;\r]~~~\rb");
    check(fences, "```\n```\nnothing");
    check(fences, "```\n[\n]```");
    check(fences, "- item\n    ```\n[    x\n]    ```\n");
    check(fences, "``` js\n[x\n]```  \t\ny");
  }

  @Test
  void closesAFenceOnlyByOneLikeIt() {
    Router fences = Router.fences();
    check(fences, "````\n[```\ninner\n```\n]````\nb");
    check(fences, "~~~\n[```\n]~~~\n```\n[~~~\n]```");
    check(fences, "```\n[``` not a close\n]`````\n");
    check(fences, "```\n[never closed\n``\n]");
    check(fences, "```");
    check(fences, "``\nno\n``");
    check(fences, "``` a`b ```\nno");
    check(fences, "~~~ a`b\n[yes]");
  }

  @Test
  void findsWhatStandsBetweenMarkers() {
    Router markers = Router.markers("<code>", "</code>");
    check(markers, "a <code>[b]</code> c <code></code><code>[d]</code>");
    check(markers, "<code>[a <code> b]</code> c</code>");
    check(markers, "</code><code>[open]");
    check(Router.markers("$", "$"), "a $[b]$ c $[d]$");
    assertThrows(IllegalArgumentException.class, () -> Router.markers("", "x"));
  }

  @Test
  void asksAClassifierLineByLine() {
    check(Router.lines(line -> line.endsWith(";")), "so:\n[a;\r\nb;\r]c\n[d;]");
  }

  @ParameterizedTest
  @CsvSource({
    "A.java,[]",
    "src/b.PY,[]",
    "Makefile,[]",
    "notes.txt,",
    "README,",
    "java,",
    "a.md,```",
    "x.,"
  })
  void decidesByAFilesType(String name, String kind) {
    Router router = Router.ofFile(Path.of(name));
    check(router, "[]".equals(kind) ? "[x]" : "x");
    check(router, "```".equals(kind) ? "```\n[x]" : "[]".equals(kind) ? "[```\nx]" : "```\nx");
  }

  @Test
  void joinsSpansThatTouchAndRefusesThoseThatFall() {
    assertEquals(CodeSpans.of(1, 5), CodeSpans.of(0, 0, 1, 3, 3, 5, 7, 7));
    assertThrows(IllegalArgumentException.class, () -> CodeSpans.of(1));
    assertThrows(IllegalArgumentException.class, () -> CodeSpans.of(3, 2));
    assertThrows(IllegalArgumentException.class, () -> CodeSpans.of(0, 3, 2, 4));
    assertThrows(IllegalArgumentException.class, () -> CodeSpans.of(-1, 3));
  }

  @Test
  void staysWithinTheText() {
    SplittableRandom random = new SplittableRandom(5);
    String[] parts = {
      "```", "~~~", "`", "\n", "\r", "\r\n", " ", "x", "````", "java", "<c>", "</c>"
    };
    for (int n = 0; n < 5000; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      for (Router router : new Router[] {Router.fences(), Router.markers("<c>", "</c>")}) {
        CodeSpans spans = router.route(text.toString());
        if (spans.size() > 0) {
          assertEquals(true, spans.end(spans.size() - 1) <= text.length());
        }
      }
    }
  }
}
