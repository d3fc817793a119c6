package dev.quintet.app.demo;

import dev.quintet.trainer.data.TextPair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/// The second task on the same code: from a method's text to its tags, the words of its package.
///
/// @param train pairs from the training classes
/// @param validation pairs from the validation classes; may be empty
/// @param test pairs from the test classes
public record TagTask(List<TextPair> train, List<TextPair> validation, List<TextPair> test) {

  /// Copies the lists.
  public TagTask {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
  }

  /// The task on a split; methods of the unnamed package have no tags and are left out.
  ///
  /// @throws TooFewMethodsException when there are fewer than two packages, or none in the classes
  ///     for training or for the test
  public static TagTask of(MethodSplit split) {
    var packages = new HashSet<String>();
    Stream.of(split.train(), split.validation(), split.test())
        .flatMap(List::stream)
        .map(MethodExample::packageName)
        .filter(name -> !name.isEmpty())
        .forEach(packages::add);
    if (packages.size() < 2) {
      throw new TooFewMethodsException(
          "Tags are the words of package names and need at least 2 named packages; these sources"
              + " have "
              + packages.size());
    }
    var task = new TagTask(pairs(split.train()), pairs(split.validation()), pairs(split.test()));
    if (task.train.isEmpty() || task.test.isEmpty()) {
      throw new TooFewMethodsException(
          "Tags need methods of named packages among the training and the test classes; these"
              + " sources have %d and %d".formatted(task.train.size(), task.test.size()));
    }
    return task;
  }

  /// The words of a package's name, joined by spaces: `java.util` becomes `java util`.
  public static String tags(String packageName) {
    var words = new ArrayList<String>();
    for (String part : packageName.split("\\.")) {
      words.addAll(JavaWords.split(part));
    }
    return String.join(" ", words);
  }

  private static List<TextPair> pairs(List<MethodExample> methods) {
    return methods.stream()
        .filter(method -> !method.packageName().isEmpty())
        .map(method -> new TextPair(method.source(), tags(method.packageName())))
        .toList();
  }
}
