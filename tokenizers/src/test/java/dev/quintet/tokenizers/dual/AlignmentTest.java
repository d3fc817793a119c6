package dev.quintet.tokenizers.dual;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.tokenizers.Encoding;
import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.bytes.ByteTokenizer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlignmentTest {

  @TempDir Path folder;

  private static Alignment align(int[][] first, int[][] second) {
    return Alignment.of(column(first, 0), column(first, 1), column(second, 0), column(second, 1));
  }

  private static int[] column(int[][] spans, int side) {
    return Arrays.stream(spans).mapToInt(span -> span[side]).toArray();
  }

  private static int[][] groups(Alignment alignment) {
    int[][] groups = new int[alignment.size()][];
    for (int g = 0; g < groups.length; g++) {
      groups[g] =
          new int[] {
            alignment.firstFrom(g), alignment.firstTo(g), alignment.secondFrom(g),
            alignment.secondTo(g), alignment.start(g), alignment.end(g)
          };
    }
    return groups;
  }

  @Test
  void findsTheShortestGroups() {
    int[][] words = {{0, 3}, {3, 7}, {7, 8}};
    int[][] parts = {{0, 2}, {2, 3}, {3, 5}, {5, 8}};
    assertArrayEquals(
        new int[][] {{0, 1, 0, 2, 0, 3}, {1, 3, 2, 4, 3, 8}}, groups(align(words, parts)));
    assertArrayEquals(new int[0][], groups(align(new int[0][], new int[0][])));
    assertArrayEquals(
        new int[][] {{0, 0, 0, 1, 2, 4}}, groups(align(new int[0][], new int[][] {{2, 4}})));
  }

  @Test
  void leavesASideEmptyWhereItHasNoToken() {
    // The second has no token for the space.
    assertArrayEquals(
        new int[][] {{0, 1, 0, 1, 0, 1}, {1, 2, 1, 1, 1, 2}, {2, 3, 1, 2, 2, 3}},
        groups(align(new int[][] {{0, 1}, {1, 2}, {2, 3}}, new int[][] {{0, 1}, {2, 3}})));
  }

  @Test
  void putsTokensOfNoWidthWithWhatFollows() {
    int[][] fallback = {{0, 0}, {0, 0}, {0, 1}, {1, 2}, {0, 0}};
    int[][] whole = {{0, 1}, {1, 2}};
    assertArrayEquals(
        new int[][] {{0, 3, 0, 1, 0, 1}, {3, 4, 1, 2, 1, 2}, {4, 5, 2, 2, 2, 2}},
        groups(align(fallback, whole)));
    assertEquals(3, align(fallback, fallback).size());
  }

  @Test
  void refusesBeginsWithoutEnds() {
    int[] one = {0};
    int[] none = {};
    assertThrows(IllegalArgumentException.class, () -> Alignment.of(one, none, none, none));
  }

  private List<Tokenizer> tokenizers() throws IOException {
    Path t5 = Files.createDirectories(folder.resolve("t5"));
    Files.write(t5.resolve("spiece.model"), Golden.bytes("unigram-3000-t5ids.model"));
    Files.writeString(
        t5.resolve("tokenizer_config.json"),
        "{\"eos_token\": \"</s>\", \"tokenizer_class\": \"T5Tokenizer\"}");
    Path bpe = folder.resolve("fallback.model");
    Files.write(bpe, Golden.bytes("bpe-3000-bytefallback-identity.model"));
    String file = "bytebpe-gpt4-3000.tokenizer.json";
    return List.of(
        Tokenizer.load(t5),
        Tokenizer.load(bpe),
        Tokenizer.of(TokenizerJson.parse(file, Golden.bytes(file))),
        ByteTokenizer.of(ByteTokenizer.Sentinels.AFTER_BYTES));
  }

  @Test
  void cutsWhereverBothCanBeCut() throws IOException {
    long seed = Long.getLong("seed", 23);
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    String[] parts = {
      "the ", "so", " it", "\n", "  ", "é", "e\u0301", "東京", "\ud83d\ude00", "x1", "ﬁ", "{};"
    };
    List<Tokenizer> tokenizers = tokenizers();
    for (int n = 0; n < 600; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(8); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      Tokenizer one = tokenizers.get(random.nextInt(4));
      Tokenizer other = tokenizers.get(random.nextInt(4));
      Encoding a = one.encode(text);
      Encoding b = other.encode(text);
      Alignment coarse = Alignment.of(a, b);
      check(coarse, a.starts(), a.ends(), b.starts(), b.ends());
      Alignment fine = Alignment.ofBytes(text, one, a, other, b);
      ByteSpans first = ByteSpans.of(text, one, a);
      ByteSpans second = ByteSpans.of(text, other, b);
      check(fine, first.starts(), first.ends(), second.starts(), second.ends());
      assertTrue(fine.size() >= coarse.size());
    }
  }

  private static void check(Alignment alignment, int[] as, int[] ae, int[] bs, int[] be) {
    boolean trailing = as.length > lastWide(as, ae) || bs.length > lastWide(bs, be);
    int cuts = 0;
    for (int i = 0; i <= lastWide(as, ae); i++) {
      for (int j = 0; j <= lastWide(bs, be); j++) {
        int low = Math.max(reach(as, ae, i), reach(bs, be, j));
        int high = Math.min(begin(as, ae, i), begin(bs, be, j));
        boolean after = (i == 0 || ae[i - 1] > as[i - 1]) && (j == 0 || be[j - 1] > bs[j - 1]);
        cuts += after && low <= high ? 1 : 0;
      }
    }
    assertEquals(cuts - 1 + (trailing ? 1 : 0), alignment.size(), alignment::toString);
    int i = 0;
    int j = 0;
    for (int g = 0; g < alignment.size(); g++) {
      assertEquals(i, alignment.firstFrom(g));
      assertEquals(j, alignment.secondFrom(g));
      i = alignment.firstTo(g);
      j = alignment.secondTo(g);
    }
    assertEquals(as.length, i);
    assertEquals(bs.length, j);
  }

  private static int lastWide(int[] starts, int[] ends) {
    int last = starts.length;
    while (last > 0 && ends[last - 1] <= starts[last - 1]) {
      last--;
    }
    return last;
  }

  private static int reach(int[] starts, int[] ends, int to) {
    int reach = 0;
    for (int i = 0; i < to; i++) {
      reach = ends[i] > starts[i] ? Math.max(reach, ends[i]) : reach;
    }
    return reach;
  }

  private static int begin(int[] starts, int[] ends, int from) {
    int begin = Integer.MAX_VALUE;
    for (int i = from; i < starts.length; i++) {
      begin = ends[i] > starts[i] ? Math.min(begin, starts[i]) : begin;
    }
    return begin;
  }

  @Test
  void givesEachByteItsPlace() throws IOException {
    String text = "é東";
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    for (Tokenizer tokenizer : tokenizers().subList(1, 4)) {
      ByteSpans spans = ByteSpans.of(text, tokenizer, tokenizer.encode(text, false));
      int reached = 0;
      for (int i = 0; i < spans.starts().length; i++) {
        assertEquals(reached, spans.starts()[i], tokenizer::toString);
        reached = spans.ends()[i];
      }
      assertEquals(utf8.length, reached);
    }
  }
}
