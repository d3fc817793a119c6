package dev.quintet.trainer.augment;

/// Makes another text of a text to train on.
public interface Augmenter {

  /// What became of a text.
  sealed interface Outcome {
    /// Another text.
    ///
    /// @param kind how it was made, such as `swap`
    /// @param text what it is
    record Made(String kind, String text) implements Outcome {}

    /// No text.
    ///
    /// @param kind how it would have been made
    /// @param reason why it is not, such as `the code does not parse`
    record Cancelled(String kind, String reason) implements Outcome {}
  }

  /// Hears of each text to train on before the first is changed.
  default void see(String text) {}

  /// Forgets the texts that it heard of.
  default void forget() {}

  /// Changes a text.
  ///
  /// @param draw decides how, alone
  Outcome change(String text, Draw draw);

  /// How many copies of a row are made where nobody says it.
  ///
  /// @param rows that there are to train on
  default int copies(long rows) {
    return 1;
  }

  /// Lets go of what it holds, once no more texts come.
  default void done() {}
}
