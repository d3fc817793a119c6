package dev.quintet.trainer.search;

import java.util.ArrayList;
import java.util.List;

/// Brackets of successive halving, from many short trials to few long ones (Li and others 2018, "Hyperband").
public final class Hyperband {
  private Hyperband() {}

  /// The brackets, the one with most trials first.
  ///
  /// @param longest what one trial gets at most, as a multiple of the least that any gets
  /// @param eta one in how many trials goes on, at least 2
  public static List<Bracket> brackets(int longest, int eta) {
    var brackets = new ArrayList<Bracket>();
    int most = halvings(longest, eta);
    for (int s = most; s >= 0; s--) {
      long power = power(eta, s);
      long trials = ((most + 1) * power + s) / (s + 1);
      brackets.add(new Bracket(s, rungs((int) trials, s, longest, eta)));
    }
    return List.copyOf(brackets);
  }

  /// How often trials are dropped, in whole numbers: log 243 / log 3 comes out below 5.
  ///
  /// @param longest at least 1
  /// @param eta at least 2
  static int halvings(int longest, int eta) {
    if (longest < 1 || eta < 2) {
      throw new IllegalArgumentException(
          "the longest trial is at least 1 and eta at least 2, got %d and %d"
              .formatted(longest, eta));
    }
    int s = 0;
    for (long power = eta; power <= longest; power *= eta) {
      s++;
    }
    return s;
  }

  /// The rungs of one successive halving.
  ///
  /// @param trials how many begin
  /// @param s how often most are dropped
  static List<Rung> rungs(int trials, int s, int longest, int eta) {
    var rungs = new ArrayList<Rung>();
    for (int i = 0; i <= s; i++) {
      int left = (int) (trials / power(eta, i));
      rungs.add(new Rung(Math.max(1, left), (double) longest / power(eta, s - i)));
    }
    return List.copyOf(rungs);
  }

  private static long power(int base, int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= base;
    }
    return power;
  }

  /// A successive halving.
  ///
  /// @param s how often most are dropped
  /// @param rungs from the many to the few
  public record Bracket(int s, List<Rung> rungs) {}

  /// One length of trials.
  ///
  /// @param trials how many come this far
  /// @param resource what each has got by then, in all
  public record Rung(int trials, double resource) {}
}
