package dev.quintet.app.recipe;

import dev.quintet.app.demo.MethodExample;
import dev.quintet.app.demo.MethodParser;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.app.demo.TagTask;
import dev.quintet.app.recipe.PracticeSet.Part;
import dev.quintet.core.random.Site;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/// Rows of real input that every JDK brings along: the methods of its sources.
///
/// Methods of one class are in one part, since they are alike, and no text is in two.
enum JdkRows {
  /// The first sentence of a method's comment, from its name and code.
  SUMMARY,
  /// The words of a method's package, from its code.
  TAGS,
  /// The kind of what a method returns, from its parameters and body.
  CLASSIFY,
  /// Whether a method declares an exception, from its return type, parameters and body.
  EXCEPTIONS;

  private static final Map<Part, Integer> MOST =
      new EnumMap<>(Map.of(Part.TRAIN, 24_000, Part.VALIDATION, 500, Part.TEST, 500));
  private static final int FEWEST_WORDS = 4;
  private static final int MOST_WORDS = 24;

  /// The rows of all parts.
  ///
  /// @param sources Java sources, such as those of the JDK
  /// @param threads how many parse
  /// @throws IOException if they cannot be read
  Map<Part, List<SequencedMap<String, Object>>> rows(SourceTree sources, int threads)
      throws IOException {
    var rows = new EnumMap<Part, List<SequencedMap<String, Object>>>(Part.class);
    for (Part part : Part.values()) {
      rows.put(part, new ArrayList<>());
    }
    var seen = new HashSet<String>();
    for (MethodExample method : mixed(MethodParser.parse(sources, threads).methods())) {
      SequencedMap<String, Object> row = row(method);
      Part part = part(method);
      List<SequencedMap<String, Object>> some = rows.getOrDefault(part, List.of());
      if (!row.isEmpty()
          && some.size() < MOST.getOrDefault(part, 0)
          && seen.add(String.valueOf(row.get("code")))) {
        some.add(identified(row, method));
      }
    }
    return rows;
  }

  /// Methods in an order that has nothing to do with where they stand: the same on every machine.
  static List<MethodExample> mixed(List<MethodExample> methods) {
    return methods.stream()
        .sorted(
            Comparator.comparingLong((MethodExample m) -> place(m.file() + ":" + m.line()))
                .thenComparing(MethodExample::file)
                .thenComparing(MethodExample::line))
        .toList();
  }

  /// A row that says where its method stands.
  static SequencedMap<String, Object> identified(
      SequencedMap<String, Object> row, MethodExample method) {
    row.putFirst("class", method.topLevelClass());
    row.putFirst("id", method.file() + ":" + method.line());
    return row;
  }

  /// A method's columns, the answer last; none where it has no answer.
  SequencedMap<String, Object> row(MethodExample method) {
    return switch (this) {
      case SUMMARY -> {
        int words = method.summary().split(" ").length;
        yield words < FEWEST_WORDS || words > MOST_WORDS
            ? Draw.row()
            : Draw.row(
                "code", method.target() + " : " + method.source(), "summary", method.summary());
      }
      case TAGS ->
          method.packageName().isEmpty()
              ? Draw.row()
              : Draw.row(
                  "code",
                  method.source(),
                  "tags",
                  TagTask.tags(method.packageName()).replace(" ", ", "));
      case CLASSIFY ->
          Draw.row(
              "code",
              method.source().substring(method.source().indexOf('(')),
              "kind",
              kind(method.returns()));
      case EXCEPTIONS ->
          Draw.row(
              "code",
              method.source(),
              "exception",
              method.exceptions().isEmpty() ? "none" : "declared");
    };
  }

  /// The kind of a return type.
  private static String kind(String type) {
    String plain = type.replaceAll("<.*>", "").replaceAll("@\\w+\\s*", "").strip();
    String name = plain.substring(plain.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (name) {
      case "void", "boolean" -> name;
      case "byte", "short", "int", "long", "float", "double", "integer" -> "number";
      case "string", "char", "character", "charsequence" -> "text";
      default ->
          name.endsWith("]")
              ? "array"
              : name.matches(".*(list|set|map|collection)") ? "collection" : "object";
    };
  }

  private static Part part(MethodExample method) {
    long hundredth = Long.remainderUnsigned(place(method.topLevelClass()), 100);
    return hundredth < 90 ? Part.TRAIN : hundredth < 94 ? Part.VALIDATION : Part.TEST;
  }

  /// A number that looks random, of a text: the same on every machine.
  private static long place(String text) {
    return Site.of(text);
  }
}
