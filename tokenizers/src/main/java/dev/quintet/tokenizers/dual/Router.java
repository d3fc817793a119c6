package dev.quintet.tokenizers.dual;

import java.nio.file.Path;
import java.util.function.Predicate;

/// Says which parts of a text are code; a custom classifier implements one method.
///
/// A router must be a function of the text alone, and safe for use by several threads.
@FunctionalInterface
public interface Router {

  /// Finds the code in a text.
  ///
  /// @param text the text, without lone surrogates
  /// @return where code stands
  CodeSpans route(String text);

  /// What stands between Markdown's fences is code.
  ///
  /// @return the router
  static Router fences() {
    return new Fences();
  }

  /// What stands between two markers is code; the markers themselves are not.
  ///
  /// @param open begins code
  /// @param close ends it; code that nothing ends reaches to the end of the text
  /// @return the router
  /// @throws IllegalArgumentException when a marker is empty
  static Router markers(String open, String close) {
    return new Markers(open, close);
  }

  /// Every text is code.
  ///
  /// @return the router
  static Router code() {
    return new Whole(true);
  }

  /// Every text is natural language.
  ///
  /// @return the router
  static Router language() {
    return new Whole(false);
  }

  /// Decides by a file's type: source files are code, Markdown and its like have fences, anything
  /// else is natural language.
  ///
  /// @param file the file, of which only the name counts
  /// @return the router
  static Router ofFile(Path file) {
    return FileTypes.router(file);
  }

  /// A line is code when a classifier says so.
  ///
  /// @param isCode is given each line without its line end
  /// @return the router
  static Router lines(Predicate<String> isCode) {
    return new Lines(isCode);
  }
}
