package dev.quintet.app.demo;

import dev.quintet.trainer.loop.TrainingListener;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Shows a demo to somebody; the demo itself prints nothing.
public interface DemoListener {

  /// How long the whole still takes: to be asked whenever progress is shown. Not called where a number of steps was asked
  /// for and not a time.
  ///
  /// @param secondsLeft of the time that the demo was given
  default void whole(DoubleSupplier secondsLeft) {}

  /// A phase starts.
  ///
  /// @param title what it does, in a few words
  void phase(String title);

  /// A phase has been done by an earlier run.
  void skipped(String title);

  /// Something worth knowing, such as what was found.
  void note(String text);

  /// How far a phase without steps is.
  ///
  /// @param done parts done
  /// @param total parts in all
  void progress(long done, long total);

  /// A phase has ended.
  ///
  /// @param seconds what it took
  void ended(double seconds);

  /// Part of the result.
  void result(String text);

  /// Who watches a training, with its log and plot in these files.
  ///
  /// @param title what is trained
  /// @param log JSON lines
  /// @param plot PNG
  List<TrainingListener> training(String title, Path log, Path plot);
}
