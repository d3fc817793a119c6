package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.io.MalformedFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodSplitTest {
  @TempDir Path folder;

  private static Set<String> classes(List<MethodExample> methods) {
    return methods.stream().map(MethodExample::topLevelClass).collect(Collectors.toSet());
  }

  @Test
  void noClassAndNoTextIsInTwoParts() {
    var split = MethodSplit.of(Snippets.corpus(200), 7);
    var classes = new HashSet<String>();
    var texts = new HashSet<String>();
    for (var part : List.of(split.train(), split.validation(), split.test())) {
      for (String name : classes(part)) {
        assertTrue(classes.add(name), name);
      }
      for (MethodExample method : part) {
        assertTrue(texts.add(method.source()), method.source());
      }
    }
    assertEquals(200, classes.size());
    assertEquals(401, texts.size());
    assertEquals(20, classes(split.validation()).size());
    assertEquals(20, classes(split.test()).size());
  }

  @Test
  void theFirstOfEqualTextsStays() {
    var split = MethodSplit.of(Snippets.corpus(10), 7);
    var closing = new ArrayList<MethodExample>();
    for (var part : List.of(split.train(), split.validation(), split.test())) {
      part.stream().filter(method -> method.name().equals("close")).forEach(closing::add);
    }
    assertEquals(List.of("p0.C0"), closing.stream().map(MethodExample::topLevelClass).toList());
  }

  @Test
  void theSeedChoosesTheSplitAndTheOrderOfFilesDoesNot() {
    var methods = Snippets.corpus(100);
    var split = MethodSplit.of(methods, 1);
    assertEquals(split, MethodSplit.of(methods, 1));
    assertNotEquals(classes(split.test()), classes(MethodSplit.of(methods, 2).test()));
    var shuffled = new ArrayList<>(methods);
    Collections.shuffle(shuffled, new Random(3));
    assertEquals(classes(split.test()), classes(MethodSplit.of(shuffled, 1).test()));
  }

  @Test
  void threeClassesAreEnoughAndTwoAreNot() {
    for (int classes = 3; classes < 12; classes++) {
      var split = MethodSplit.of(Snippets.corpus(classes), classes);
      assertFalse(split.train().isEmpty());
      assertFalse(split.validation().isEmpty());
      assertFalse(split.test().isEmpty());
    }
    var thrown =
        assertThrows(TooFewMethodsException.class, () -> MethodSplit.of(Snippets.corpus(2), 1));
    assertTrue(thrown.getMessage().contains("at least 3 top-level classes"), thrown.getMessage());
    assertThrows(TooFewMethodsException.class, () -> MethodSplit.of(List.of(), 1));
  }

  @Test
  void aFileGivesTheSameSplitBackAndTheSameBytes() throws IOException {
    var methods = new ArrayList<>(Snippets.corpus(30));
    methods.add(
        new MethodExample("odd\tna\\me\n.java", 1, "Ünï", "", "naïve", "naïve", "a \\ \" 日本"));
    var split = MethodSplit.of(methods, 5);
    Path file = folder.resolve("methods.txt");
    MethodFile.write(file, split);
    byte[] bytes = Files.readAllBytes(file);
    assertEquals(split, MethodFile.read(file));
    MethodFile.write(file, MethodFile.read(file));
    assertEquals(
        new String(bytes, StandardCharsets.UTF_8), Files.readString(file, StandardCharsets.UTF_8));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aDamagedFileIsRefused() throws IOException {
    Path file = folder.resolve("methods.txt");
    MethodFile.write(file, MethodSplit.of(Snippets.corpus(5), 5));
    byte[] good = Files.readAllBytes(file);
    for (int length = 0; length < good.length; length += 1 + length / 20) {
      refused(file, Arrays.copyOf(good, length));
    }
    refused(file, Arrays.copyOf(good, good.length + 1));
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= 1;
      refused(file, changed);
    }
  }

  private static void refused(Path file, byte[] bytes) throws IOException {
    Files.write(file, bytes);
    var thrown = assertThrows(MalformedFileException.class, () -> MethodFile.read(file));
    assertTrue(thrown.getMessage().contains(file.toString()), thrown.getMessage());
  }
}
