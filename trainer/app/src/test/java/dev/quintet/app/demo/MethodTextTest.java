package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodTextTest {
  @TempDir Path folder;

  private String source(String method) throws IOException {
    return Snippets.method(folder, method).source();
  }

  @Test
  void putsTheSignatureFirstAndDropsPunctuationOfTheBody() throws IOException {
    assertEquals(
        "list < string > ( int max count , string ... names ) if max count > 0 return names",
        source(
            """
            @Deprecated public static final <T> List<String> take(final int maxCount,
                @SuppressWarnings("x") String... names) throws Exception {
              if (maxCount > 0) { return names; }
            }
            """));
  }

  @Test
  void commentsDoNotAppear() throws IOException {
    assertEquals(
        "int ( int a ) return a / 2",
        source("/** Halves. */ int half(/*no*/ int a) { // half\n /* half } */ return a / 2; }"));
  }

  @Test
  void keepsEightWordsOfAStringAndNoEscapes() throws IOException {
    assertEquals(
        "void ( ) log \" one two three four five six seven eight + \" camel case",
        source(
            "void f() { log(\"one, two\\nthree fourFive \\\"six\\\" seven eight nine\" + \"camelCase\"); }"));
  }

  @Test
  void readsTextBlocksAndCharacters() throws IOException {
    assertEquals(
        "string ( ) return \" a quote b + ' x + '",
        source("String f() { return \"\"\"\n  a \"quote\" b\n  \"\"\" + 'x' + ' '; }"));
  }

  @Test
  void hidesTheOwnNameEverywhere() throws IOException {
    assertEquals(
        "string ( ) super . ownname this . ownname log \" in ownname return other get name",
        source(
            "String getName() { super.getName(); this.getName(); log(\"in getName()\"); return"
                + " otherGetName; }"));
  }

  @Test
  void hidesAnOwnNameOfOneWordInParametersToo() throws IOException {
    assertEquals(
        "void ( int ownname ) this . ownname = ownname",
        source("void size(int size) { this.size = size; }"));
  }

  @Test
  void keepsOperatorsAndNumbersWhole() throws IOException {
    assertEquals(
        "long ( ) x >>>= 0x1fl g y -> a :: b != 1.5e-3f ++ z",
        source("long f() { x >>>= 0x1FL; g(y -> A::b != 1.5e-3f); ++z; }"));
  }

  @Test
  void cutsLongMethods() throws IOException {
    String source = source("void f() { g(" + "a, ".repeat(1000) + "a); }");
    assertEquals(MethodText.MAX_WORDS, source.split(" ").length);
  }
}
