package dev.quintet.trainer.prepare;

import dev.quintet.core.random.Site;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.rows.Row;
import dev.quintet.trainer.rows.RowReader;
import dev.quintet.trainer.rows.RowReader.SourceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/// The passes of a preparation over its rows: one that decides which stay and what part each is, one that looks at what is
/// scored, and one that hands on.
///
/// Between them rows stay in memory, or else a byte for each does, and the files are read again.
final class Passes implements AutoCloseable {
  private static final byte GONE = 0;
  private static final byte UNDECIDED = 9;
  private static final Row NO_ROW = Row.of(Map.of());

  private final Preparation asked;
  private final List<Preparation.Input> inputs;
  private final SampleForm form;
  private final Dealer dealer;

  private final Stage read = new Stage("read");
  private final Stage clean = new Stage("clean");
  private final Stage drop = new Stage("drop");
  private final Stage exact = new Stage("exact duplicates");
  private final Stage conflicts = new Stage("contradictions");
  private final Stage near = new Stage("near duplicates");
  private final Stage split = new Stage("split");
  private final Stage leakage = new Stage("leakage");
  private final Stage augmentation = new Stage("augmentation");

  private final KeyTable texts = new KeyTable();
  private final KeyTable sources = new KeyTable();
  private final KeyTable scored = new KeyTable();
  private final NearTexts nearTexts;
  private final NearTexts nearScored;

  private final Optional<Copies> copies;
  private final List<Sample> kept = new ArrayList<>();
  private final List<Row> keptRows = new ArrayList<>(); // where copies are made of them
  private List<SourceFile> files = List.of();
  private byte[] parts = new byte[1024]; // of each row: gone, undecided, or 1 and its part
  private int rows;
  private int[] sourceOf =
      new int[1024]; // of each row: the number of its source, where contradictions go
  private long[] firstTarget = new long[1024]; // of each source: the hash of the first target
  private boolean[] contradicted = new boolean[1024];

  Passes(Preparation asked, List<Preparation.Input> inputs) {
    this.asked = asked;
    this.inputs = inputs;
    long most = asked.streamed ? NearTexts.STREAMED : Long.MAX_VALUE;
    this.nearTexts = new NearTexts(most);
    this.nearScored = new NearTexts(most);
    this.dealer = new Dealer(asked.split);
    var columns = new ArrayList<>(asked.form.kept());
    boolean fixed = inputs.stream().allMatch(input -> input.part().isPresent());
    if (!fixed && !dealer.column().isEmpty()) {
      columns.add(dealer.column());
    }
    if (!asked.drops.languageColumn().isEmpty()) {
      columns.add(asked.drops.languageColumn());
    }
    this.form = asked.form.withKept(columns);
    this.copies = asked.augmentation.map(how -> new Copies(how, form, augmentation));
  }

  DataReport run(BiConsumer<Part, Sample> out) {
    decide();
    dropContradictions();
    deal();
    boolean check = counts().keySet().stream().anyMatch(part -> part != Part.TRAIN);
    if (check) {
      each((number, _, sample) -> {
        if (part(number) != Part.TRAIN) {
          String text = text(sample);
          scored.add(NormalForm.of(text));
          nearScored.add(text);
        }
      });
    }
    findLeakage(check);
    var counts = counts();
    if (counts.getOrDefault(Part.TRAIN, 0L) == 0) {
      throw new IllegalArgumentException(
          "no rows are left to train on: each is in the validation or test part too; the key \"leakage\" says what becomes of such");
    }
    List<Stage> stages =
        new ArrayList<>(List.of(read, clean, drop, exact, near, conflicts, split, leakage));
    if (copies.isPresent() && !asked.augmentLater) {
      counts.merge(Part.TRAIN, augmented(copies.get(), out), Long::sum);
      stages.add(augmentation);
    } else {
      each((number, _, sample) -> out.accept(part(number), sample));
    }
    return new DataReport(files, stages, counts, remarks(check));
  }

