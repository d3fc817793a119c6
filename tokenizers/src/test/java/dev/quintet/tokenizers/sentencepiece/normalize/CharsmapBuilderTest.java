package dev.quintet.tokenizers.sentencepiece.normalize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.file.MalformedFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CharsmapBuilderTest {

  private static String replaced(Charsmap map, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long rule = map.longest(bytes, 0, bytes.length);
    if (rule == Charsmap.NONE) {
      return "none";
    }
    int start = (int) rule;
    return (rule >>> 32)
        + " "
        + new String(map.bytes(), start, map.end(start) - start, StandardCharsets.UTF_8);
  }

  @Test
  void findsTheLongestOfManyRules() {
    long seed = 11;
    Random random = new Random(seed);
    Map<String, String> rules = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      StringBuilder key = new StringBuilder();
      for (int k = 0; k <= random.nextInt(4); k++) {
        key.appendCodePoint(1 + random.nextInt(random.nextBoolean() ? 0x60 : 0xD000));
      }
      rules.put(key.toString(), Integer.toString(random.nextInt(500)));
    }
    Charsmap map = new Charsmap(CharsmapBuilder.compile(rules));
    for (String key : rules.keySet()) {
      String text = key + key;
      String expected = "none";
      for (int end = 1; end <= text.length(); end++) {
        String to = rules.get(text.substring(0, end));
        if (to != null) {
          expected = text.substring(0, end).getBytes(StandardCharsets.UTF_8).length + " " + to;
        }
      }
      assertEquals(expected, replaced(map, text), "seed " + seed);
    }
    assertEquals("none", replaced(map, "\0"));
  }

  @Test
  void readsRulesWithCommentsAndDeletions(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("rules.tsv");
    Files.writeString(file, "41\t61 62\t# A\nU+42 43\n2460\t31\n");
    Charsmap map = new Charsmap(CharsmapBuilder.compile(file));
    assertArrayEquals(
        new String[] {"1 ab", "2 ", "3 1", "none"},
        new String[] {
          replaced(map, "AB"), replaced(map, "BC"), replaced(map, "①"), replaced(map, "B")
        });
  }

  @Test
  void namesTheLineThatIsNoRule(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("rules.tsv");
    Files.writeString(file, "41\t61\nxyz\t62\n");
    String message =
        assertThrows(MalformedFileException.class, () -> CharsmapBuilder.compile(file))
            .getMessage();
    assertTrue(message.contains("line 2") && message.contains("xyz"), message);
  }
}
