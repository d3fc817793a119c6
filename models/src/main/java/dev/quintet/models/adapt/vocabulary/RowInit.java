package dev.quintet.models.adapt.vocabulary;

import java.util.Arrays;
import java.util.Locale;

/// What the row of a new token begins as, where the old vocabulary has no such token; those that it has are copied.
public enum RowInit {
  /// The mean of the rows of the tokens that the old tokenizer cuts it into (fast vocabulary transfer, Gee et al. 2022,
  /// arXiv 2402.09977).
  FVT,
  /// The mean of all old rows.
  MEAN,
  /// The row of one token: of those that the old tokenizer cuts it into, the longest; of equally long ones the first.
  NEAREST,
  /// Normal numbers with the mean and the deviation that each feature has among the old rows.
  RANDOM,
  /// Zeros.
  ZERO;

  /// The init of a name, such as `fvt`.
  ///
  /// @throws IllegalArgumentException if there is none, with the names that there are
  public static RowInit of(String name) {
    return Arrays.stream(values())
        .filter(init -> init.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "expected one of " + Arrays.toString(values()) + ", got \"" + name + "\""));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
