package dev.quintet.trainer.search;

/// Apache Commons Math, which who only trains need not carry.
final class CommonsMath {
  private static final String CLASS = "org.apache.commons.math3.random.SobolSequenceGenerator";

  private CommonsMath() {}

  /// @throws IllegalStateException that says what to add, where it is missing
  static void require() {
    try {
      Class.forName(CLASS);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "a search of settings needs Apache Commons Math (org.apache.commons:commons-math3:3.6.1), which is not there: add it to the program",
          e);
    }
  }
}
