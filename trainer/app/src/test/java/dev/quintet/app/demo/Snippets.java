package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Small sources for tests.
final class Snippets {
  private Snippets() {}

  static ParsedMethods parse(Path folder, String code) throws IOException {
    Path file = folder.resolve("Sample.java");
    Files.writeString(file, code);
    try (var tree = SourceTree.of(file)) {
      return MethodParser.parse(tree, 1);
    }
  }

  /// The only method in a class with this body.
  static MethodExample method(Path folder, String members) throws IOException {
    var methods = parse(folder, "package a.b;\nclass Sample {\n" + members + "\n}\n").methods();
    assertEquals(1, methods.size(), () -> "methods found: " + methods);
    return methods.getFirst();
  }

  /// As many classes of three methods each, in packages `p0` to `p2`; one method is the same in all.
  static List<MethodExample> corpus(int classes) {
    var methods = new ArrayList<MethodExample>();
    for (int i = 0; i < classes; i++) {
      String in = "p" + i % 3;
      String type = in + ".C" + i;
      String file = in + "/C" + i + ".java";
      methods.add(new MethodExample(file, 3, type, in, "getV" + i, "get v" + i, "int ( ) v" + i));
      methods.add(new MethodExample(file, 9, type, in, "close", "close", "void ( ) close it"));
      methods.add(new MethodExample(file, 12, type, in, "is", "is", "boolean ( ) " + i));
    }
    return methods;
  }
}
