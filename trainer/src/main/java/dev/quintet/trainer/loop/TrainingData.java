package dev.quintet.trainer.loop;

import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Windows;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/// What a run learns from and is measured on, and what of it is cut away.
///
/// @param train what it learns from
/// @param validation what it is measured on
/// @param tasks where it learns several
public record TrainingData(Part train, Part validation, Optional<TaskShares> tasks) {

  /// Data of one task.
  public TrainingData(Part train, Part validation) {
    this(train, validation, Optional.empty());
  }

  /// Some examples.
  ///
  /// @param rows how many there are
  /// @param sources how long the sources are; nothing for running text, of which nothing is cut
  /// @param targets how long the targets are; nothing for running text
  /// @param packed in how many rows they are, where several share one
  /// @param windows how many are cut in a passage alone, and into how many windows; nothing where none has a passage
  public record Part(
      int rows,
      Optional<EncodedPairs.Lengths> sources,
      Optional<EncodedPairs.Lengths> targets,
      OptionalInt packed,
      Optional<Windows.Counts> windows) {

    /// Examples of which none is cut in a passage.
    public Part(
        int rows,
        Optional<EncodedPairs.Lengths> sources,
        Optional<EncodedPairs.Lengths> targets,
        OptionalInt packed) {
      this(rows, sources, targets, packed, Optional.empty());
    }

    /// Examples that have a row each.
    public Part(
        int rows, Optional<EncodedPairs.Lengths> sources, Optional<EncodedPairs.Lengths> targets) {
      this(rows, sources, targets, OptionalInt.empty());
    }
  }

  /// What a user should know before it starts: what is cut and what is empty, a message each.
  public List<String> remarks() {
    var remarks = new ArrayList<String>();
    add(remarks, "training", train);
    add(remarks, "validation", validation);
    tasks.ifPresent(all ->
        all.list()
            .forEach(task ->
                remarks.add(
                    String.format(
                        Locale.ROOT,
                        "task %s: %,d examples, of which an epoch sees %,d (rate %.4f)",
                        task.name(),
                        task.examples(),
                        task.places(),
                        task.rate()))));
    return remarks;
  }

  private static void add(List<String> remarks, String part, Part data) {
    data.sources().ifPresent(lengths -> add(remarks, part, "source", lengths));
    data.targets().ifPresent(lengths -> add(remarks, part, "target", lengths));
    data.windows()
        .filter(counts -> counts.longer() > 0)
        .ifPresent(counts -> add(remarks, part, counts));
    data.packed()
        .ifPresent(count ->
            remarks.add(
                String.format(
                    Locale.ROOT, "%s data: %,d pairs share %,d rows", part, data.rows(), count)));
  }

  private static void add(List<String> remarks, String part, Windows.Counts counts) {
    remarks.add(
        String.format(
                Locale.ROOT,
                "%s data: %,d of %,d sources are too long, and cut ",
                part,
                counts.longer(),
                counts.rows())
            + (counts.windows() == counts.longer()
                ? "in their passage alone"
                : String.format(
                    Locale.ROOT, "into %,d windows of their passage", counts.windows())));
    if (counts.withoutAnswer() > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "%s data: %,d of %,d windows hold no answer and are left out, and with them %,d rows of which none does",
              part,
              counts.withoutAnswer(),
              counts.windows(),
              counts.rowsWithout()));
    }
  }

  private static void add(
      List<String> remarks, String part, String side, EncodedPairs.Lengths lengths) {
    if (lengths.cut() > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "%s data: %,d of %,d %ss are cut to %,d tokens (max_%s); the longest has %,d",
              part,
              lengths.cut(),
              lengths.rows(),
              side,
              lengths.most(),
              side,
              lengths.longest()));
    }
    if (lengths.empty() > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "%s data: %,d of %,d %ss are empty",
              part,
              lengths.empty(),
              lengths.rows(),
              side));
    }
  }
}
