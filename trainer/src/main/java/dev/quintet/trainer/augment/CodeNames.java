package dev.quintet.trainer.augment;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds and exchanges the names of local variables and parameters in source code of some language.
public interface CodeNames {

  /// The names of a piece of code.
  ///
  /// @param locals of parameters and local variables that can be renamed, in their order
  /// @param taken all that it uses otherwise, and words of the language: no new name is one of them
  record Names(List<String> locals, Set<String> taken) {

    /// Copies both.
    public Names {
      locals = List.copyOf(locals);
      taken = Set.copyOf(taken);
    }
  }

  /// The names of a piece of code; nothing if it does not parse.
  Optional<Names> names(String code);

  /// The code with other names; nothing if it does not parse to the same tree but for them.
  ///
  /// @param to the new names of locals
  Optional<String> renamed(String code, Map<String, String> to);
}
