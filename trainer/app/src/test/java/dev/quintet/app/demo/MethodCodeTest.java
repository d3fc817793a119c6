package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MethodCodeTest {
  private static final String FILE =
      """
      class A {
        /** A comment { with a brace. */
        @SuppressWarnings({"a", "b"})
        public int first(int n, // not this }
            String s) {
          if (n > 0) {
            return '}';
          }
          return s.indexOf("}"); // }
        }

        abstract void none();
      }
      """;

  @Test
  void aMethodReachesFromItsFirstLineToTheBraceThatClosesItsBody() {
    MethodCode code = MethodCode.at(FILE, 3).orElseThrow();
    assertEquals("public int first(int n, String s)", code.signature());
    assertTrue(code.whole().startsWith("@SuppressWarnings({\"a\", \"b\"})\n"), code.whole());
    assertTrue(code.whole().endsWith("  return s.indexOf(\"}\"); // }\n}"), code.whole());
  }

  @Test
  void whereNoBodyIsFoundThereIsNothing() {
    assertTrue(MethodCode.at(FILE, 12).isEmpty());
    assertTrue(MethodCode.at(FILE, 100).isEmpty());
  }
}
