package dev.quintet.tokenizers.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ByteTrieTest {

  @Test
  void findsEveryKeyAndNothingElse() {
    long seed = Long.getLong("seed", 3);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20; round++) {
      int letters = 1 + random.nextInt(round % 2 == 0 ? 4 : 250);
      TreeSet<String> keys = new TreeSet<>();
      for (int i = random.nextInt(3000); i > 0; i--) {
        keys.add(word(random, letters));
      }
      List<byte[]> bytes = new ArrayList<>();
      keys.forEach(key -> bytes.add(key.getBytes(StandardCharsets.ISO_8859_1)));
      int[] values = new int[bytes.size()];
      Arrays.setAll(values, i -> 7 * i);
      ByteTrie trie = ByteTrie.of(bytes, values);
      for (int i = 0; i < values.length; i++) {
        assertEquals(values[i], trie.find(bytes.get(i), 0, bytes.get(i).length));
      }
      for (int i = 0; i < 1000; i++) {
        String other = word(random, 255);
        byte[] key = other.getBytes(StandardCharsets.ISO_8859_1);
        if (!keys.contains(other)) {
          assertEquals(ByteTrie.NONE, trie.find(key, 0, key.length));
        }
      }
    }
  }

  private static String word(SplittableRandom random, int letters) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(6); i >= 0; i--) {
      word.append((char) random.nextInt(letters));
    }
    return word.toString();
  }
}
