package dev.quintet.trainer.prepare;

import dev.quintet.trainer.augment.Augmenter;
import java.util.List;
import java.util.OptionalInt;

/// How rows to train on are augmented: each gets copies by each of some augmenters. Their targets stay as they are, and rows
/// to validate or test on are left alone.
///
/// @param augmenters one after another
/// @param copies of a row by each augmenter; where there are none, as many as it proposes
/// @param columns whose texts are changed; all that the source is made of where the list is empty
/// @param seed of what is drawn
public record Augmentation(
    List<Augmenter> augmenters, OptionalInt copies, List<String> columns, long seed) {

  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if there is no augmenter, or a number of copies below 1
  public Augmentation {
    augmenters = List.copyOf(augmenters);
    columns = List.copyOf(columns);
    if (augmenters.isEmpty()) {
      throw new IllegalArgumentException("an augmentation has at least one augmenter");
    }
    if (copies.isPresent() && copies.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 copy of a row, got " + copies.getAsInt());
    }
  }

  /// Copies by this augmenter, as many as it proposes.
  public static Augmentation by(Augmenter augmenter) {
    return new Augmentation(List.of(augmenter), OptionalInt.empty(), List.of(), 0);
  }
}
