package dev.quintet.benchmarks.run;

import dev.quintet.benchmarks.contest.Counted;
import dev.quintet.benchmarks.contest.Peer;
import dev.quintet.benchmarks.contest.Shown;
import dev.quintet.benchmarks.contest.Work;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/// All benchmarks, by class.
///
/// @param classes in the order of their names
record Catalog(List<Group> classes) {

  /// A class of benchmarks.
  ///
  /// @param type the class
  /// @param methods by name, in the order of names
  record Group(Class<?> type, SequencedMap<String, BenchmarkListEntry> methods) {
    Optional<Shown> shown() {
      return Optional.ofNullable(type.getAnnotation(Shown.class));
    }

    /// What speeds count; empty for calls.
    String unit() {
      return shown().map(Shown::unit).orElse("");
    }

    String title() {
      return shown().map(Shown::value).orElse("");
    }

    /// What a class of the same name elsewhere does not share.
    String name() {
      return type.getName().substring("dev.quintet.benchmarks.".length());
    }

    boolean wantsCuda() {
      return type.getSimpleName().startsWith("Cuda");
    }

    Optional<Peer> peer(String method) {
      return Arrays.stream(type.getDeclaredMethods())
          .filter(one -> one.getName().equals(method))
          .map(one -> Optional.ofNullable(one.getAnnotation(Peer.class)))
          .flatMap(Optional::stream)
          .findFirst();
    }

    /// The parameters with all their values, by name.
    SequencedMap<String, List<String>> parameters() {
      var parameters = new LinkedHashMap<String, List<String>>();
      var declared = new TreeMap<String, String[]>();
      methods
          .values()
          .forEach(entry -> {
            if (entry.getParams().hasValue()) {
              declared.putAll(entry.getParams().get());
            }
          });
      // in the order of the class, which is the order in which one reads them
      for (Field field : type.getFields()) {
        String[] values = declared.get(field.getName());
        if (values != null) {
          parameters.put(field.getName(), List.of(values));
        }
      }
      return parameters;
    }

    /// The parameters as a run takes them.
    ///
    /// @param asked those of the command line, by name
    SequencedMap<String, List<String>> parameters(
        Preset preset, java.util.function.Function<String, Optional<Collection<String>>> asked) {
      var chosen = new LinkedHashMap<String, List<String>>();
      Map<String, List<String>> quick = preset == Preset.QUICK ? quick() : Map.of();
      parameters()
          .forEach((name, all) -> {
            asked.apply(name).ifPresent(values -> check(name, values));
            chosen.put(
                name, asked.apply(name).map(List::copyOf).orElse(quick.getOrDefault(name, all)));
          });
      return chosen;
    }

    private Map<String, List<String>> quick() {
      var values = new LinkedHashMap<String, List<String>>();
      shown()
          .ifPresent(shown -> {
            for (String one : shown.quick()) {
              String[] pair = one.split("=", 2);
              values.put(pair[0], List.of(pair[1].split(",")));
            }
          });
      return values;
    }

    /// The class with these parameters, to be asked what it does.
    Optional<Counted> counted(Map<String, String> parameters) {
      if (!Counted.class.isAssignableFrom(type)) {
        return Optional.empty();
      }
      try {
        Object made = type.getDeclaredConstructor().newInstance();
        for (var parameter : parameters.entrySet()) {
          Field field = type.getField(parameter.getKey());
          field.set(made, value(field, parameter.getValue()));
        }
        return Optional.of((Counted) made);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(type.getName() + " cannot be asked what it does", e);
      }
    }

    /// Refuses values that a parameter of numbers or constants cannot have.
    private void check(String name, Collection<String> values) {
      try {
        Field field = type.getField(name);
        values.forEach(text -> value(field, text));
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException(type.getName() + " has no parameter " + name, e);
      }
    }

