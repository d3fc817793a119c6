package dev.quintet.tokenizers.bpe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.text.TokenBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Going from left to right gives what merging the best pair again and again gives.
class LinearBpeTest {

  private static final int LETTERS = 3;

  /// Merges of random pairs as a trainer might list them, some of which spell what is there.
  private static int[] merges(SplittableRandom random, List<String> tokens) {
    Map<String, Integer> ids = new HashMap<>();
    tokens.forEach(token -> ids.put(token, ids.size()));
    List<int[]> merges = new ArrayList<>();
    int count = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      int left = random.nextInt(tokens.size());
      int right = random.nextInt(tokens.size());
      String made = tokens.get(left) + tokens.get(right);
      boolean again = merges.stream().anyMatch(m -> m[0] == left && m[1] == right);
      if (again || made.length() > 20) {
        continue;
      }
      if (ids.putIfAbsent(made, tokens.size()) == null) {
        tokens.add(made);
      }
      merges.add(new int[] {left, right, ids.get(made)});
    }
    return merges.stream().flatMapToInt(Arrays::stream).toArray();
  }

  private static int[] byteIds() {
    int[] ids = new int[256];
    Arrays.fill(ids, -1);
    for (int i = 0; i < LETTERS; i++) {
      ids['a' + i] = i;
    }
    return ids;
  }

  @Test
  void givesWhatMergingGives() {
    long seed = Long.getLong("seed", 20261121);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int compared = 0;
    for (int round = 0; round < 3000; round++) {
      List<String> tokens = new ArrayList<>(List.of("a", "b", "c"));
      int[] list = merges(random, tokens);
      PairTable table = new PairTable(list);
      var linear = LinearBpe.of(byteIds(), list, table, tokens.size());
      if (linear.isEmpty()) {
        continue;
      }
      for (int i = 0; i < 5; i++) {
        byte[] word = new byte[1 + random.nextInt(60)];
        int letters = 1 + random.nextInt(LETTERS);
        Symbols symbols = new Symbols(word.length);
        for (int k = 0; k < word.length; k++) {
          word[k] = (byte) ('a' + random.nextInt(letters));
          symbols.add(word[k] - 'a', k, k + 1);
        }
        symbols.merge(table);
        TokenBuffer expected = new TokenBuffer(8);
        symbols.write(expected, 0);
        TokenBuffer got = new TokenBuffer(8);
        linear.get().encode(word, 0, word.length, got);
        String where = Arrays.toString(list) + " on " + new String(word, StandardCharsets.US_ASCII);
        assertArrayEquals(expected.ids(), got.ids(), where);
        assertArrayEquals(expected.ends(), got.ends(), where);
        compared++;
      }
    }
    assertTrue(compared > 1000, "compared " + compared);
  }
}
