package dev.quintet.app.estimate;

import dev.quintet.core.instrument.Cost;
import dev.quintet.core.instrument.Work;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What commands would take on a chip, one after the other in a graph. Nothing is measured.
///
/// A command takes as long as its arithmetic or as its bytes, whichever is longer, at the rates of a [SpeedTable].
///
/// @param lines by what commands compute, in the order of [Work]
/// @param gaps seconds between commands
/// @param modelFlops operations of products and attention as the model needs them: a backward is twice its forward,
///     whatever it computes again
/// @param floor seconds that nothing can beat: all arithmetic at the peak, or all bytes at the bandwidth of copies
public record Estimate(List<Line> lines, double gaps, double modelFlops, double floor) {
  /// Copies the list.
  public Estimate {
    lines = List.copyOf(lines);
  }

  /// What a command waits for.
  public enum Limit {
    /// Its operations.
    ARITHMETIC,
    /// Its bytes.
    BYTES,
    /// Its start and its end.
    LAUNCH
  }

  /// Commands that compute the same.
  ///
  /// @param work what
  /// @param launches how many
  /// @param flops operations of products and attention; what is computed again counts again
  /// @param bytes each operand once
  /// @param seconds all of them together
  /// @param limit what most of the seconds were spent on
  public record Line(
      Work work, long launches, long flops, long bytes, double seconds, Limit limit) {}

  /// A line that grows.
  private static final class Sum {
    private final Map<Limit, Double> seconds = new EnumMap<>(Limit.class);
    private long launches;
    private long flops;
    private long bytes;

    private void add(Cost cost, Map.Entry<Limit, Double> spent) {
      launches += cost.commands();
      flops += cost.flops();
      bytes += cost.bytes();
      seconds.merge(spent.getKey(), spent.getValue(), Double::sum);
    }

    private Line line(Work work) {
      Limit most = Collections.max(seconds.entrySet(), Map.Entry.comparingByValue()).getKey();
      double all = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
      return new Line(work, launches, flops, bytes, all, most);
    }
  }

  /// Whether what attention reads lay in the cache when it began.
  private enum Operands {
    JUST_WRITTEN,
    OF_LONG_AGO
  }

  /// Of commands each of which works on what others have just written: a training step, an encoder.
  public static Estimate of(List<Cost> costs, SpeedTable table) {
    return of(costs, table, Operands.JUST_WRITTEN);
  }

  /// Of a decoding step, which reads keys and values that were cached long ago.
  public static Estimate ofToken(List<Cost> costs, SpeedTable table) {
    return of(costs, table, Operands.OF_LONG_AGO);
  }

  private static Estimate of(List<Cost> costs, SpeedTable table, Operands operands) {
    Map<Work, Sum> sums = new EnumMap<>(Work.class);
    double fetched = 0;
    long launches = 0;
    for (Cost cost : costs) {
      double bytes = fetched(cost, table.chip(), operands);
      sums.computeIfAbsent(cost.work(), _ -> new Sum()).add(cost, spent(cost, bytes, table));
      fetched += cost.work() == Work.TRANSFER ? 0 : bytes;
      launches += cost.commands();
    }
    double flops = modelFlops(costs);
    double floor = Math.max(flops / table.peak(), fetched / table.bandwidth());
    List<Line> lines = sums.entrySet().stream().map(e -> e.getValue().line(e.getKey())).toList();
    return new Estimate(lines, launches * table.gap(), flops, floor);
  }

  /// Bytes from memory. Self-attention comes right behind the product that makes its operands, or its gradient behind the
  /// one that makes its output's: what the cache holds of them is taken to be there. Short texts' attention would else be
  /// slower than the rates that are published of it.
  private static double fetched(Cost cost, Chip chip, Operands operands) {
    boolean there =
        switch (cost.work()) {
          case BIASED_ATTENTION,
              BIASED_ATTENTION_BACKWARD,
              CAUSAL_ATTENTION,
              CAUSAL_ATTENTION_BACKWARD ->
              operands == Operands.JUST_WRITTEN;
          default -> false;
        };
    return there ? Math.max(0, cost.bytes() - cost.commands() * chip.cache()) : cost.bytes();
  }

  private static Map.Entry<Limit, Double> spent(Cost cost, double bytes, SpeedTable table) {
    double share = table.efficiency(cost.work()).share();
    double arithmetic = cost.flops() / (share * table.peak());
    double moving =
        bytes
            / switch (cost.work()) {
              case TRANSFER -> share * table.chip().link();
              default ->
                  (cost.flops() > 0 ? table.efficiency(Work.COPY).share() : share)
                      * table.bandwidth();
            };
    double shortest = cost.commands() * table.shortest();
    if (shortest >= Math.max(arithmetic, moving)) {
      return Map.entry(Limit.LAUNCH, shortest);
    }
    return arithmetic >= moving
        ? Map.entry(Limit.ARITHMETIC, arithmetic)
        : Map.entry(Limit.BYTES, moving);
  }

  /// Operations that a model needs: three times its forward in training. Attention's backward computes the scores again, five
  /// products for its forward's two, of which four count.
  public static double modelFlops(List<Cost> costs) {
    double sum = 0;
    for (Cost cost : costs) {
      sum +=
          switch (cost.work()) {
            case BIASED_ATTENTION_BACKWARD, CAUSAL_ATTENTION_BACKWARD, CROSS_ATTENTION_BACKWARD ->
                cost.flops() / 5.0 * 4;
            default -> cost.flops();
          };
    }
    return sum;
  }

  /// Seconds of all commands and between them.
  public double seconds() {
    return gaps + lines.stream().mapToDouble(Line::seconds).sum();
  }

  /// Seconds of commands that compute one of these.
  public double seconds(Work... works) {
    List<Work> asked = List.of(works);
    return lines.stream()
        .filter(line -> asked.contains(line.work()))
        .mapToDouble(Line::seconds)
        .sum();
  }

  /// Commands.
  public long launches() {
    return lines.stream().mapToLong(Line::launches).sum();
  }

  /// Bytes that all commands move, each operand once.
  public long bytes() {
    return lines.stream().mapToLong(Line::bytes).sum();
  }
}
