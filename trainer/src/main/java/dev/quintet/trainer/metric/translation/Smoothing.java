package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.PythonText;

/// What BLEU takes for the precision of an order of n-grams of which none matches.
///
/// Source: Chen and Cherry, "A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU" (2014).
public sealed interface Smoothing {

  /// Half, a quarter and so on of one match, as mteval-v13a does.
  record Exponential() implements Smoothing {
    @Override
    public String toString() {
      return "exp";
    }
  }

  /// A small count in place of none.
  ///
  /// @param count such as 0.1
  record Floor(double count) implements Smoothing {

    /// Refuses what is no count.
    ///
    /// @throws IllegalArgumentException if it is negative or not finite
    public Floor {
      require("floor", count);
    }

    @Override
    public String toString() {
      return "floor[" + PythonText.fixed(count, 2) + "]";
    }
  }

  /// Adds a count to the matches and to all, for n-grams of two and more words.
  ///
  /// @param count such as 1
  record AddK(double count) implements Smoothing {

    /// Refuses what is no count.
    ///
    /// @throws IllegalArgumentException if it is negative or not finite
    public AddK {
      require("add-k", count);
    }

    @Override
    public String toString() {
      return "add-k[" + PythonText.fixed(count, 2) + "]";
    }
  }

  /// Nothing: the score is 0.
  record None() implements Smoothing {
    @Override
    public String toString() {
      return "none";
    }
  }

  private static void require(String name, double count) {
    if (!(count >= 0 && count < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "BLEU's smoothing " + name + " takes a count of at least 0, not " + count);
    }
  }
}
