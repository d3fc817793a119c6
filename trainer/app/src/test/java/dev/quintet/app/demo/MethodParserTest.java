package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodParserTest {
  @TempDir Path folder;

  private List<String> names(String code) throws IOException {
    return Snippets.parse(folder, code).methods().stream().map(MethodExample::name).toList();
  }

  @Test
  void knowsWhereAMethodStands() throws IOException {
    MethodExample method =
        Snippets.method(folder, "\n  class Inner {\n    int parseXMLFile() { return 1; } }");
    assertEquals("Sample.java", method.file());
    assertEquals(5, method.line());
    assertEquals("a.b.Sample", method.topLevelClass());
    assertEquals("Sample", method.className());
    assertEquals("a.b", method.packageName());
    assertEquals("parseXMLFile", method.name());
    assertEquals(List.of("parse", "xml", "file"), method.nameWords());
  }

  @Test
  void leavesOutConstructorsAbstractAndEmptyMethods() throws IOException {
    assertEquals(
        List.of("kept"),
        names(
            "abstract class A { A() { x(); } abstract void a(); void b() {} native void c();"
                + " void kept() { x(); } static { y(); } } record R(int i) { R { x(); } }"));
  }

  @Test
  void leavesOutLongMethodsAndCountsNestedStatements() throws IOException {
    String sixty = "if (a) { " + "x(); ".repeat(59) + "}";
    var parsed =
        Snippets.parse(
            folder,
            "class A { void sixty() { " + sixty + " } void more() { " + sixty + " y(); } }");
    assertEquals(List.of("sixty"), parsed.methods().stream().map(MethodExample::name).toList());
    assertEquals(2, parsed.methodsWithBody());
  }

  @Test
  void leavesOutLongNamesAndDollars() throws IOException {
    assertEquals(
        List.of("oneTwoThreeFourFiveSixSevenEight"),
        names(
            "class A { void oneTwoThreeFourFiveSixSevenEight() { x(); }"
                + " void oneTwoThreeFourFiveSixSevenEightNine() { x(); }"
                + " void a$b() { x(); } void __() { x(); } }"));
  }

  @Test
  void findsMethodsOfNestedAnonymousAndLocalTypes() throws IOException {
    assertEquals(
        List.of("outer", "run", "local", "ofEnum", "ofInterface"),
        names(
            "class A { void outer() { new Runnable() { public void run() { x(); } };"
                + " class L { void local() { x(); } } } }\n"
                + "enum E { P; int ofEnum() { return 1; } }\n"
                + "interface I { default int ofInterface() { return 1; } }"));
  }

  @Test
  void eachTopLevelTypeOfAFileIsAClassOfItsOwn() throws IOException {
    var classes =
        Snippets.parse(folder, "class A { void a() { x(); } } class B { void b() { x(); } }")
            .methods()
            .stream()
            .map(MethodExample::topLevelClass)
            .toList();
    assertEquals(List.of("A", "B"), classes);
  }

  @Test
  void aFileOfMethodsAloneIsNamedAfterTheFile() throws IOException {
    var methods = Snippets.parse(folder, "void main() { IO.println(\"x\"); }").methods();
    assertEquals("Sample", methods.getFirst().topLevelClass());
  }

  @Test
  void passesOverFilesThatDoNotParse() throws IOException {
    Files.writeString(folder.resolve("A.java"), "class A { void a() { x(); } }");
    Files.writeString(folder.resolve("B.java"), "class B { void b( { x(; } ");
    Files.write(folder.resolve("C.java"), new byte[] {0, (byte) 0xFF, 7, '{', '"'});
    Files.writeString(folder.resolve("D.java"), "class D { int d = " + "(".repeat(200_000));
    Files.writeString(folder.resolve("E.java"), "class E { void e() { x(); } }");
    try (var tree = SourceTree.of(folder)) {
      var parsed = MethodParser.parse(tree, 2);
      assertEquals(List.of("a", "e"), parsed.methods().stream().map(MethodExample::name).toList());
      assertEquals(2, parsed.files());
      assertEquals(3, parsed.filesPassedOver());
      assertEquals(3, parsed.problems().size());
      assertTrue(parsed.problems().stream().anyMatch(problem -> problem.startsWith("B.java:1: ")));
    }
  }

  @Test
  void theNumberOfThreadsChangesNothing() throws IOException {
    for (int i = 0; i < 150; i++) {
      String code = "package p; class C%d { int m%d() { return %d; } }".formatted(i, i, i);
      Files.writeString(folder.resolve("C" + i + ".java"), i % 40 == 7 ? code + "}" : code);
    }
    try (var tree = SourceTree.of(folder)) {
      ParsedMethods one = MethodParser.parse(tree, 1);
      assertEquals(146, one.methods().size());
      assertEquals(4, one.filesPassedOver());
      assertEquals(one, MethodParser.parse(tree, 2));
      assertEquals(one, MethodParser.parse(tree, 5));
    }
  }

  @Test
  void reportsProgressUpToTheLastFile() throws IOException {
    for (int i = 0; i < 70; i++) {
      Files.writeString(folder.resolve("C" + i + ".java"), "class C" + i + " {}");
    }
    var seen = new ArrayList<Integer>();
    try (var tree = SourceTree.of(folder)) {
      MethodParser.parse(tree, 2, (files, total) -> seen.add(files));
    }
    assertEquals(seen.stream().sorted().toList(), seen);
    assertEquals(70, seen.getLast());
  }

  @Test
  void anExceptionOfTheListenerReachesTheCaller() throws IOException {
    Files.writeString(folder.resolve("A.java"), "class A {}");
    try (var tree = SourceTree.of(folder)) {
      var thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  MethodParser.parse(
                      tree,
                      2,
                      (files, total) -> {
                        throw new UnsupportedOperationException("stop");
                      }));
      assertEquals("stop", thrown.getCause().getMessage());
    }
  }

  @Test
  void refusesNoThreads() throws IOException {
    try (var tree = SourceTree.of(folder)) {
      assertThrows(IllegalArgumentException.class, () -> MethodParser.parse(tree, 0));
    }
  }
}
