package dev.quintet.trainer.head;

import dev.quintet.models.t5.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a head answers.
public enum HeadKind {
  /// A class for the whole input; the target is its name.
  CLASSIFY(Architecture.SEQUENCE_CLASSIFICATION),
  /// A label for each word of the input; the target is the labels, parted by white space.
  TOKENS(Architecture.TOKEN_CLASSIFICATION),
  /// The part of the input that is the answer; the target is that text.
  SPANS(Architecture.QUESTION_ANSWERING);

  private final Architecture architecture;

  HeadKind(Architecture architecture) {
    this.architecture = architecture;
  }

  /// The name in settings.
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The names in settings.
  public static List<String> keys() {
    return Arrays.stream(values()).map(HeadKind::key).toList();
  }

  /// The kind of this name.
  ///
  /// @throws IllegalArgumentException if there is none
  public static HeadKind named(String key) {
    return Arrays.stream(values())
        .filter(kind -> kind.key().equals(key))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("a head is one of " + keys() + ", not '" + key + "'"));
  }

  /// The kind of head that a model of this architecture has.
  static Optional<HeadKind> of(Architecture architecture) {
    return Arrays.stream(values()).filter(kind -> kind.architecture == architecture).findFirst();
  }
}
