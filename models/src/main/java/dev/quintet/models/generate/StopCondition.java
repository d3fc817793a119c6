package dev.quintet.models.generate;

/// Ends a sequence: a text that is complete, a limit of one's own.
@FunctionalInterface
public interface StopCondition {

  /// Whether a sequence ends behind its last id. Called for each new id, under beams for candidates too.
  ///
  /// @param sequence what has been generated, the new id included
  boolean stops(Sequence sequence);
}
