package dev.quintet.core.cpu;

import java.lang.System.Logger.Level;
import java.util.Optional;

/// Says once when Java is too old to be trusted with this library's arrays.
final class JavaAge {
  private static final int FEATURE = 25;
  private static final int UPDATE = 3;

  private JavaAge() {}

  /// Looks at the Java that runs.
  static void warnIfOld() {
    problem(Runtime.version())
        .ifPresent(why -> System.getLogger("dev.quintet.core.cpu").log(Level.WARNING, why));
  }

  /// What is wrong with a version, if something is.
  static Optional<String> problem(Runtime.Version version) {
    boolean old =
        version.feature() == FEATURE && version.interim() == 0 && version.update() < UPDATE;
    return old
        ? Optional.of(
            "Java "
                + version
                + " can move arrays while native code reads them (JDK-8377811, with G1), and then results are wrong"
                + " without a word: use 25.0.3 or later")
        : Optional.empty();
  }
}
