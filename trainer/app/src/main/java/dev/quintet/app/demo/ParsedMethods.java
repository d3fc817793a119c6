package dev.quintet.app.demo;

import java.util.ArrayList;
import java.util.List;

/// What a tree of sources holds, and what was left out.
///
/// @param methods the methods kept, in the order of files and positions
/// @param files files that were parsed
/// @param filesPassedOver files that could not be read or do not parse
/// @param problems what was wrong with the first of those, at most 10, as `path:line: message`
/// @param methodsWithBody methods seen before any rule about size or name; constructors not counted
public record ParsedMethods(
    List<MethodExample> methods,
    int files,
    int filesPassedOver,
    List<String> problems,
    int methodsWithBody) {

  private static final int MAX_PROBLEMS = 10;

  static final ParsedMethods NONE = new ParsedMethods(List.of(), 0, 0, List.of(), 0);

  /// Copies the lists.
  public ParsedMethods {
    methods = List.copyOf(methods);
    problems = List.copyOf(problems.subList(0, Math.min(MAX_PROBLEMS, problems.size())));
  }

  static ParsedMethods passedOver(String problem) {
    return new ParsedMethods(List.of(), 0, 1, List.of(problem), 0);
  }

  static ParsedMethods concatenate(List<ParsedMethods> parts) {
    var methods = new ArrayList<MethodExample>();
    var problems = new ArrayList<String>();
    int files = 0;
    int passedOver = 0;
    int withBody = 0;
    for (ParsedMethods part : parts) {
      methods.addAll(part.methods);
      problems.addAll(part.problems);
      files += part.files;
      passedOver += part.filesPassedOver;
      withBody += part.methodsWithBody;
    }
    return new ParsedMethods(methods, files, passedOver, problems, withBody);
  }
}
