package dev.quintet.benchmarks.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// One contestant: ours or a peer.
///
/// @param method of the benchmark
/// @param name as tables have it
/// @param turns what was measured, in order
/// @param also what profilers said, by name with its unit
/// @param notes what the measured process had to say
/// @param absent why there are no figures
record Side(
    String method,
    String name,
    List<Turn> turns,
    Map<String, Double> also,
    List<String> notes,
    Optional<String> absent) {
  Side {
    turns = List.copyOf(turns);
    notes = List.copyOf(notes);
  }

  boolean isThere() {
    return !turns.isEmpty();
  }

  /// The medians of the turns.
  List<Double> speeds() {
    return turns.stream().map(Turn::speed).toList();
  }

  Spread spread() {
    return Spread.of(speeds());
  }

  /// How many times as fast as another, turn by turn, so that what both met cancels.
  List<Double> ratios(Side other) {
    return IntStream.range(0, Math.min(turns.size(), other.turns.size()))
        .mapToObj(i -> turns.get(i).speed() / other.turns.get(i).speed())
        .toList();
  }

  /// The largest share that other programs and other machines took together during a turn; 0 where nobody knows.
  double disturbed() {
    return turns.stream().mapToDouble(Turn::elsewhere).max().orElse(0);
  }
}
