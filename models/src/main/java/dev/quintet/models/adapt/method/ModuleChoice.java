package dev.quintet.models.adapt.method;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which modules a method adapts: as peft's `target_modules`, `exclude_modules`, `layers_to_transform` and `layers_pattern`
/// say together.
///
/// @param targets what is meant
/// @param exclude what is not, though targets mean it
/// @param layers the numbers of the blocks that are meant; all if there is none
/// @param lists what the lists are called that these numbers count in, such as `block`; any if there is none
public record ModuleChoice(
    Targets targets, Optional<Targets> exclude, List<Integer> layers, List<String> lists) {
  /// Copies the lists.
  ///
  /// @throws AdapterException if numbers of blocks stand beside a regular expression, or names of lists without numbers
  public ModuleChoice {
    layers = List.copyOf(layers);
    lists = List.copyOf(lists);
    if (!layers.isEmpty() && !(targets instanceof Targets.Words)) {
      throw new AdapterException(
          "layers_to_transform goes with a list of target_modules, not with an expression: let that name the blocks");
    }
    if (!lists.isEmpty() && layers.isEmpty()) {
      throw new AdapterException(
          "layers_pattern is set without layers_to_transform: name the blocks' numbers, or leave it out");
    }
  }

  /// What these targets mean, in all blocks.
  public static ModuleChoice of(Targets targets) {
    return new ModuleChoice(targets, Optional.empty(), List.of(), List.of());
  }

  /// Reads the choice out of an adapter's settings.
  ///
  /// @param otherwise what is meant where the file does not say it
  public static ModuleChoice read(AdapterFields fields, Targets otherwise) {
    return new ModuleChoice(
        fields.targets("target_modules").orElse(otherwise),
        fields.targets("exclude_modules"),
        fields.wholes("layers_to_transform"),
        fields.words("layers_pattern"));
  }

  /// The settings as `adapter_config.json` has them.
  public Map<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("target_modules", targets.written());
    exclude.ifPresent(some -> fields.put("exclude_modules", some.written()));
    if (!layers.isEmpty()) {
      fields.put("layers_to_transform", layers);
    }
    if (!lists.isEmpty()) {
      fields.put("layers_pattern", lists.size() == 1 ? lists.getFirst() : lists);
    }
    return fields;
  }

  /// Whether a path is meant.
  public boolean matches(String path) {
    return exclude.stream().noneMatch(some -> some.matches(path))
        && targets.matches(path)
        && (layers.isEmpty() || layers.contains(block(path)));
  }

  /// The number of the first list in a path that counts; -1 if there is none.
  private int block(String path) {
    List<String> expressions =
        lists.isEmpty()
            ? List.of(".*?\\.[^.]*\\.(\\d{1,9})\\..*")
            : lists.stream().map(list -> "(?:.*?\\.)??(?:" + list + ")\\.(\\d{1,9})\\..*").toList();
    for (String expression : expressions) {
      Pattern pattern = Targets.compiled(expression);
      if (Patient.matches(pattern, path)) {
        Matcher matcher = pattern.matcher(path);
        return matcher.matches() ? Integer.parseInt(matcher.group(matcher.groupCount())) : -1;
      }
    }
    return -1;
  }

  /// The paths among a model's that are meant, without those that are trained as a whole.
  ///
  /// @throws AdapterException if there is none
  public List<String> select(Attachment attachment, List<String> modulesToSave) {
    var selected = new ArrayList<String>();
    for (String path : attachment.paths()) {
      boolean whole =
          modulesToSave.stream().anyMatch(word -> ("." + path + ".").contains("." + word + "."));
      if (!whole && matches(path)) {
        selected.add(path);
      }
    }
    if (selected.isEmpty()) {
      throw new AdapterException(
          "the model has no module that "
              + fields()
              + " means; it has "
              + attachment.paths().stream()
                  .map(path -> path.substring(path.lastIndexOf('.') + 1))
                  .filter(word -> !word.matches("\\d+|dropout|final_dropout"))
                  .distinct()
                  .sorted()
                  .toList());
    }
    return selected;
  }

  /// The value for a module among those that patterns give: the first pattern that its path ends with counts.
  public static <T> T patterned(Map<String, T> patterns, String path, T otherwise) {
    for (var entry : patterns.entrySet()) {
      if (Patient.matches(Targets.compiled("(?:.*\\.)?(?:" + entry.getKey() + ")"), path)) {
        return entry.getValue();
      }
    }
    return otherwise;
  }
}
