package dev.quintet.app.demo;

import java.util.Optional;

/// A method's code as it is written, with line ends and indentation.
///
/// @param whole from its first line on, annotations included, without the indentation of its class
/// @param signature what stands before its body, in one line, without annotations
public record MethodCode(String whole, String signature) {

  /// The method that begins in a line; nothing where no body is found.
  ///
  /// @param file a source file's text
  /// @param line from 1
  public static Optional<MethodCode> at(String file, int line) {
    int from = 0;
    for (int i = 1; i < line; i++) {
      from = file.indexOf('\n', from) + 1;
      if (from == 0) {
        return Optional.empty();
      }
    }
    var lexer = new JavaLexer(file, from, file.length());
    int body = -1;
    int brackets = 0;
    int braces = 0;
    for (var kind = lexer.next(); kind != JavaLexer.Kind.END; kind = lexer.next()) {
      String token = kind == JavaLexer.Kind.OPERATOR ? lexer.token() : "";
      switch (token) {
        case "(" -> brackets++;
        case ")" -> brackets--;
        case "{" -> {
          // Braces within brackets are those of an annotation's list.
          if (body < 0 && brackets == 0) {
            body = lexer.end() - 1;
          }
          braces += body < 0 ? 0 : 1;
        }
        case "}" -> {
          braces -= body < 0 ? 0 : 1;
          if (body >= 0 && braces == 0) {
            return Optional.of(
                new MethodCode(
                    file.substring(from, lexer.end()).stripIndent().strip(),
                    oneLine(file.substring(from, body))));
          }
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private static String oneLine(String declaration) {
    return declaration
        .replaceAll("(?s)/\\*.*?\\*/|//[^\\n]*", " ")
        .replaceAll("@[\\w.]+\\s*(\\([^()]*\\))?", " ")
        .replaceAll("\\s+", " ")
        .strip();
  }
}
