package dev.quintet.app.cli;

import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.folds.Folds;
import dev.quintet.trainer.prepare.NormalForm;
import dev.quintet.trainer.prepare.RowCopies;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The rows of a cross validation, with what they are dealt by.
final class FoldRows {
  private final List<Sample> samples;
  private final Optional<List<String>> labels;
  private final Optional<List<String>> groups;
  private final Optional<RowCopies> copies;
  private final boolean anew;

  private FoldRows(
      List<Sample> samples,
      Optional<List<String>> labels,
      Optional<List<String>> groups,
      Optional<RowCopies> copies,
      boolean anew) {
    this.samples = samples;
    this.labels = labels;
    this.groups = groups;
    this.copies = copies;
    this.anew = anew;
  }

  /// Reads the rows that the settings of `train` name.
  static FoldRows read(FoldSettings settings) {
    var columns = new LinkedHashSet<String>();
    settings.strata().ifPresent(columns::add);
    settings.group().ifPresent(columns::add);
    DataSettings.Rows rows = TrainSettings.of(settings.train()).rows(List.copyOf(columns));
    rows.report()
        .ifPresent(report -> {
          DataCommand.lines(report).forEach(System.err::println);
          report.remarks().forEach(System.err::println);
        });
    List<Sample> samples = rows.samples();
    Optional<List<String>> labels = settings.strata().map(column -> column(samples, column));
    Optional<List<String>> groups = settings.group().map(column -> column(samples, column));
    return new FoldRows(
        samples,
        labels,
        settings.together() ? together(samples, groups) : groups,
        rows.copies(),
        rows.anew());
  }

  private static List<String> column(List<Sample> samples, String column) {
    return samples.stream().map(sample -> sample.columns().getOrDefault(column, "")).toList();
  }

  /// Groups joined by rows with the same words in their sources; nothing where no two have.
  private static Optional<List<String>> together(
      List<Sample> samples, Optional<List<String>> groups) {
    List<String> words =
        samples.stream()
            .map(sample -> String.join(" ", NormalForm.words(sample.source())))
            .toList();
    long different = words.stream().distinct().count();
    if (different == words.size()) {
      return groups;
    }
    System.err.printf(
        "%,d of %,d rows have the words of another row's source, and stay in its fold%n",
        words.size() - different, words.size());
    List<String> apart =
        groups.orElseGet(
            () -> IntStream.range(0, samples.size()).mapToObj(i -> "row " + i).toList());
    return Optional.of(Folds.joined(apart, words));
  }

  int size() {
    return samples.size();
  }

  /// Deals all rows.
  Folds deal(int k, long seed) {
    if (groups.isPresent()) {
      return labels.isPresent()
          ? Folds.stratifiedGroups(labels.get(), groups.get(), k, seed)
          : Folds.grouped(groups.get(), k, seed);
    }
    return labels.isPresent()
        ? Folds.stratified(labels.get(), k, seed)
        : Folds.plain(samples.size(), k, seed);
  }

  /// Some of the rows.
  FoldRows pick(int[] rows) {
    return new FoldRows(
        Arrays.stream(rows).mapToObj(samples::get).toList(),
        labels.map(all -> Arrays.stream(rows).mapToObj(all::get).toList()),
        groups.map(all -> Arrays.stream(rows).mapToObj(all::get).toList()),
        copies,
        anew);
  }

  /// What is learned from of a split: its rows to train on with copies, where rows are augmented.
  ///
  /// @param held rows held out beside the split, which no copy may be
  LearnedRows learned(Pairs.Splits splits, FoldRows held) {
    return copies
        .map(make -> LearnedRows.augmented(splits, make, anew, held.samples))
        .orElseGet(() -> LearnedRows.of(splits));
  }

  /// How many parts they can be dealt into at most.
  private int most() {
    return groups.map(all -> (int) all.stream().distinct().count()).orElse(samples.size());
  }

  /// A share of the rows held out, dealt as folds are.
  Pairs.Splits holdOut(double share, long seed) {
    int k = Math.clamp((int) Math.round(1 / share), 2, Math.max(2, most()));
    Folds folds = deal(k, seed);
    return new Pairs.Splits(
        pick(folds.train(0)).pairs(), pick(folds.test(0)).pairs(), Pairs.of(List.of()));
  }

  Pairs pairs() {
    return Pairs.ofSamples(samples);
  }

  /// What stands for the rows: their ids and texts.
  String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      var parts = new ArrayList<String>();
      for (Sample sample : samples) {
        parts.add(sample.source());
        parts.addAll(sample.answers());
      }
      for (String part : parts) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
