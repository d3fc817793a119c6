package dev.quintet.app.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Methods in three parts by top-level class, without duplicates, so that a score on one part says
/// something about classes never seen in another.
///
/// @param train eight tenths of the classes
/// @param validation a tenth
/// @param test a tenth
public record MethodSplit(
    List<MethodExample> train, List<MethodExample> validation, List<MethodExample> test) {

  /// Copies the lists.
  public MethodSplit {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
  }

  /// Splits methods: of several with equal text (return type, parameters, body) the first stays,
  /// then the classes, in the order of a hash of their names and the seed, are cut at 80 and 90 %.
  ///
  /// Each part keeps the order of `methods`. With three classes or more no part is empty.
  ///
  /// @throws TooFewMethodsException when fewer than three classes hold a method
  public static MethodSplit of(List<MethodExample> methods, long seed) {
    var unique = withoutDuplicates(methods);
    Set<String> names = new LinkedHashSet<>();
    unique.forEach(method -> names.add(method.topLevelClass()));
    if (names.size() < 3) {
      throw new TooFewMethodsException(
          "The split needs methods with bodies in at least 3 top-level classes, one each for"
              + " training, validation and test; found %d methods in %d. Give a larger folder, zip"
                  .formatted(unique.size(), names.size())
              + " or jar of Java sources");
    }
    var ordered = new ArrayList<>(names);
    ordered.sort(
        Comparator.<String>comparingLong(name -> hash(name, seed))
            .thenComparing(Comparator.naturalOrder()));
    int tenth = Math.max(1, (int) Math.round(ordered.size() / 10.0));
    int trainEnd = ordered.size() - 2 * tenth;
    var train = new HashSet<>(ordered.subList(0, trainEnd));
    var validation = new HashSet<>(ordered.subList(trainEnd, trainEnd + tenth));
    var test = new HashSet<>(ordered.subList(trainEnd + tenth, ordered.size()));
    return new MethodSplit(in(unique, train), in(unique, validation), in(unique, test));
  }

  /// The parts that the demo's model was trained, chosen and scored on, where these are the methods of its sources.
  ///
  /// @throws TooFewMethodsException as [#of] does
  public static MethodSplit ofDemo(List<MethodExample> methods) {
    return of(methods, DemoRecipe.SPLIT_SEED);
  }

  private static List<MethodExample> withoutDuplicates(List<MethodExample> methods) {
    var seen = new HashSet<String>(2 * methods.size());
    return methods.stream().filter(method -> seen.add(method.source())).toList();
  }

  private static List<MethodExample> in(List<MethodExample> methods, Set<String> classes) {
    return methods.stream().filter(method -> classes.contains(method.topLevelClass())).toList();
  }

  /// SplitMix64's finaliser over the seed and each character: the same on every machine, and a
  /// change of one character moves a class anywhere.
  private static long hash(String name, long seed) {
    long hash = mix(seed);
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash + name.charAt(i) + 0x9E3779B97F4A7C15L);
    }
    return hash;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
