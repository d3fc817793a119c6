package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class JavaWordsTest {
  @Test
  void splitsCamelCaseAcronymsAndUnderscores() {
    assertEquals(List.of("get", "name"), JavaWords.split("getName"));
    assertEquals(List.of("parse", "xml", "file2"), JavaWords.split("parseXMLFile2"));
    assertEquals(List.of("utf8", "to", "string"), JavaWords.split("utf8ToString"));
    assertEquals(List.of("max", "value"), JavaWords.split("__MAX_VALUE"));
    assertEquals(List.of("a"), JavaWords.split("A"));
    assertEquals(List.of("access", "000"), JavaWords.split("access$000"));
    assertEquals(List.of(), JavaWords.split("_"));
  }

  @Test
  void lowersWithoutRegardToTheDefaultLocale() {
    assertEquals(List.of("is", "in"), JavaWords.split("isIN"));
  }

  @Test
  void joinsWordsInCamelCase() {
    assertEquals("parseXmlFile2", JavaWords.join(List.of("parse", "xml", "file2")));
    assertEquals("", JavaWords.join(List.of()));
    assertEquals("get2d", JavaWords.join(List.of("get", "2d")));
  }
}
