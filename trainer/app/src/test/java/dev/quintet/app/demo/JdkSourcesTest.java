package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class JdkSourcesTest {
  @Test
  void javaLangParsesWholly() throws IOException {
    var jdk = SourceTree.jdk();
    Assumptions.assumeTrue(
        jdk.isPresent(), () -> "no lib/src.zip in " + System.getProperty("java.home"));
    try (var tree = jdk.get()) {
      assertTrue(tree.paths().stream().noneMatch(path -> path.contains("/resources/")));
      assertTrue(tree.paths().stream().noneMatch(path -> path.startsWith("jdk.incubator.vector")));
      var lang =
          tree.paths().stream().filter(path -> path.matches("java.base/java/lang/[^/]+")).toList();
      try (var parser = new BatchParser(tree)) {
        var parsed = parser.parse(lang);
        assertEquals(0, parsed.filesPassedOver(), () -> parsed.problems().toString());
        assertTrue(parsed.methods().size() > 2_000, () -> parsed.methods().size() + " methods");
        var isEmpty =
            parsed.methods().stream()
                .filter(m -> m.topLevelClass().equals("java.lang.String"))
                .filter(m -> m.name().equals("isEmpty"))
                .map(MethodExample::source)
                .toList();
        assertEquals(List.of("boolean ( ) return value . length == 0"), isEmpty);
      }
    }
  }
}
