package dev.quintet.app.augment;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.tools.Diagnostic;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// A piece of Java code that parses.
///
/// @param code its text
/// @param tree its tree, written as a list of kinds and names
/// @param occurrences of names that can be exchanged, in the order of the text
record JavaCode(String code, List<String> tree, List<Occurrence> occurrences) {
  private static final List<String> OPTIONS = List.of("-proc:none", "-nowarn");

  /// A name where it is declared or used.
  ///
  /// @param name the name
  /// @param start its place in the text
  /// @param place its place in the tree's list
  record Occurrence(String name, int start, int place) {}

  /// Parses code; nothing if it does not.
  ///
  /// @throws IllegalStateException if this Java has no compiler
  static Optional<JavaCode> parse(String code) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException(
          "names in code are exchanged with the JDK's compiler, which this Java lacks; run it on a JDK, not a JRE. java.home is "
              + System.getProperty("java.home"));
    }
    boolean[] broken = new boolean[1];
    var file =
        new SimpleJavaFileObject(URI.create("memory:///Code.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    try {
      var task =
          (JavacTask)
              compiler.getTask(
                  Writer.nullWriter(),
                  null,
                  diagnostic -> broken[0] |= diagnostic.getKind() == Diagnostic.Kind.ERROR,
                  OPTIONS,
                  null,
                  List.of(file));
      Optional<JavaCode> parsed = Optional.empty();
      for (CompilationUnitTree unit : task.parse()) {
        if (!broken[0] && !unit.getTypeDecls().isEmpty()) {
          var names = new LocalNames(unit, Trees.instance(task).getSourcePositions(), code);
          names.scan(unit, null);
          List<Occurrence> found =
              names.occurrences().stream()
                  .sorted(Comparator.comparingInt(Occurrence::start))
                  .toList();
          parsed = Optional.of(new JavaCode(code, names.tree(), found));
        }
      }
      return parsed;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot parse code in memory: " + e.getMessage(), e);
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      return Optional.empty(); // javac gave up; its parser recurses without a limit
    }
  }
}
