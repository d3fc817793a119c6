package dev.quintet.trainer.metric.translation;

import dev.quintet.trainer.metric.Answered;
import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// How a score came about, in sacrebleu's form: `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:quintet-1.0.0`.
///
/// Where two signatures are equal, their scores may be compared.
///
/// @param entries names and values in order
public record Signature(List<Entry> entries) {
  private static final String VERSION = "quintet-" + version();

  /// A name, its short form, and a value.
  ///
  /// @param name such as `case`
  /// @param brief such as `c`
  /// @param value such as `mixed`
  public record Entry(String name, String brief, String value) {

    static Entry of(String name, String brief, String value) {
      return new Entry(name, brief, value);
    }

    static Entry of(String name, String brief, boolean value) {
      return new Entry(name, brief, value ? "yes" : "no");
    }
  }

  /// Copies the list.
  public Signature {
    entries = List.copyOf(entries);
  }

  /// The signature of a metric's options for these rows.
  static Signature of(List<Answered> rows, Entry... options) {
    var entries = new ArrayList<Entry>();
    entries.add(Entry.of("nrefs", "#", references(rows)));
    entries.addAll(List.of(options));
    entries.add(Entry.of("version", "v", VERSION));
    return new Signature(entries);
  }

  /// This one of a score that has an interval from resamples.
  ///
  /// @param resamples how many
  /// @param seed what they were drawn by
  public Signature withBootstrap(int resamples, long seed) {
    var more = new ArrayList<>(entries);
    more.add(1, Entry.of("bs", "bs", String.valueOf(resamples)));
    more.add(2, Entry.of("seed", "rs", String.valueOf(seed)));
    return new Signature(more);
  }

  /// The short form: `#:1|c:mixed|e:no|tok:13a|s:exp|v:quintet-1.0.0`.
  public String brief() {
    return entries.stream().map(e -> e.brief + ":" + e.value).collect(Collectors.joining("|"));
  }

  @Override
  public String toString() {
    return entries.stream().map(e -> e.name + ":" + e.value).collect(Collectors.joining("|"));
  }

  private static String references(List<Answered> rows) {
    List<Integer> counts = rows.stream().map(row -> row.answers().size()).distinct().toList();
    return counts.size() == 1 ? String.valueOf(counts.getFirst()) : "var";
  }

  /// The module's version, or on a class path the jar's.
  private static String version() {
    return Optional.ofNullable(Signature.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .or(() -> Optional.ofNullable(Signature.class.getPackage().getImplementationVersion()))
        .orElse("unpackaged");
  }
}
