package dev.quintet.trainer.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.random.Philox;
import dev.quintet.trainer.augment.WordEdits;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.prepare.Preparation.Conflicts;
import dev.quintet.trainer.prepare.Preparation.Leakage;
import dev.quintet.trainer.prepare.Preparation.Prepared;
import dev.quintet.trainer.rows.RowFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreparationTest {
  private static final SampleForm FORM = SampleForm.of("q: {q}", "a");

  @TempDir Path folder;

  @Test
  void everyRowThatGoesIsCountedWithItsReason() throws IOException {
    var lines = new ArrayList<String>();
    for (int i = 0; i < 100; i++) {
      lines.add("number " + i + "\tanswer " + i);
    }
    lines.add("number 3\tanswer 3"); // exactly
    lines.add("number  4 \tanswer 4"); // exactly, once clean
    lines.add("number 5\tanother answer");
    lines.add("\tno question");
    lines.add("echo this\techo");
    RowFiles files = write("a.tsv", "q\ta", lines);
    var drops =
        new DropRules(
            true,
            true,
            DropRules.Bounds.ALL,
            new DropRules.Bounds(0, 14),
            DropRules.Bounds.ALL,
            DropRules.Bounds.ALL,
            true,
            0,
            "",
            Set.of());
    Prepared prepared = Preparation.of(FORM).drops(drops).run(files);
    DataReport report = prepared.report();
    assertEquals(105, report.stage("read").in());
    assertEquals(1, report.stage("clean").reasons().get("changed"));
    assertEquals(
        Map.of("empty source", 1L, "target in source", 1L), report.stage("drop").reasons());
    assertEquals(103, report.stage("drop").out());
    assertEquals(101, report.stage("exact duplicates").out());
    assertEquals(
        Map.of("another target than an earlier row's", 1L),
        report.stage("contradictions").reasons());
    assertTrue(
        report
            .stage("exact duplicates")
            .examples("the same texts as an earlier row")
            .getFirst()
            .endsWith("a.tsv:102: q: number 3"));
    Stage last = report.stage("leakage");
    assertEquals(last.in(), report.stage("split").out());
    assertEquals(last.out(), report.parts().values().stream().mapToLong(n -> n).sum());
    assertEquals(
        List.of(100L, 100L),
        List.of(
            kept(Preparation.of(FORM).drops(drops).conflicts(Conflicts.FIRST).run(files)),
            kept(Preparation.of(FORM).drops(drops).conflicts(Conflicts.DROP).run(files)) + 1));
  }

  @Test
  void rowsThatAreAddedMoveNoOther() throws IOException {
    List<String> lines = texts(400, 3);
    Map<String, Part> before = parts(write("a.tsv", "q\ta", lines));
    var more = new ArrayList<>(texts(40, 99));
    more.addAll(lines);
    Map<String, Part> after = parts(write("b.tsv", "q\ta", more));
    before.forEach((source, part) -> assertEquals(part, after.get(source), source));
    assertEquals(Set.of(Part.values()), Set.copyOf(before.values()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void plantedDuplicatesAcrossPartsAreAllReported(boolean streamed) throws IOException {
    var all = texts(300, 5);
    List<String> test = all.subList(0, 60);
    var train = new ArrayList<>(all.subList(60, 300));
    for (int i = 0; i < 20; i++) {
      train.add(test.get(i).toUpperCase(java.util.Locale.ROOT)); // the same words
      train.add(test.get(20 + i).replaceFirst(" \\S+\t", " another\t")); // the last word differs
    }
    Map<Part, RowFiles> files =
        Map.of(
            Part.TRAIN, write("train.tsv", "q\ta", train),
            Part.TEST, write("test.tsv", "q\ta", test));
    var seen = new HashMap<Part, List<Sample>>();
    DataReport report =
        Preparation.of(FORM)
            .duplicates(false)
            .streamed(streamed)
            .run(
                files,
                (part, sample) -> seen.computeIfAbsent(part, _ -> new ArrayList<>()).add(sample));
    Stage leakage = report.stage("leakage");
    assertEquals(20, leakage.reasons().get("training source in the validation or test part"));
    assertEquals(
        20, leakage.reasons().get("training source nearly in the validation or test part"));
    assertEquals(List.of(), report.remarks());
    assertEquals(60, seen.get(Part.TEST).size());
    assertEquals(240, seen.get(Part.TRAIN).size());
    Preparation strict = Preparation.of(FORM).leakage(Leakage.FAIL);
    var e = assertThrows(IllegalArgumentException.class, () -> strict.run(files));
    assertTrue(e.getMessage().startsWith("40 rows to train on are in"), e.getMessage());
    assertEquals(
        280, Preparation.of(FORM).leakage(Leakage.ALLOW).run(files).report().rows(Part.TRAIN));
  }

  @Test
  void ofStreamedRowsAsManyAreComparedWithAsFitAndNoMore() {
    long shingles = 11 * Long.BYTES; // of a text, about
    var few = new NearTexts(new NearDuplicates().bytes() + 45 * shingles);
    var all = new NearTexts(Long.MAX_VALUE);
    List<String> texts = texts(100, 4);
    texts.forEach(text -> assertTrue(few.addUnlessFound(text).isEmpty()));
    texts.forEach(all::add);
    assertTrue(few.full() && !all.full());
    assertTrue(few.size() > 30 && few.size() < 60, () -> few.size() + " texts");
    assertTrue(few.find(texts.getFirst()).isPresent());
    assertTrue(few.find(texts.getLast()).isEmpty());
    assertEquals(99, all.find(texts.getLast()).getAsInt());
  }

  @Test
  void copiesAreMadeAnewForEachEpochAndOfRowsThatAreLearnedFromAlone() throws IOException {
    Prepared prepared =
        Preparation.of(FORM)
            .augmentation(
                new Augmentation(
                    List.of(WordEdits.of(Optional.empty())), OptionalInt.of(3), List.of(), 5))
            .augmentLater(true)
            .run(Map.of(Part.TRAIN, write("a.tsv", "q\ta", texts(40, 3))));
    List<Sample> all = prepared.splits().train().samples();
    List<Sample> learn = all.subList(0, 30);
    RowCopies copies = prepared.copies().orElseThrow();
    LongFunction<Pairs> epochs = copies.eachEpoch(learn, all.subList(30, 40));
    List<List<Sample>> each =
        LongStream.range(0, 4).mapToObj(epoch -> epochs.apply(epoch).samples()).toList();
    for (int epoch = 0; epoch < 4; epoch++) {
      assertEquals(120, each.get(epoch).size());
      assertEquals(each.get(epoch), epochs.apply(epoch).samples());
      for (int i = 0; i < 120; i++) {
        Sample row = learn.get(i / 4);
        assertEquals(row.id() + (i % 4 == 0 ? "" : "+" + i % 4), each.get(epoch).get(i).id());
        assertEquals(row.answers(), each.get(epoch).get(i).answers());
      }
    }
    assertEquals(each.getFirst(), copies.first(learn, List.of()).pairs().samples());
    long same =
        IntStream.range(0, 120)
            .filter(
                i -> i % 4 > 0 && each.get(0).get(i).source().equals(each.get(1).get(i).source()))
            .count();
    assertTrue(same < 20, () -> same + " copies are the same in two epochs");
    // what is asked for is no copy: each row's copies are cancelled where they are rows to score
    List<Sample> ofFirst = each.getFirst().subList(1, 4);
    var other = copies.once(learn.subList(0, 1), ofFirst);
    assertEquals(1, other.pairs().size());
    assertEquals(1, other.stage().out());
    assertThrows(
        IllegalArgumentException.class,
        () -> copies.once(List.of(new Sample("x", "q: x", List.of("y"))), List.of()));
  }

  @Test
  void aRowMayBeDroppedWhereverItStands() throws IOException {
    var lines = texts(3000, 8);
    for (int i = 1; i < lines.size(); i += 1 + i % 7) {
      lines.set(i, lines.get(0));
    }
    Prepared prepared = Preparation.of(FORM).run(write("a.tsv", "q\ta", lines));
    long different = lines.stream().distinct().count();
    assertEquals(different, prepared.report().stage("exact duplicates").out());
  }

  @Test
  void streamedRowsAreThoseInMemory() throws IOException {
    RowFiles files = write("a.tsv", "q\ta", texts(500, 8));
    for (Split split :
        List.of(
            new Split.ByHash(Split.Shares.DEFAULT, "salt", ""),
            new Split.ByRows(Split.Shares.DEFAULT, 3),
            new Split.ByStrata(new Split.Shares(0.5, 0, 0.5), "a", 4))) {
      Prepared memory = Preparation.of(FORM).split(split).run(files);
      var streamed = new HashMap<Part, List<Sample>>();
      Preparation.of(FORM)
          .split(split)
          .streamed(true)
          .run(
              files,
              (part, sample) -> streamed.computeIfAbsent(part, _ -> new ArrayList<>()).add(sample));
      assertEquals(memory.splits().train().samples(), streamed.get(Part.TRAIN));
      assertEquals(memory.splits().test().samples(), streamed.get(Part.TEST));
    }
  }

  @Test
  void strataAreDealtInTheSharesOfAll() throws IOException {
    var lines = new ArrayList<String>();
    int[] sizes = {50, 30, 17, 3};
    for (int c = 0; c < sizes.length; c++) {
      for (int i = 0; i < sizes[c]; i++) {
        lines.add("row " + c + " " + i + "\tclass " + c);
      }
    }
    var shares = new Split.Shares(0.6, 0.2, 0.2);
    Prepared prepared =
        Preparation.of(FORM)
            .split(new Split.ByStrata(shares, "a", 1))
            .run(write("a.tsv", "q\ta", lines));
    assertEquals(60, prepared.splits().train().size(), 1);
    assertEquals(20, prepared.splits().test().size(), 1);
    for (int c = 0; c < sizes.length; c++) {
      String name = "class " + c;
      long test =
          prepared.splits().test().list().stream().filter(p -> p.target().equals(name)).count();
      assertEquals(0.2 * sizes[c], test, 1, name);
    }
  }

  @Test
  void groupsStayTogetherAndColumnsDecide() throws IOException {
    var lines = new ArrayList<String>();
    for (int i = 0; i < 300; i++) {
      lines.add("row " + i + "\tx\tauthor " + i % 30 + "\t" + (i % 3 == 0 ? "test" : "train"));
    }
    RowFiles files = write("a.tsv", "q\ta\tauthor\tpart", lines);
    Prepared grouped =
        Preparation.of(FORM)
            .split(new Split.ByGroup(Split.Shares.DEFAULT, "salt", "author"))
            .run(files);
    Set<String> authors = Set.copyOf(authors(grouped.splits().train().samples()));
    authors(grouped.splits().test().samples())
        .forEach(author -> assertFalse(authors.contains(author), author));
    Prepared column = Preparation.of(FORM).split(new Split.ByColumn("part")).run(files);
    assertEquals(100, column.splits().test().size());
    assertEquals(200, column.splits().train().size());
  }

  @Test
  void anEmptyPartNamesTheSalt() throws IOException {
    RowFiles files = write("a.tsv", "q\ta", List.of("one\tx", "two\tx"));
    var e = assertThrows(IllegalArgumentException.class, () -> Preparation.of(FORM).run(files));
    assertTrue(
        e.getMessage().matches("the part \\w+ is empty: .* with the salt \"quintet\"; .*"),
        e.getMessage());
  }

  @Test
  void severalAnswersAndPrefixesReachTheSamples() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Files.writeString(
        file,
        "{\"id\": \"7\", \"q\": \"who?\", \"answers\": {\"text\": [\"I\", \"me\"]}, \"tags\": [\"x\", \"y\"]}\n");
    RowFiles files =
        RowFiles.of(
            List.of(file.toString()), dev.quintet.trainer.rows.RowFormat.DEFAULT.withLists(true));
    var form =
        SampleForm.of("q", "answers.text")
            .withPrefix("say: ")
            .withId("id")
            .withKept(List.of("tags"));
    var split = new Split.ByHash(new Split.Shares(1, 0, 0), "", "");
    Sample sample =
        Preparation.of(form).split(split).run(files).splits().train().samples().getFirst();
    assertEquals("say: who?", sample.source());
    assertEquals(List.of("I", "me"), sample.answers());
    assertEquals("7", sample.id());
    assertEquals("x, y", sample.columns().get("tags"));
    assertEquals(
        "I, me",
        Preparation.of(SampleForm.of("q", "{answers.text}"))
            .split(split)
            .run(files)
            .splits()
            .train()
            .list()
            .getFirst()
            .target());
  }

  @Test
  void aRowWithoutAnswersIsAnErrorUnlessEmptyTargetsAreDropped() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Files.writeString(file, "{\"q\": \"x\", \"a\": [\"y\"]}\n{\"q\": \"z\", \"a\": []}\n");
    RowFiles files =
        RowFiles.of(
            List.of(file.toString()), dev.quintet.trainer.rows.RowFormat.DEFAULT.withLists(true));
    Preparation all =
        Preparation.of(FORM).split(new Split.ByHash(new Split.Shares(1, 0, 0), "", ""));
    var e =
        assertThrows(dev.quintet.trainer.data.MalformedDataException.class, () -> all.run(files));
    assertTrue(e.getMessage().contains("line 2: has no answer"), e.getMessage());
    var drops =
        new DropRules(
            false,
            true,
            DropRules.Bounds.ALL,
            DropRules.Bounds.ALL,
            DropRules.Bounds.ALL,
            DropRules.Bounds.ALL,
            false,
            0,
            "",
            Set.of());
    assertEquals(
        Map.of("empty target", 1L), all.drops(drops).run(files).report().stage("drop").reasons());
  }

  @Test
  void markupOfManyOpenTagsTakesNoLongerThanItIsLong() {
    var cleaning = new Cleaning(true, Optional.empty(), false, false, false);
    for (String piece :
        List.of("<script>", "<!--", "<b", "<", "&amp", "</style", "&#9999999999;")) {
      String text = piece.repeat(200_000);
      assertTrue(cleaning.clean(text).length() <= text.length(), piece);
    }
  }

  private static long kept(Prepared prepared) {
    return prepared.report().parts().values().stream().mapToLong(n -> n).sum();
  }

  private static List<String> authors(List<Sample> samples) {
    return samples.stream().map(sample -> sample.columns().getOrDefault("author", "")).toList();
  }

  private static Map<String, Part> parts(RowFiles files) {
    var parts = new HashMap<String, Part>();
    Preparation.of(FORM).run(files, (part, sample) -> parts.put(sample.source(), part));
    return parts;
  }

  /// Rows of ten to fifteen words and a class.
  private static List<String> texts(int count, long seed) {
    var random = Philox.of(seed, 1);
    var texts = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var text = new StringBuilder("row" + seed + "x" + i);
      for (int n = 13 + random.nextInt(5); n > 0; n--) {
        text.append(" w").append(random.nextInt(5000));
      }
      texts.add(text + "\tclass " + i % 3);
    }
    return texts;
  }

  private RowFiles write(String name, String header, List<String> lines) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, header + "\n" + String.join("\n", lines) + "\n");
    return RowFiles.of(file.toString());
  }
}
