package dev.quintet.models.generate;

import dev.quintet.core.backend.Selection;
import java.util.Optional;

/// A processor whose work a device can do itself while it chooses tokens: it looks at the length of the sequences alone,
/// which all rows share.
interface Selectable extends LogitsProcessor {

  /// A rule with what this processor does behind it; empty where no rule does that.
  ///
  /// @param length ids of a sequence so far
  /// @param prompt how many of them were given
  Optional<Selection> join(Selection rule, int length, int prompt);
}
