package dev.quintet.app.demo;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns one parsed file into examples: methods with a body of 1 to 60 statements and a name of at
/// most 8 words without `$`. Constructors have no name to guess and are left out.
final class MethodScanner extends TreePathScanner<@Nullable Void, List<MethodExample>> {
  private static final int MAX_STATEMENTS = 60;
  private static final int MAX_NAME_WORDS = 8;

  private final CompilationUnitTree unit;
  private final Trees trees;
  private final SourcePositions positions;
  private final String file;
  private final String text;
  private final String implicitClass;
  private final Set<String> excludedMethods;
  private final String packageName;
  private String topLevelClass = "";
  private int methodsWithBody;

  MethodScanner(
      CompilationUnitTree unit,
      Trees trees,
      BatchParser.Source source,
      Set<String> excludedMethods) {
    this.unit = unit;
    this.trees = trees;
    this.positions = trees.getSourcePositions();
    this.file = source.path();
    this.text = source.text();
    this.implicitClass = source.implicitClass();
    this.excludedMethods = excludedMethods;
    this.packageName = unit.getPackageName() == null ? "" : unit.getPackageName().toString();
  }

  void collect(List<MethodExample> into) {
    for (Tree type : unit.getTypeDecls()) {
      if (type instanceof ClassTree declared) {
        String name = declared.getSimpleName().toString();
        if (name.equals(implicitClass)) {
          name = file.substring(file.lastIndexOf('/') + 1, file.lastIndexOf('.'));
        }
        topLevelClass = packageName.isEmpty() ? name : packageName + "." + name;
        scan(new TreePath(new TreePath(unit), declared), into);
      }
    }
  }

  int methodsWithBody() {
    return methodsWithBody;
  }

  @Override
  public @Nullable Void visitMethod(MethodTree method, List<MethodExample> into) {
    String name = method.getName().toString();
    BlockTree body = method.getBody();
    Tree returnType = method.getReturnType();
    if (body != null && returnType != null && !excludedMethods.contains(name)) {
      methodsWithBody++;
      int statements = statements(body);
      var words = JavaWords.split(name);
      boolean named = !words.isEmpty() && words.size() <= MAX_NAME_WORDS && name.indexOf('$') < 0;
      if (named && statements >= 1 && statements <= MAX_STATEMENTS) {
        into.add(example(method, words, returnType, body));
      }
    }
    return super.visitMethod(method, into);
  }

  private MethodExample example(
      MethodTree method, List<String> nameWords, Tree returnType, BlockTree body) {
    String name = method.getName().toString();
    var words = new MethodText(name);
    words.signature(text, start(returnType), end(returnType));
    words.mark("(");
    boolean first = true;
    for (VariableTree parameter : method.getParameters()) {
      if (!first) {
        words.mark(",");
      }
      first = false;
      words.signature(text, start(parameter.getType()), end(parameter.getType()));
      String parameterName = parameter.getName().toString();
      words.signature(parameterName, 0, parameterName.length());
    }
    words.mark(")");
    words.body(text, start(body) + 1, end(body) - 1);
    String comment = trees.getDocComment(getCurrentPath());
    long line = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method));
    return new MethodExample(
        file,
        Math.toIntExact(line),
        topLevelClass,
        packageName,
        name,
        String.join(" ", nameWords),
        words.source(),
        text.substring(start(returnType), end(returnType)),
        FirstSentence.of(comment == null ? "" : comment),
        method.getThrows().stream().map(Tree::toString).toList());
  }

  private int start(Tree tree) {
    return Math.toIntExact(positions.getStartPosition(unit, tree));
  }

  private int end(Tree tree) {
    return Math.toIntExact(positions.getEndPosition(unit, tree));
  }

  /// Statements at any depth; blocks only group and are not counted.
  private static int statements(BlockTree body) {
    int[] count = {0};
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void scan(Tree tree, @Nullable Void unused) {
        if (tree instanceof StatementTree && !(tree instanceof BlockTree)) {
          count[0]++;
        }
        return super.scan(tree, unused);
      }
    }.scan(body.getStatements(), null);
    return count[0];
  }
}
