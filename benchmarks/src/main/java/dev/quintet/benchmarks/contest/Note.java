package dev.quintet.benchmarks.contest;

/// What a measured process has to say to who reads the table.
public final class Note {
  /// By this a note is found in what the process prints.
  public static final String MARK = "bench-note: ";

  private Note() {}

  /// Says it.
  ///
  /// @param text one line
  public static void say(String text) {
    System.out.println(MARK + text);
  }
}
