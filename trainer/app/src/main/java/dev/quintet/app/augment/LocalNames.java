package dev.quintet.app.augment;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.BreakTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ContinueTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LabeledStatementTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.PrimitiveTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes a tree as a list of kinds and names, and finds in it where names of locals are declared and used.
final class LocalNames extends TreePathScanner<@Nullable Void, @Nullable Void> {
  private final CompilationUnitTree unit;
  private final SourcePositions positions;
  private final String code;
  private final List<String> tree = new ArrayList<>();
  private final List<Declared> declared = new ArrayList<>();
  private final List<JavaCode.Occurrence> declarations = new ArrayList<>();
  private final List<JavaCode.Occurrence> uses = new ArrayList<>();
  private final Set<String> fixed = new HashSet<>(); // what is a field's, or cannot be found

  /// From where to where a name means a local.
  private record Declared(String name, long from, long to) {}

  LocalNames(CompilationUnitTree unit, SourcePositions positions, String code) {
    this.unit = unit;
    this.positions = positions;
    this.code = code;
  }

  List<String> tree() {
    return tree;
  }

  /// Declarations and uses of names that can mean nothing but locals.
  List<JavaCode.Occurrence> occurrences() {
    for (JavaCode.Occurrence use : uses) {
      boolean reached =
          declared.stream()
              .anyMatch(
                  d -> d.name.equals(use.name()) && d.from <= use.start() && use.start() < d.to);
      if (!reached) {
        fixed.add(use.name());
      }
    }
    var all = new ArrayList<>(declarations);
    all.addAll(uses);
    all.removeIf(one -> fixed.contains(one.name()) || Character.isUpperCase(one.name().charAt(0)));
    return all;
  }

  // ---- the tree ----

  @Override
  public @Nullable Void scan(@Nullable Tree node, @Nullable Void unused) {
    if (node == null) {
      return null;
    }
    tree.add(node.getKind().name());
    super.scan(node, unused);
    tree.add(")");
    return null;
  }

  @Override
  public @Nullable Void visitVariable(VariableTree node, @Nullable Void unused) {
    String name = node.getName().toString();
    boolean field = getCurrentPath().getParentPath().getLeaf() instanceof ClassTree;
    int place = tree.size();
    tree.add(name);
    if (field) {
      fixed.add(name);
    } else if (!name.isEmpty()) {
      declare(node, name, place);
    }
    return super.visitVariable(node, unused);
  }

  private void declare(VariableTree node, String name, int place) {
    long from = start(node);
    long typeEnd = node.getType() == null ? -1 : end(node.getType());
    int at = word(name, Math.max(from, typeEnd), end(node));
    if (at < 0) {
      at = word(name, from, end(node));
    }
    if (at < 0) {
      fixed.add(name);
      return;
    }
    declared.add(new Declared(name, from, end(scope())));
    declarations.add(new JavaCode.Occurrence(name, at, place));
  }

  /// What a declaration reaches to the end of.
  private Tree scope() {
    TreePath path = getCurrentPath().getParentPath();
    while (!isScope(path.getLeaf()) && path.getParentPath() != null) {
      path = path.getParentPath();
    }
    return path.getLeaf();
  }

  private static boolean isScope(Tree tree) {
    return tree instanceof BlockTree
        || tree instanceof CaseTree
        || tree instanceof MethodTree
        || tree instanceof LambdaExpressionTree
        || tree instanceof CatchTree
        || tree instanceof ForLoopTree
        || tree instanceof EnhancedForLoopTree
        || tree instanceof TryTree
        || tree instanceof ClassTree;
  }

  /// Where a word stands between two places; -1 if it does not.
  private int word(String name, long from, long to) {
    for (int at = code.indexOf(name, (int) from);
        at >= 0 && at + name.length() <= to;
        at = code.indexOf(name, at + 1)) {
      int end = at + name.length();
      if ((at == 0 || !Character.isJavaIdentifierPart(code.charAt(at - 1)))
          && (end == code.length() || !Character.isJavaIdentifierPart(code.charAt(end)))) {
        return at;
      }
    }
    return -1;
  }

  @Override
  public @Nullable Void visitIdentifier(IdentifierTree node, @Nullable Void unused) {
    uses.add(
        new JavaCode.Occurrence(
            node.getName().toString(), Math.toIntExact(start(node)), tree.size()));
    return named(node.getName());
  }

  /// A method that is called by its name alone is no variable.
  @Override
  public @Nullable Void visitMethodInvocation(MethodInvocationTree node, @Nullable Void unused) {
    if (!(node.getMethodSelect() instanceof IdentifierTree method)) {
      return super.visitMethodInvocation(node, unused);
    }
    scan(node.getTypeArguments(), unused);
    named(method.getName());
    return scan(node.getArguments(), unused);
  }

  /// The names of an annotation's elements are none of variables.
  @Override
  public @Nullable Void visitAnnotation(AnnotationTree node, @Nullable Void unused) {
    return named(node);
  }

  private @Nullable Void named(@Nullable Object what) {
    tree.add(String.valueOf(what));
    return null;
  }

  @Override
  public @Nullable Void visitMemberSelect(MemberSelectTree node, @Nullable Void unused) {
    named(node.getIdentifier());
    return super.visitMemberSelect(node, unused);
  }

  @Override
  public @Nullable Void visitMemberReference(MemberReferenceTree node, @Nullable Void unused) {
    named(node.getName());
    return super.visitMemberReference(node, unused);
  }

  @Override
  public @Nullable Void visitLiteral(LiteralTree node, @Nullable Void unused) {
    return named(node.getValue());
  }

  @Override
  public @Nullable Void visitPrimitiveType(PrimitiveTypeTree node, @Nullable Void unused) {
    return named(node.getPrimitiveTypeKind());
  }

  @Override
  public @Nullable Void visitModifiers(ModifiersTree node, @Nullable Void unused) {
    named(node.getFlags());
    return super.visitModifiers(node, unused);
  }

  @Override
  public @Nullable Void visitMethod(MethodTree node, @Nullable Void unused) {
    named(node.getName());
    return super.visitMethod(node, unused);
  }

  @Override
  public @Nullable Void visitClass(ClassTree node, @Nullable Void unused) {
    named(node.getSimpleName());
    return super.visitClass(node, unused);
  }

  @Override
  public @Nullable Void visitLabeledStatement(LabeledStatementTree node, @Nullable Void unused) {
    named(node.getLabel());
    return super.visitLabeledStatement(node, unused);
  }

  @Override
  public @Nullable Void visitBreak(BreakTree node, @Nullable Void unused) {
    return named(node.getLabel());
  }

  @Override
  public @Nullable Void visitContinue(ContinueTree node, @Nullable Void unused) {
    return named(node.getLabel());
  }

  private long start(Tree node) {
    return positions.getStartPosition(unit, node);
  }

  private long end(Tree node) {
    return positions.getEndPosition(unit, node);
  }
}
