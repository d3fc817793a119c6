package dev.quintet.core.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The names of a model's parameters, and what patterns select among them.
///
/// A pattern is a [NamePattern]: a glob over canonical names or a range of layers. One that matches no
/// canonical name is looked up among the aliases: `lm_head.*` of a tied model means `shared.weight`,
/// whereas `encoder.*` does not touch the shared matrix.
///
/// @param canonical each parameter's name, in the model's order
/// @param aliases further names, each with its canonical one
public record ParameterNames(List<String> canonical, Map<String, String> aliases) {

  /// Copies both.
  public ParameterNames {
    canonical = List.copyOf(canonical);
    aliases = Collections.unmodifiableMap(new LinkedHashMap<>(aliases));
  }

  /// What patterns selected.
  ///
  /// @param byPattern for each pattern, in the given order, the names it matched, in the model's order
  /// @param aliased for each alias that a pattern was resolved through, the canonical name it means
  public record Selection(
      LinkedHashMap<String, List<String>> byPattern, LinkedHashMap<String, String> aliased) {

    /// All selected names, each once: by pattern, then in the model's order.
    public Set<String> names() {
      var all = new LinkedHashSet<String>();
      byPattern.values().forEach(all::addAll);
      return all;
    }
  }

  /// Resolves patterns.
  ///
  /// @throws IllegalArgumentException if a pattern matches nothing; the message lists near names
  public Selection select(List<String> patterns) {
    var byPattern = new LinkedHashMap<String, List<String>>();
    var aliased = new LinkedHashMap<String, String>();
    for (String text : patterns) {
      byPattern.put(text, resolve(NamePattern.of(text), aliased));
    }
    return new Selection(byPattern, aliased);
  }

  private List<String> resolve(NamePattern pattern, Map<String, String> aliased) {
    List<String> matched = canonical.stream().filter(pattern::matches).toList();
    if (matched.isEmpty()) {
      var through = new HashSet<String>();
      for (var alias : aliases.entrySet()) {
        if (pattern.matches(alias.getKey())) {
          aliased.put(alias.getKey(), alias.getValue());
          through.add(alias.getValue());
        }
      }
      matched = canonical.stream().filter(through::contains).toList();
    }
    pattern.checkComplete(matched);
    if (matched.isEmpty()) {
      throw new IllegalArgumentException(
          "the pattern '"
              + pattern
              + "' matches no parameter; near: "
              + NearNames.of(pattern.toString(), candidates()));
    }
    return matched;
  }

  private List<String> candidates() {
    var all = new LinkedHashSet<String>(canonical);
    all.addAll(aliases.keySet());
    var prefixes = new LinkedHashSet<String>();
    for (String name : all) {
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        prefixes.add(name.substring(0, dot) + ".*");
      }
    }
    var candidates = new ArrayList<String>(prefixes);
    candidates.addAll(all);
    return candidates;
  }
}
