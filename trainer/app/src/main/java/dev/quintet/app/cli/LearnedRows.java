package dev.quintet.app.cli;

import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.data.Sample;
import dev.quintet.trainer.loop.Trainer;
import dev.quintet.trainer.prepare.RowCopies;
import dev.quintet.trainer.prepare.Stage;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/// What a training learns from and is measured on, and how its rows are augmented.
///
/// @param splits the parts; the first of them with copies
/// @param epochs the rows of each epoch, where copies are made anew
/// @param stage what came of augmenting the rows; of the first epoch, where there are several
record LearnedRows(
    Pairs.Splits splits, Optional<LongFunction<Pairs>> epochs, Optional<Stage> stage) {
  /// What is said of copies that are made anew.
  static final String ANEW =
      "copies are made anew for each epoch, and the counts are those of the first; where none can be made, the row itself stands once more";

  /// Rows as they are.
  static LearnedRows of(Pairs.Splits splits) {
    return new LearnedRows(splits, Optional.empty(), Optional.empty());
  }

  /// Rows of which those to learn from are augmented.
  ///
  /// @param anew whether for each epoch
  /// @param held more rows that no copy may be
  static LearnedRows augmented(
      Pairs.Splits splits, RowCopies copies, boolean anew, List<Sample> held) {
    List<Sample> learn = splits.train().samples();
    List<Sample> scored =
        Stream.of(splits.validation().samples(), splits.test().samples(), held)
            .flatMap(List::stream)
            .toList();
    RowCopies.Made made = anew ? copies.first(learn, scored) : copies.once(learn, scored);
    LongFunction<Pairs> later = copies.eachEpoch(learn, scored);
    return new LearnedRows(
        new Pairs.Splits(made.pairs(), splits.validation(), splits.test()),
        anew
            ? Optional.of(epoch -> epoch == 0 ? made.pairs() : later.apply(epoch))
            : Optional.empty(),
        Optional.of(made.stage()));
  }

  /// Gives them to a trainer.
  void apply(Trainer trainer) {
    epochs.ifPresentOrElse(
        each -> trainer.eachEpoch(each, splits.validation()).test(splits.test()),
        () -> trainer.data(splits));
  }
}