    private Object value(Field field, String text) {
      Class<?> kind = field.getType();
      try {
        if (kind == int.class) {
          return Integer.parseInt(text);
        }
        if (kind == long.class) {
          return Long.parseLong(text);
        }
        if (kind == float.class) {
          return Float.parseFloat(text);
        }
        if (kind == double.class) {
          return Double.parseDouble(text);
        }
        if (kind == boolean.class) {
          return Boolean.parseBoolean(text);
        }
        if (kind.isEnum()) {
          for (Object constant : kind.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(text)) {
              return constant;
            }
          }
          throw new IllegalArgumentException("none of " + Arrays.toString(kind.getEnumConstants()));
        }
        return text;
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "-p "
                + field.getName()
                + "="
                + text
                + ": "
                + type.getSimpleName()
                + " expects "
                + kind.getSimpleName()
                + ", "
                + e.getMessage(),
            e);
      }
    }
  }

  static Catalog all() {
    var quiet = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    var groups = new TreeMap<String, TreeMap<String, BenchmarkListEntry>>();
    for (BenchmarkListEntry entry : BenchmarkList.defaultList().getAll(quiet, List.of())) {
      String full = entry.getUsername();
      groups
          .computeIfAbsent(entry.getUserClassQName(), name -> new TreeMap<>())
          .put(full.substring(full.lastIndexOf('.') + 1), entry);
    }
    List<Group> classes = new ArrayList<>();
    groups.forEach((name, methods) -> {
      try {
        classes.add(new Group(Class.forName(name, false, Catalog.class.getClassLoader()), methods));
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("JMH's list names " + name + ", which is not there", e);
      }
    });
    return new Catalog(List.copyOf(classes));
  }

  /// The classes with those of their methods whose names match.
  ///
  /// @param names regular expressions; without any, all that run without a CUDA device
  /// @throws IllegalArgumentException if nothing matches a name, or it is no regular expression
  Catalog matching(List<String> names, List<String> excluded) {
    List<Pattern> wanted = patterns(names);
    List<Pattern> unwanted = patterns(excluded);
    for (Pattern pattern : wanted) {
      if (classes.stream()
          .noneMatch(
              group -> group.methods().values().stream().anyMatch(one -> found(pattern, one)))) {
        throw new IllegalArgumentException(
            "no benchmark's name contains " + pattern + "; ./quintet bench lists them");
      }
    }
    List<Group> found = new ArrayList<>();
    for (Group group : classes) {
      var methods = new LinkedHashMap<>(group.methods());
      methods
          .values()
          .removeIf(entry ->
              unwanted.stream().anyMatch(pattern -> found(pattern, entry))
                  || (wanted.isEmpty()
                      ? group.wantsCuda()
                      : wanted.stream().noneMatch(pattern -> found(pattern, entry))));
      if (!methods.isEmpty()) {
        found.add(new Group(group.type(), methods));
      }
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing is left to measure: all that matches was excluded");
    }
    return new Catalog(List.copyOf(found));
  }

  private static boolean found(Pattern pattern, BenchmarkListEntry entry) {
    return pattern.matcher(entry.getUsername()).find();
  }

  private static List<Pattern> patterns(List<String> names) {
    try {
      return names.stream().map(Pattern::compile).toList();
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          e.getPattern() + " is no regular expression: " + e.getDescription(), e);
    }
  }

  /// The list as text.
  String text() {
    var text = new StringBuilder();
    for (Group group : classes) {
      text.append(group.name()).append('\n');
      if (!group.title().isEmpty()) {
        text.append("    ").append(group.title()).append('\n');
      }
      List<String> ours = new ArrayList<>();
      List<String> peers = new ArrayList<>();
      for (String method : group.methods().keySet()) {
        group
            .peer(method)
            .ifPresentOrElse(
                peer -> peers.add(method + " (" + peer.value() + ")"), () -> ours.add(method));
      }
      text.append("    measures ").append(String.join(", ", ours)).append('\n');
      if (!peers.isEmpty()) {
        text.append("    beside ").append(String.join(", ", peers)).append('\n');
      }
      Map<String, List<String>> quick = group.quick();
      group
          .parameters()
          .forEach((name, values) -> {
            text.append("    -p ").append(name).append('=').append(String.join(",", values));
            if (quick.containsKey(name)) {
              text.append("   quick: ").append(String.join(",", quick.getOrDefault(name, values)));
            }
            text.append('\n');
          });
    }
    return text.toString();
  }

  /// One of ours with one set of parameters, and who is beside it.
  ///
  /// @param parameters the values by name
  /// @param ours the method
  /// @param peers their methods, with their names
  record Pairing(
      Group group,
      SequencedMap<String, String> parameters,
      String ours,
      SequencedMap<String, String> peers,
      Work work) {}

  /// All pairings of a run.
  List<Pairing> pairings(
      Preset preset, java.util.function.Function<String, Optional<Collection<String>>> asked) {
    List<Pairing> all = new ArrayList<>();
    for (Group group : classes) {
      for (var parameters : product(group.parameters(preset, asked))) {
        Optional<Counted> counted = group.counted(parameters);
        Set<String> rarely = counted.map(Counted::onlyIfAsked).orElse(Set.of());
        if (!rarely.isEmpty() && rarely.stream().allMatch(one -> asked.apply(one).isEmpty())) {
          continue;
        }
        for (String method : group.methods().keySet()) {
          if (group.peer(method).isEmpty()) {
            all.add(pairing(group, parameters, method, counted));
          }
        }
        // a peer asked for alone is measured alone
        if (group.methods().keySet().stream().allMatch(method -> group.peer(method).isPresent())) {
          group
              .methods()
              .keySet()
              .forEach(method -> all.add(pairing(group, parameters, method, counted)));
        }
      }
    }
    return all;
  }

  private static Pairing pairing(
      Group group,
      SequencedMap<String, String> parameters,
      String ours,
      Optional<Counted> counted) {
    var peers = new LinkedHashMap<String, String>();
    for (String method : group.methods().keySet()) {
      group
          .peer(method)
          .filter(peer -> List.of(peer.beside()).contains(ours))
          .filter(peer -> counted.map(one -> one.compares(ours, method)).orElse(true))
          .ifPresent(peer ->
              peers.put(
                  method,
                  counted.map(one -> one.peerName(method, peer.value())).orElse(peer.value())));
    }
    return new Pairing(group, parameters, ours, peers, work(parameters, ours, counted));
  }

  private static Work work(Map<String, String> parameters, String ours, Optional<Counted> counted) {
    try {
      return counted.map(one -> one.work(ours)).orElse(Work.NONE);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "-p "
              + Contest.settings(parameters).replace(" ", " -p ")
              + ": "
              + ours
              + " cannot be measured with that: "
              + e.getMessage(),
          e);
    }
  }

  private static List<SequencedMap<String, String>> product(
      SequencedMap<String, List<String>> parameters) {
    List<SequencedMap<String, String>> all = List.of(new LinkedHashMap<>());
    for (var parameter : parameters.entrySet()) {
      List<SequencedMap<String, String>> longer = new ArrayList<>();
      for (var before : all) {
        for (String value : parameter.getValue()) {
          var one = new LinkedHashMap<>(before);
          one.put(parameter.getKey(), value);
          longer.add(one);
        }
      }
      all = longer;
    }
    return all;
  }
}
