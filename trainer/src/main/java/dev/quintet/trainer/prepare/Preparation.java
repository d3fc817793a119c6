package dev.quintet.trainer.prepare;

import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.rows.RowFiles;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.ToIntFunction;

/// Makes of files of rows what a model is trained and scored on, in a fixed order: read, take columns, clean, drop, exact
/// duplicates, near duplicates, contradictions, split, leakage, augmentation.
///
/// ```java
/// var form = SampleForm.of("question: {question} context: {context}", "answers");
/// Prepared data = Preparation.of(form).nearDuplicates(true).run(RowFiles.of("rows/*.jsonl"));
/// data.splits().train();
/// data.report();
/// ```
public final class Preparation {
  final SampleForm form;
  Cleaning cleaning = Cleaning.DEFAULT;
  DropRules drops = DropRules.NONE;
  Optional<ToIntFunction<String>> tokens = Optional.empty();
  boolean duplicates = true;
  boolean nearDuplicates;
  Conflicts conflicts = Conflicts.KEEP;
  Split split = new Split.ByHash(Split.Shares.DEFAULT, Split.SALT, "");
  Leakage leakage = Leakage.DROP;
  boolean streamed;
  Optional<Augmentation> augmentation = Optional.empty();
  boolean augmentLater;

  private Preparation(SampleForm form) {
    this.form = form;
  }

  /// What becomes of rows with one source and different targets; they are reported always.
  public enum Conflicts {
    /// All stay.
    KEEP,
    /// All go.
    DROP,
    /// Those with the first target stay.
    FIRST
  }

  /// What becomes of rows to train on whose source is in the validation or test part, or nearly.
  public enum Leakage {
    /// They are an error.
    FAIL,
    /// They go from the training part.
    DROP,
    /// They stay, and are reported.
    ALLOW
  }

  /// A file of rows, and the part that it is; dealt where it is none.
  ///
  /// @param files of the rows
  /// @param part fixed for all of them
  record Input(RowFiles files, Optional<Part> part) {}

  /// Samples and the report.
  ///
  /// @param splits the parts
  /// @param report what went and why
  /// @param copies makes copies of the rows, where that was left for later
  public record Prepared(Pairs.Splits splits, DataReport report, Optional<RowCopies> copies) {}

  /// A preparation of samples of this form.
  public static Preparation of(SampleForm form) {
    return new Preparation(form);
  }

  /// How texts are cleaned, [Cleaning#DEFAULT] if nothing is said.
  public Preparation cleaning(Cleaning how) {
    cleaning = how;
    return this;
  }

  /// What is dropped for what it holds, nothing if nothing is said.
  public Preparation drops(DropRules rules) {
    drops = rules;
    return this;
  }

  /// How tokens are counted, for rules that ask.
  public Preparation tokens(ToIntFunction<String> count) {
    tokens = Optional.of(count);
    return this;
  }

  /// Whether of rows with the same texts the first alone stays, as it does if nothing is said.
  public Preparation duplicates(boolean go) {
    duplicates = go;
    return this;
  }

  /// Whether rows go whose texts are nearly those of an earlier one, as they do not if nothing is said.
  public Preparation nearDuplicates(boolean go) {
    nearDuplicates = go;
    return this;
  }

  /// What becomes of contradictions; they are kept if nothing is said.
  public Preparation conflicts(Conflicts rule) {
    conflicts = rule;
    return this;
  }

  /// How rows are dealt to parts, by hash in shares of 0.8, 0.1 and 0.1 if nothing is said.
  public Preparation split(Split how) {
    split = how;
    return this;
  }

  /// What becomes of rows to train on that others are scored on; they go if nothing is said.
  public Preparation leakage(Leakage rule) {
    leakage = rule;
    return this;
  }

  /// Whether files are read several times rather than kept in memory. Near duplicates and near leakage are then looked for as
  /// far as the texts to compare with fit in 24 MB each, and the report says where they do not.
  public Preparation streamed(boolean on) {
    streamed = on;
    return this;
  }

  /// How rows to train on are augmented, not at all if nothing is said. A copy follows its row; its id is the row's with `+` and
  /// a number.
  public Preparation augmentation(Augmentation how) {
    augmentation = Optional.of(how);
    return this;
  }

  /// Whether copies of rows are left for later, when [Prepared#copies] makes them: of the rows of a fold, or anew for each
  /// epoch. Rows that are streamed do not have such.
  public Preparation augmentLater(boolean on) {
    augmentLater = on;
    return this;
  }

  /// Prepares files, whose rows are dealt to the parts, in memory.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if a row breaks the rules
  /// @throws IllegalArgumentException if nothing is left, or a part is empty
  public Prepared run(RowFiles files) {
    return collected(List.of(new Input(files, Optional.empty())));
  }

  /// Prepares files of the parts, in memory.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if a row breaks the rules
  /// @throws IllegalArgumentException if nothing is left of a part
  public Prepared run(Map<Part, RowFiles> files) {
    return collected(inputs(files));
  }

  /// Prepares files and hands on each sample, in the order of the rows.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if a row breaks the rules; nothing is handed on then
  /// @throws IllegalArgumentException if nothing is left, or a part is empty
  public DataReport run(RowFiles files, BiConsumer<Part, Sample> out) {
    return run(List.of(new Input(files, Optional.empty())), out);
  }

  /// Prepares files of the parts and hands on each sample, in the order of the rows.
  ///
  /// @throws dev.quintet.trainer.data.MalformedDataException if a row breaks the rules; nothing is handed on then
  /// @throws IllegalArgumentException if nothing is left of a part
  public DataReport run(Map<Part, RowFiles> files, BiConsumer<Part, Sample> out) {
    return run(inputs(files), out);
  }

  private static List<Input> inputs(Map<Part, RowFiles> files) {
    return new EnumMap<>(files)
        .entrySet().stream()
            .map(entry -> new Input(entry.getValue(), Optional.of(entry.getKey())))
            .toList();
  }

  private DataReport run(List<Input> inputs, BiConsumer<Part, Sample> out) {
    if (augmentLater) {
      throw new IllegalArgumentException(
          "copies of rows are made later where the rows are kept: prepare them in memory");
    }
    try (var passes = passes(inputs)) {
      return passes.run(out);
    }
  }

  private Passes passes(List<Input> inputs) {
    if (drops.countsTokens() && tokens.isEmpty()) {
      throw new IllegalArgumentException(
          "rules that count tokens need a tokenizer; name one, or count characters");
    }
    if (streamed && augmentLater) {
      throw new IllegalArgumentException(
          "copies of rows are made later where the rows are kept: do not stream them");
    }
    return new Passes(this, inputs);
  }

  private Prepared collected(List<Input> inputs) {
    var samples = new EnumMap<Part, List<Sample>>(Part.class);
    for (Part part : Part.values()) {
      samples.put(part, new ArrayList<>());
    }
    try (var passes = passes(inputs)) {
      DataReport report =
          passes.run((part, sample) -> samples.getOrDefault(part, new ArrayList<>()).add(sample));
      return new Prepared(
          new Pairs.Splits(
              pairs(samples, Part.TRAIN),
              pairs(samples, Part.VALIDATION),
              pairs(samples, Part.TEST)),
          report,
          passes.copiesLater());
    }
  }

  private static Pairs pairs(Map<Part, List<Sample>> samples, Part part) {
    return Pairs.ofSamples(samples.getOrDefault(part, List.of()));
  }
}
