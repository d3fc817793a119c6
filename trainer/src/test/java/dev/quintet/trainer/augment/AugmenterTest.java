package dev.quintet.trainer.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.trainer.augment.Augmenter.Outcome;
import dev.quintet.trainer.augment.WordEdits.Kind;
import dev.quintet.trainer.data.MalformedDataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmenterTest {
  private static final String TEXT =
      "The quick brown fox jumps over the lazy dog, and a Small bird\nsings one two three four five six seven";
  private static final Synonyms SYNONYMS =
      Synonyms.of(
          Map.of("small", List.of("little", "tiny"), "dog", List.of("hound"), "the", List.of("x")));

  @TempDir Path folder;

  @Test
  void aSwapKeepsTheWordsAndADeletionTheirOrder() {
    var swap = new WordEdits(List.of(Kind.SWAP), 0.2, Optional.empty());
    var delete = new WordEdits(List.of(Kind.DELETE), 0.5, Optional.empty());
    List<String> words = words(TEXT);
    int shorter = 0;
    for (int copy = 0; copy < 50; copy++) {
      List<String> swapped = words(made(swap, TEXT, copy));
      assertEquals(words.stream().sorted().toList(), swapped.stream().sorted().toList());
      List<String> left = words(made(delete, TEXT, copy));
      Iterator<String> all = words.iterator();
      for (String word : left) {
        boolean found = false;
        while (!found && all.hasNext()) {
          found = all.next().equals(word);
        }
        assertTrue(found, word);
      }
      shorter += left.size() < words.size() ? 1 : 0;
      assertFalse(
          made(new WordEdits(List.of(Kind.DELETE), 1, Optional.empty()), TEXT, copy).isBlank());
    }
    assertEquals(50, shorter);
    assertTrue(delete.change("alone", draw(0)) instanceof Outcome.Cancelled);
    assertTrue(swap.change(" ", draw(0)) instanceof Outcome.Cancelled);
  }

  @Test
  void synonymsReplaceWordsOrComeInAndStopWordsStay() {
    var replace = new WordEdits(List.of(Kind.SYNONYM), 0.1, Optional.of(SYNONYMS));
    var insert = new WordEdits(List.of(Kind.INSERT), 0.1, Optional.of(SYNONYMS));
    var seen = new HashSet<String>();
    for (int copy = 0; copy < 50; copy++) {
      List<String> words = words(TEXT);
      List<String> replaced = words(made(replace, TEXT, copy));
      assertEquals(words.size(), replaced.size());
      for (int i = 0; i < words.size(); i++) {
        if (!words.get(i).equals(replaced.get(i))) {
          seen.add(replaced.get(i));
        }
      }
      List<String> more = words(made(insert, TEXT, copy));
      assertEquals(words.size() + 2, more.size()); // floor(0.1 * 20)
      words.forEach(more::remove);
      assertTrue(Set.of("little", "tiny", "hound").containsAll(more), more.toString());
    }
    assertEquals(Set.of("hound,", "Little", "Tiny"), seen);
    assertTrue(replace.change("the house", draw(0)) instanceof Outcome.Cancelled);
  }

  @Test
  void theSameDrawGivesTheSameTextAndEachPartOfItCounts() {
    WordEdits edits = WordEdits.of(Optional.of(SYNONYMS));
    Draw draw = new Draw(1, 2, 3, 4);
    assertEquals(edits.change(TEXT, draw), edits.change(TEXT, new Draw(1, 2, 3, 4)));
    for (Draw other :
        List.of(
            new Draw(9, 2, 3, 4),
            new Draw(1, 9, 3, 4),
            new Draw(1, 2, 9, 4),
            new Draw(1, 2, 3, 8))) {
      assertNotEquals(edits.change(TEXT, draw), edits.change(TEXT, other));
    }
    assertEquals(
        List.of(16, 8, 4), List.of(edits.copies(500), edits.copies(2000), edits.copies(5000)));
  }

  @Test
  void aFileOfSynonymsThatIsNoneIsRefusedWithItsLine() throws IOException {
    Path file = folder.resolve("synonyms.tsv");
    Files.writeString(file, "big\tlarge, huge\n\nSmall\tlittle\n");
    assertEquals(List.of("large", "huge"), Synonyms.read(file).of("(Big)"));
    Files.writeString(file, "big\tlarge\nsmall little\n");
    String message =
        assertThrows(MalformedDataException.class, () -> Synonyms.read(file)).getMessage();
    assertTrue(message.contains("line 2") && message.contains("expected a word, a tab"), message);
  }

  @Test
  void aTranslationThatComesBackEqualOrStrangeIsDroppedAndATextIsTranslatedOnce() {
    var asked = new ArrayList<String>();
    var by =
        new BackTranslation(
            (text, _) -> {
              asked.add(text);
              return text;
            },
            (text, _) ->
                switch (text) {
                  case "stay" -> "stay";
                  case "one two three four" -> "something else altogether now";
                  default -> text.replace("quick", "fast");
                });
    assertEquals(
        new Outcome.Cancelled("back-translation", "the same text came back"),
        by.change("stay", draw(0)));
    assertEquals(
        new Outcome.Cancelled("back-translation", "under 30 % of the words came back"),
        by.change("one two three four", draw(0)));
    var made = new Outcome.Made("back-translation", TEXT.replace("quick", "fast"));
    assertEquals(made, by.change(TEXT, draw(0)));
    assertEquals(made, by.change(TEXT, new Draw(0, 0, 5, 0)));
    assertEquals(List.of("stay", "one two three four", TEXT), asked);
    assertEquals(0.75, BackTranslation.overlap("a b b c", "b a, B d"), 1e-12);
  }

  private static Draw draw(int copy) {
    return new Draw(7, 0, Draw.row(TEXT), copy);
  }

  private static String made(WordEdits edits, String text, int copy) {
    return ((Outcome.Made) edits.change(text, draw(copy))).text();
  }

  private static List<String> words(String text) {
    return new ArrayList<>(Arrays.asList(text.split("\\s+")));
  }
}
