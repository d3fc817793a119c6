package dev.quintet.core.autograd;

import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Storage;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The operations of one thread's outermost scope, in the order in which they ran, each with the way back.
///
/// [#backward] walks them in reverse. As soon as an operation's rule has run, its saved values and the gradient of
/// its result are freed, so that the peak is the activations of the forward plus little. What a
/// backward used is gone from the tape; what it did not reach stays until the scope ends.
public final class Tape {
  private final ArrayList<Node> nodes = new ArrayList<>();

  /// An empty tape.
  public Tape() {}

  /// The number of operations recorded.
  public int size() {
    return nodes.size();
  }

  /// Adds an operation.
  ///
  /// @param name what to call it in messages
  /// @param result its result, which has a slot of its own
  /// @param saved tensors whose data the rule reads; kept alive until it has run
  /// @param rule the way back
  public void record(String name, Tensor result, List<Tensor> saved, BackwardRule rule) {
    for (Tensor tensor : saved) {
      if (!tensor.isParameter()) {
        tensor.storage().retain();
      }
    }
    nodes.add(new Node(name, result, saved, rule));
  }

  /// Carries the gradient of a scalar to everything it was computed from.
  ///
  /// @param root a scalar that was recorded
  /// @param gradient the gradient of the root, 1 by custom
  /// @throws IllegalStateException if nothing recorded leads to the root
  public void backward(Tensor root, float gradient) {
    int from = nodes.size() - 1;
    while (from >= 0 && nodes.get(from).result.slot() != root.slot()) {
      from--;
    }
    if (from < 0) {
      throw new IllegalStateException(
          "backward: nothing recorded leads to this tensor. Either nothing it was computed from"
              + " requires a gradient, or a backward has used it already");
    }
    var sink = root.gradientSink();
    root.backend().layout().fill(gradient, sink.address(), 1);
    for (int i = from; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.slot().filled()) {
        node.run();
        node.forget();
      }
    }
    nodes.removeIf(node -> node.consumed);
  }

  /// Forgets everything recorded and frees what it saved.
  public void clear() {
    for (int i = nodes.size() - 1; i >= 0; i--) {
      nodes.get(i).forget();
    }
    nodes.clear();
  }

  private static final class Node {
    private final String name;
    private final Tensor result;
    private final List<Tensor> saved;
    private final BackwardRule rule;
    private boolean consumed;

    Node(String name, Tensor result, List<Tensor> saved, BackwardRule rule) {
      this.name = name;
      this.result = result;
      this.saved = saved;
      this.rule = rule;
    }

    GradientSlot slot() {
      return result.requireSlot();
    }

    void run() {
      Storage gradient = Objects.requireNonNull(slot().storage());
      Scope.unrecorded(() -> rule.run(Tensor.over(gradient, 0, result.shape(), result.type())));
    }

    void forget() {
      if (consumed) {
        return;
      }
      consumed = true;
      slot().clear();
      for (Tensor tensor : saved) {
        if (!tensor.isParameter()) {
          tensor.storage().release();
        }
      }
    }

    @Override
    public String toString() {
      return name + " -> " + result.shape();
    }
  }
}
