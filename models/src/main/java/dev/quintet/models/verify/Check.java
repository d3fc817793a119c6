package dev.quintet.models.verify;

import java.util.List;
import java.util.Set;

/// Recomputes one kind of recording.
public interface Check {

  /// The files of the recording; the check runs where the folder holds all of them.
  Set<String> files();

  /// Recomputes and compares.
  ///
  /// @throws dev.quintet.core.io.MalformedFileException if a file breaks its format's rules
  List<Comparison> run(Golden golden);
}
