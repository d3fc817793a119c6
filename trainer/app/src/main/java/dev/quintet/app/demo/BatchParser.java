package dev.quintet.app.demo;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticListener;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Parses a few files in one task of javac; used by one thread.
final class BatchParser implements AutoCloseable {
  private static final List<String> OPTIONS =
      List.of("-proc:none", "-nowarn", "-Xmaxerrs", "100000");

  private final SourceTree tree;
  private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
  private final StandardJavaFileManager files =
      compiler.getStandardFileManager(diagnostic -> {}, Locale.ROOT, null);

  BatchParser(SourceTree tree) {
    this.tree = tree;
  }

  ParsedMethods parse(List<String> paths) throws IOException {
    var parts = new ArrayList<ParsedMethods>();
    var sources = new ArrayList<Source>();
    for (String path : paths) {
      try {
        sources.add(new Source(sources.size(), path, tree.text(path)));
      } catch (SourceArchive.ArchiveTooLargeException e) {
        throw e;
      } catch (IOException e) {
        parts.add(ParsedMethods.passedOver(String.valueOf(e.getMessage())));
      }
    }
    parts.add(parseSources(sources));
    return ParsedMethods.concatenate(parts);
  }

  private ParsedMethods parseSources(List<Source> sources) throws IOException {
    if (sources.isEmpty()) {
      return ParsedMethods.NONE;
    }
    try {
      return parseTogether(sources);
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      // javac itself gave up (its parser recurses without a limit): find the file it was.
      if (sources.size() == 1) {
        return ParsedMethods.passedOver(sources.getFirst().path + ": the compiler gave up, " + e);
      }
      var parts = new ArrayList<ParsedMethods>();
      for (Source source : sources) {
        parts.add(parseSources(List.of(new Source(0, source.path, source.text))));
      }
      return ParsedMethods.concatenate(parts);
    }
  }

  private ParsedMethods parseTogether(List<Source> sources) throws IOException {
    Map<String, String> errors = new HashMap<>();
    DiagnosticListener<JavaFileObject> listener =
        diagnostic -> {
          JavaFileObject source = diagnostic.getSource();
          if (diagnostic.getKind() == Diagnostic.Kind.ERROR && source != null) {
            errors.putIfAbsent(
                source.getName(),
                diagnostic.getLineNumber() + ": " + diagnostic.getMessage(Locale.ROOT));
          }
        };
    var task =
        (JavacTask) compiler.getTask(Writer.nullWriter(), files, listener, OPTIONS, null, sources);
    var trees = Trees.instance(task);
    var methods = new ArrayList<MethodExample>();
    var problems = new ArrayList<String>();
    int withBody = 0;
    for (CompilationUnitTree unit : task.parse()) {
      // javac wraps file objects, so names are all that can be compared.
      String name = unit.getSourceFile().getName();
      Source source = sources.get(Source.indexOf(name));
      String error = errors.get(name);
      if (error == null) {
        var scanner = new MethodScanner(unit, trees, source, tree.excludedMethods());
        scanner.collect(methods);
        withBody += scanner.methodsWithBody();
      } else {
        problems.add(source.path + ":" + error);
      }
    }
    return new ParsedMethods(
        methods, sources.size() - problems.size(), problems.size(), problems, withBody);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }

  /// A file in memory, named by its place in the batch because paths need not be valid names.
  static final class Source extends SimpleJavaFileObject {
    private final String path;
    private final String text;

    Source(int index, String path, String text) {
      super(URI.create("memory:///F" + index + ".java"), JavaFileObject.Kind.SOURCE);
      this.path = path;
      this.text = text;
    }

    static int indexOf(String name) {
      return Integer.parseInt(name.substring(name.lastIndexOf('F') + 1, name.lastIndexOf('.')));
    }

    String path() {
      return path;
    }

    String text() {
      return text;
    }

    /// What javac calls the class of a file that only holds methods.
    String implicitClass() {
      return getName().substring(1, getName().lastIndexOf('.'));
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