  /// Hands on all rows, and behind each one to train on its copies, of which it returns the number.
  private long augmented(Copies copies, BiConsumer<Part, Sample> out) {
    each((number, row, _) -> {
      if (part(number) == Part.TRAIN) {
        copies.see(row);
        augmentation.came();
      }
    });
    long rowsToTrainOn = augmentation.in();
    long[] made = new long[1];
    each((number, row, sample) -> {
      out.accept(part(number), sample);
      if (part(number) == Part.TRAIN) {
        augmentation.stayed();
        for (Sample copy :
            copies.of(
                row,
                sample,
                new Copies.Ask(
                    rowsToTrainOn, 0, false, text -> scored.find(NormalForm.of(text)) >= 0))) {
          out.accept(Part.TRAIN, copy);
          augmentation.stayed();
          made[0]++;
        }
      }
    });
    return made[0];
  }

  /// What makes copies of the rows later.
  Optional<RowCopies> copiesLater() {
    return asked
        .augmentation
        .filter(_ -> asked.augmentLater)
        .map(how -> {
          var own = new IdentityHashMap<Sample, Row>();
          each((_, row, sample) -> own.put(sample, row));
          return new RowCopies(how, form, own);
        });
  }

  // ---- deciding ----

  private void decide() {
    var all = new ArrayList<SourceFile>();
    for (Preparation.Input input : inputs) {
      try (RowReader reader = input.files().select(form.columns()).reader()) {
        for (var row = reader.next(); row.isPresent(); row = reader.next()) {
          decide(row.get(), input.part());
        }
        if (reader.bad() > 0) {
          read.met("break the rules of their format", reader.bad(), reader.badRows());
        }
        all.addAll(reader.sources());
      }
    }
    files = all;
    if (read.in() == 0) {
      throw new IllegalArgumentException(
          (read.reasons().isEmpty()
                  ? "%s holds no rows; give it some, or name another file"
                  : "%s holds no rows but such as break the rules of their format")
              .formatted(names().size() == 1 ? names().getFirst() : names()));
    }
    if (rows == 0 || counts().isEmpty()) {
      throw new IllegalArgumentException(
          "no rows are left of the %,d in %s; the stages before say why: %s"
              .formatted(read.in(), names(), gone()));
    }
  }

  private List<Path> names() {
    return inputs.stream().flatMap(input -> input.files().files().stream()).limit(5).toList();
  }

  private String gone() {
    return Stream.of(drop, exact, near, conflicts)
        .filter(stage -> !stage.reasons().isEmpty())
        .map(stage -> stage.name() + " " + stage.reasons())
        .toList()
        .toString();
  }

  private void decide(Row row, Optional<Part> fixed) {
    read.came();
    read.stayed();
    clean.came();
    Row cleaned = row.map(form.texts(), asked.cleaning::clean);
    if (asked.drops.emptyTarget() && form.hasNoAnswer(cleaned)) {
      clean.stayed();
      drop.came();
      drop.met("empty target", row.place(), form.source().text(row));
      decided(GONE);
      return;
    }
    Sample sample = form.sample(cleaned);
    if (!cleaned.columns().equals(row.columns())) {
      clean.met("changed", sample.id(), form.source().text(row));
    }
    clean.stayed();
    drop.came();
    Optional<String> reason =
        asked.drops.reason(cleaned, form, sample, asked.tokens.orElse(String::length));
    if (reason.isPresent()) {
      drop.met(reason.get(), sample.id(), sample.source());
      decided(GONE);
      return;
    }
    drop.stayed();
    if (asked.duplicates) {
      exact.came();
      long before = texts.size();
      if (texts.add(KeyTable.exact(sample.source() + '\u001F' + targets(sample))) < before) {
        exact.met("the same texts as an earlier row", sample.id(), sample.source());
        decided(GONE);
        return;
      }
      exact.stayed();
    }
    int source = source(sample);
    if (asked.nearDuplicates) {
      near.came();
      if (nearTexts.addUnlessFound(text(sample) + "\n" + targets(sample)).isPresent()) {
        near.met("nearly the texts of an earlier row", sample.id(), sample.source());
        decided(GONE);
        return;
      }
      near.stayed();
    }
    if (rows >= sourceOf.length) { // by more than one, where rows before were dropped
      sourceOf = Arrays.copyOf(sourceOf, rows * 2);
    }
    sourceOf[rows] = source;
    Optional<Part> part =
        fixed.or(() ->
            dealer.isImmediate()
                ? Optional.of(dealer.part(sample, text(sample)))
                : Optional.empty());
    decided(part.map(p -> (byte) (p.ordinal() + 1)).orElse(UNDECIDED));
    if (!asked.streamed) {
      while (kept.size() < rows - 1) {
        kept.add(sample); // stands for rows that are gone, which nobody asks for
      }
      kept.add(sample);
      while (copies.isPresent() && keptRows.size() < rows) {
        keptRows.add(cleaned);
      }
    }
  }

