package dev.quintet.trainer.prepare;

import dev.quintet.core.random.Permutation;
import dev.quintet.core.random.Site;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.data.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Deals rows to the parts, as a [Split] says: those that look at one row alone at once, the others when all are there.
final class Dealer {
  private static final long ORDER = Site.of("prepare.split");

  private final Split split;

  Dealer(Split split) {
    this.split = split;
  }

  /// Whether a row's part depends on it alone.
  boolean isImmediate() {
    return switch (split) {
      case Split.ByRows _, Split.ByStrata _ -> false;
      case Split.ByHash _, Split.ByGroup _, Split.ByColumn _ -> true;
    };
  }

  /// The column that it reads; empty if none.
  String column() {
    return switch (split) {
      case Split.ByRows _ -> "";
      case Split.ByHash hash -> hash.column();
      case Split.ByGroup group -> group.column();
      case Split.ByColumn column -> column.column();
      case Split.ByStrata strata -> strata.column();
    };
  }

  /// The part of a row, of a split that is immediate.
  ///
  /// @param text the source without prefix
  Part part(Sample sample, String text) {
    return switch (split) {
      case Split.ByHash hash ->
          hash.shares()
              .at(
                  Split.place(
                      hash.salt(),
                      hash.column().isEmpty()
                          ? NormalForm.of(text)
                          : value(sample, hash.column())));
      case Split.ByGroup group ->
          group.shares().at(Split.place(group.salt(), value(sample, group.column())));
      case Split.ByColumn column -> {
        String word = value(sample, column.column());
        yield Part.of(word)
            .orElseThrow(() ->
                new MalformedDataException(
                    "%s: the column \"%s\" says \"%s\"; expected train, validation or test"
                        .formatted(sample.id(), column.column(), word)));
      }
      case Split.ByRows _, Split.ByStrata _ ->
          throw new IllegalStateException("rows are dealt when all are there");
    };
  }

  /// The text by which rows are kept in proportion; empty if they are not.
  String stratum(Sample sample) {
    return split instanceof Split.ByStrata strata ? value(sample, strata.column()) : "";
  }

  private static String value(Sample sample, String column) {
    return Optional.ofNullable(sample.columns().get(column)).orElse("");
  }

  /// The parts of all rows, of a split that is not immediate.
  ///
  /// @param strata of each row
  Part[] parts(List<String> strata) {
    Part[] parts = new Part[strata.size()];
    switch (split) {
      case Split.ByRows rows -> {
        int[] order = Permutation.of(rows.seed(), ORDER, parts.length);
        for (int i = 0; i < parts.length; i++) {
          parts[order[i]] = rows.shares().at((i + 0.5) / parts.length);
        }
      }
      case Split.ByStrata by -> stratified(strata, by, parts);
      case Split.ByHash _, Split.ByGroup _, Split.ByColumn _ ->
          throw new IllegalStateException("rows are dealt one by one");
    }
    return parts;
  }

  /// Classes in the order of their names, each shuffled, all dealt in one go: each row to the part that lacks most.
  private static void stratified(List<String> strata, Split.ByStrata by, Part[] parts) {
    Map<String, List<Integer>> classes = new TreeMap<>();
    for (int i = 0; i < strata.size(); i++) {
      classes.computeIfAbsent(strata.get(i), _ -> new ArrayList<>()).add(i);
    }
    long[] dealt = new long[Part.values().length];
    long all = 0;
    for (var entry : classes.entrySet()) {
      List<Integer> rows = entry.getValue();
      long[] ofClass = new long[dealt.length];
      int[] order = Permutation.of(by.seed(), ORDER ^ Site.of(entry.getKey()), rows.size());
      for (int i = 0; i < order.length; i++) {
        all++;
        Part most = Part.TRAIN;
        double lack = Double.NEGATIVE_INFINITY;
        for (Part part : Part.values()) {
          double share = by.shares().of(part);
          double inClass = share * (i + 1) - ofClass[part.ordinal()];
          double inAll = share * all - dealt[part.ordinal()];
          if (share > 0 && inClass + inAll > lack) {
            lack = inClass + inAll;
            most = part;
          }
        }
        parts[rows.get(order[i])] = most;
        ofClass[most.ordinal()]++;
        dealt[most.ordinal()]++;
      }
    }
  }

  /// Refuses parts that are empty although they have a share.
  void refuseEmpty(Map<Part, Long> rows) {
    var counts = new EnumMap<Part, Long>(rows);
    Arrays.stream(Part.values())
        .filter(part -> share(part) > 0 && counts.getOrDefault(part, 0L) == 0)
        .findFirst()
        .ifPresent(part -> {
          long all = counts.values().stream().mapToLong(Long::longValue).sum();
          throw new IllegalArgumentException(
              "the part %s is empty: its share is %s of %,d rows%s"
                  .formatted(part.word(), share(part), all, advice()));
        });
  }

  private double share(Part part) {
    return switch (split) {
      case Split.ByRows rows -> rows.shares().of(part);
      case Split.ByHash hash -> hash.shares().of(part);
      case Split.ByGroup group -> group.shares().of(part);
      case Split.ByStrata strata -> strata.shares().of(part);
      case Split.ByColumn _ -> part == Part.TRAIN ? 1 : 0;
    };
  }

  private String advice() {
    return switch (split) {
      case Split.ByHash hash ->
          " dealt by hash with the salt \"%s\"; name another salt, or a larger share"
              .formatted(hash.salt());
      case Split.ByGroup group ->
          " dealt by the groups of \"%s\" with the salt \"%s\"; name another salt, or a larger share"
              .formatted(group.column(), group.salt());
      case Split.ByColumn column ->
          "; none says so in the column \"%s\"".formatted(column.column());
      case Split.ByRows _, Split.ByStrata _ -> "; name a larger share, or give more rows";
    };
  }
}
