package dev.quintet.benchmarks.tokenizers;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What to read: a second figure beside texts a second, megabytes of UTF-8 a second.
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Volume {
  /// Megabytes of text so far.
  public double megabytes;
}