  private static String targets(Sample sample) {
    return String.join("\u001F", sample.answers());
  }

  /// The source without the prefix, by which rows are compared.
  private String text(Sample sample) {
    return sample.source().substring(form.prefix().length());
  }

  /// The number of a row's source; -1 less it, if the row contradicts an earlier one.
  private int source(Sample sample) {
    long before = sources.size();
    int number = (int) sources.add(KeyTable.exact(sample.source()));
    if (number == firstTarget.length) {
      firstTarget = Arrays.copyOf(firstTarget, number * 2);
      contradicted = Arrays.copyOf(contradicted, number * 2);
    }
    long target = Site.of(KeyTable.exact(targets(sample)));
    if (number == before) {
      firstTarget[number] = target;
    } else if (firstTarget[number] != target) {
      contradicted[number] = true;
      conflicts.met("another target than an earlier row's", sample.id(), sample.source());
      return -1 - number;
    }
    return number;
  }

  private void decided(byte part) {
    if (rows == parts.length) {
      if (rows > 1 << 30) {
        throw new IllegalArgumentException("a preparation takes up to 1,073,741,824 rows");
      }
      parts = Arrays.copyOf(parts, rows * 2);
    }
    parts[rows++] = part;
  }

  private void dropContradictions() {
    for (int i = 0; i < rows; i++) {
      if (parts[i] == GONE) {
        continue;
      }
      conflicts.came();
      int source = sourceOf[i];
      boolean goes =
          switch (asked.conflicts) {
            case KEEP -> false;
            case FIRST -> source < 0;
            case DROP -> contradicted[Math.max(source, -1 - source)];
          };
      if (goes) {
        parts[i] = GONE;
      } else {
        conflicts.stayed();
      }
    }
    // nobody asks for these again, and of millions of rows they are a hundred megabytes
    sourceOf = new int[0];
    firstTarget = new long[0];
    contradicted = new boolean[0];
    nearTexts.release();
  }

  // ---- parts ----

  private void deal() {
    boolean dealt = inputs.stream().anyMatch(input -> input.part().isEmpty());
    boolean open = false;
    for (int i = 0; i < rows && !open; i++) {
      open = parts[i] == UNDECIDED;
    }
    if (open) {
      var strata = new ArrayList<String>();
      var numbers = new ArrayList<Integer>();
      each((number, _, sample) -> {
        strata.add(dealer.stratum(sample).intern());
        numbers.add(number);
      });
      Part[] each = dealer.parts(strata);
      for (int i = 0; i < each.length; i++) {
        parts[numbers.get(i)] = (byte) (each[i].ordinal() + 1);
      }
    }
    for (var part : counts().entrySet()) {
      for (long i = 0; i < part.getValue(); i++) {
        split.came();
        split.stayed();
      }
      split.met(part.getKey().word(), part.getValue(), List.of());
    }
    if (dealt) {
      dealer.refuseEmpty(counts());
    } else {
      for (Preparation.Input input : inputs) {
        Part part = input.part().orElseThrow();
        if (counts().getOrDefault(part, 0L) == 0) {
          throw new IllegalArgumentException(
              "no rows are left of the %s part, %s; %s"
                  .formatted(part.word(), input.files().files(), gone()));
        }
      }
    }
  }

