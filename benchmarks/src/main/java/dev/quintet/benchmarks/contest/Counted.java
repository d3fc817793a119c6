package dev.quintet.benchmarks.contest;

import java.util.Set;

/// A class of benchmarks that can say what a call does. It is asked with its parameters set and nothing prepared.
public interface Counted {
  /// What one call of a method does, or where [Shown#rate] counts something else, what one of those takes.
  ///
  /// @param method its name
  default Work work(String method) {
    return Work.NONE;
  }

  /// The parameters of which `-p` must ask for one, or else these are not measured; none where they always are.
  default Set<String> onlyIfAsked() {
    return Set.of();
  }

  /// What a peer is called with these parameters.
  ///
  /// @param method the peer's
  /// @param name what [Peer#value] says
  default String peerName(String method, String name) {
    return name;
  }

  /// Whether a peer does the same work as a method of ours with these parameters; where it does not, they are not put side by side.
  ///
  /// @param ours a method
  /// @param peer the peer's
  default boolean compares(String ours, String peer) {
    return true;
  }
}
