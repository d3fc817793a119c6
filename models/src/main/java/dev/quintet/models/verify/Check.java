package dev.quintet.models.verify;

import dev.quintet.models.t5.Architecture;
import java.util.List;
import java.util.Set;

/// Recomputes one kind of recording.
public interface Check {

  /// The files of the recording; the check runs where the folder holds all of them.
  Set<String> files();

  /// Those of them by which the recording is known: where none of these is there, nothing of it is missed.
  default Set<String> signs() {
    return files();
  }

  /// Whether it can recompute with models of an architecture; only those that generate text if nothing else is said.
  default boolean covers(Architecture architecture) {
    return architecture == Architecture.GENERATION;
  }

  /// Recomputes and compares.
  ///
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  List<Comparison> run(Golden golden);
}