  private SequencedMap<Part, Long> counts() {
    long[] counts = new long[Part.values().length + 1];
    long open = 0;
    for (int i = 0; i < rows; i++) {
      if (parts[i] == UNDECIDED) {
        open++;
      } else {
        counts[parts[i]]++;
      }
    }
    var all = new LinkedHashMap<Part, Long>();
    for (Part part : Part.values()) {
      long count = counts[part.ordinal() + 1] + (part == Part.TRAIN ? open : 0);
      if (count > 0) {
        all.put(part, count);
      }
    }
    return all;
  }

  private Part part(int row) {
    return Part.values()[parts[row] - 1];
  }

  // ---- leakage ----

  private void findLeakage(boolean check) {
    each((number, _, sample) -> {
      leakage.came();
      if (check && part(number) == Part.TRAIN) {
        String text = text(sample);
        boolean same = scored.find(NormalForm.of(text)) >= 0;
        OptionalInt like = same ? OptionalInt.empty() : nearScored.find(text);
        if (same || like.isPresent()) {
          leakage.met(
              same
                  ? "training source in the validation or test part"
                  : "training source nearly in the validation or test part",
              sample.id(),
              sample.source());
          if (asked.leakage == Preparation.Leakage.DROP) {
            parts[number] = GONE;
            return;
          }
        }
      }
      leakage.stayed();
    });
    long found = leakage.reasons().values().stream().mapToLong(Long::longValue).sum();
    if (found > 0 && asked.leakage == Preparation.Leakage.FAIL) {
      String reason = leakage.reasons().keySet().iterator().next();
      throw new IllegalArgumentException(
          "%,d rows to train on are in the validation or test part too, or nearly (%s); remove them, or set \"leakage\" to drop or allow"
              .formatted(found, leakage.examples(reason).getFirst()));
    }
  }

  // ---- going through what stays ----

  private interface Visit {
    /// @param row of which the sample was made; known where copies are made of rows, or they are streamed
    void row(int number, Row row, Sample sample);
  }

  private void each(Visit visit) {
    if (!asked.streamed) {
      for (int i = 0; i < rows; i++) {
        if (parts[i] != GONE) {
          visit.row(i, copies.isPresent() ? keptRows.get(i) : NO_ROW, kept.get(i));
        }
      }
      return;
    }
    int number = 0;
    var again = new ArrayList<SourceFile>();
    for (Preparation.Input input : inputs) {
      try (RowReader reader = input.files().select(form.columns()).reader()) {
        for (var row = reader.next(); row.isPresent(); row = reader.next()) {
          if (number < rows && parts[number] != GONE) {
            Row cleaned = row.get().map(form.texts(), asked.cleaning::clean);
            visit.row(number, cleaned, form.sample(cleaned));
          }
          number++;
        }
        again.addAll(reader.sources());
      }
    }
    if (!again.equals(files)) {
      throw new UncheckedIOException(
          new IOException(
              "the files " + names() + " were changed while they were read; start anew"));
    }
  }

  private List<String> remarks(boolean check) {
    var remarks = new ArrayList<String>();
    if (nearTexts.full() && asked.nearDuplicates) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "near duplicates of the first %,d different rows are looked for, and of no later ones: the rows are streamed, and more texts to compare with do not fit beside them",
              nearTexts.size()));
    }
    if (nearScored.full() && check) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "leakage is looked for in sources that are the same as a scored one, and in those nearly the same as one of the first %,d: the rows are streamed, and more texts to compare with do not fit beside them",
              nearScored.size()));
    }
    OptionalLong bad =
        read.reasons().values().stream().mapToLong(Long::longValue).reduce(Long::sum);
    if (bad.isPresent()) {
      remarks.add(
          String.format(
              Locale.ROOT, "%,d rows that break the rules are passed over", bad.getAsLong()));
    }
    return remarks;
  }

  @Override
  public void close() {
    copies.ifPresent(Copies::done);
    texts.close();
    sources.close();
    scored.close();
  }
}
