package dev.quintet.trainer.prepare;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A part of the data.
public enum Part {
  /// What a model learns from.
  TRAIN,
  /// What decides which model is best.
  VALIDATION,
  /// What nobody looks at before the end.
  TEST;

  /// Its name in files and settings.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The part of this name, such as `validation`.
  static Optional<Part> of(String word) {
    return Arrays.stream(values()).filter(part -> part.word().equals(word)).findFirst();
  }
}
