package dev.quintet.app.demo;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What decides a demo's results; a resumed demo must be given the same.
///
/// @param seed of everything random
/// @param minutes for all of it, when no steps are given
/// @param steps of the naming task; then the larger model is taken and nothing is measured
/// @param saveEvery steps between checkpoints; computed from sizes if empty
/// @param sources folder, zip or jar of Java sources; the JDK's own if empty
/// @param compare whether pre-training and freezing after it are compared
public record DemoArguments(
    long seed,
    double minutes,
    OptionalLong steps,
    OptionalLong saveEvery,
    Optional<String> sources,
    boolean compare) {
  /// What a demo takes in all if nothing is said.
  public static final double DEFAULT_MINUTES = 4;

  private static final Pattern RECORD =
      Pattern.compile(
          "seed=(-?\\d+) minutes=(\\S+) steps=(-|\\d+) save-every=(-|\\d+) sources=(.*)"
              + " compare=(true|false)");

  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException that names the option
  public DemoArguments {
    if (!(minutes >= 0.5 && minutes <= 100_000)) {
      throw new IllegalArgumentException("--minutes is from 0.5 to 100000, not " + minutes);
    }
    if (steps.isPresent() && steps.getAsLong() < 1) {
      throw new IllegalArgumentException("--steps is at least 1, not " + steps.getAsLong());
    }
    if (saveEvery.isPresent() && saveEvery.getAsLong() < 1) {
      throw new IllegalArgumentException(
          "--save-every is at least 1, not " + saveEvery.getAsLong());
    }
  }

  /// The arguments of a record.
  ///
  /// @throws DemoFolderException if it is none
  static DemoArguments parse(String record) {
    Matcher matcher = RECORD.matcher(record);
    if (!matcher.matches()) {
      throw new DemoFolderException("demo.json holds no arguments; start a demo in another folder");
    }
    String steps = matcher.group(3);
    String saveEvery = matcher.group(4);
    String sources = matcher.group(5);
    return new DemoArguments(
        Long.parseLong(matcher.group(1)),
        steps.equals("-") ? Double.parseDouble(matcher.group(2)) : DEFAULT_MINUTES,
        steps.equals("-") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(steps)),
        saveEvery.equals("-") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(saveEvery)),
        sources.equals("jdk") ? Optional.empty() : Optional.of(sources),
        Boolean.parseBoolean(matcher.group(6)));
  }

  /// One line that is equal for equal arguments.
  String record() {
    return "seed=%d minutes=%s steps=%s save-every=%s sources=%s compare=%b"
        .formatted(
            seed,
            steps.isPresent() ? "-" : String.valueOf(minutes),
            steps.isPresent() ? String.valueOf(steps.getAsLong()) : "-",
            saveEvery.isPresent() ? String.valueOf(saveEvery.getAsLong()) : "-",
            sources.orElse("jdk"),
            compare);
  }
}
