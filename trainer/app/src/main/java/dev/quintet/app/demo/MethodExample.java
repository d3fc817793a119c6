package dev.quintet.app.demo;

import java.util.List;

/// One method as the demo sees it: where it stands, what it is called, and its text without its
/// name.
///
/// @param file path of the source file inside its tree
/// @param line line of the method's declaration, from 1
/// @param topLevelClass fully qualified name of the outermost class around it; the unit of the split
/// @param packageName its package; empty for the unnamed one
/// @param name the method's name as written
/// @param target the name's words, lower-case, joined by single spaces
/// @param source the words of `return-type ( parameters ) body`, joined by single spaces, at most
///     400 of them
/// @param returns its return type as written; empty where nobody has kept it
/// @param summary the first sentence of its comment as plain text; empty where there is none
/// @param exceptions the types that it declares to throw, as written; empty where nobody has kept them
public record MethodExample(
    String file,
    int line,
    String topLevelClass,
    String packageName,
    String name,
    String target,
    String source,
    String returns,
    String summary,
    List<String> exceptions) {

  /// Copies the list.
  public MethodExample {
    exceptions = List.copyOf(exceptions);
  }

  /// A method of which return type, comment and exceptions are not asked.
  public MethodExample(
      String file,
      int line,
      String topLevelClass,
      String packageName,
      String name,
      String target,
      String source) {
    this(file, line, topLevelClass, packageName, name, target, source, "", "", List.of());
  }

  /// The words of the name.
  public List<String> nameWords() {
    return List.of(target.split(" "));
  }

  /// The class as a reader would call it, without its package.
  public String className() {
    return topLevelClass.substring(topLevelClass.lastIndexOf('.') + 1);
  }
}
