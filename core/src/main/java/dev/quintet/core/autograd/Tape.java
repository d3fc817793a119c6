package dev.quintet.core.autograd;

import dev.quintet.core.tensor.Op;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Storage;
import dev.quintet.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The operations of one thread's outermost scope, in the order in which they ran, each with the way back.
///
/// [#backward] walks them in reverse. As soon as an operation's rule has run, its saved values and the gradient of
/// its result are freed, so that the peak is the activations of the forward plus little. What a
/// backward used is gone from the tape; what it did not reach stays until the scope ends.
public final class Tape {
  private final ArrayList<Node> nodes = new ArrayList<>();
  private final ArrayList<Tensor> held = new ArrayList<>(0);
  private final @Nullable Tape outer;

  /// An empty tape.
  ///
  /// @param outer the tape around this one, if this is of a part that is computed anew inside a backward: what stands
  ///     there may be an input here, and takes its gradient directly
  public Tape(@Nullable Tape outer) {
    this.outer = outer;
  }

  /// The number of operations recorded.
  public int size() {
    return nodes.size();
  }

  /// Adds an operation.
  ///
  /// @param name what to call it in messages
  /// @param results its results, each with a slot of its own
  /// @param inputs the tensors it was computed from
  /// @param saved tensors whose data the rule reads; kept alive until it has run
  /// @param rule the way back
  /// @throws IllegalStateException if an input stands on another thread's tape, or on no tape any more: its gradient
  ///     could not go further back
  public void record(
      String name,
      List<Tensor> results,
      List<Tensor> inputs,
      List<Tensor> saved,
      BackwardRule rule) {
    for (Tensor input : inputs) {
      GradientSlot slot = Op.slotOf(input);
      if (slot != null && slot.tape().isPresent() && !reaches(slot.tape().get())) {
        throw new IllegalStateException(
            name
                + ": "
                + input.described()
                + " was computed, with a way back, in another thread, where this backward does not"
                + " go: compute it in this thread, or take its values alone with detach()");
      }
      checkUnspent(name, input);
    }
    var node = new Node(name, results, inputs, saved, rule);
    for (Tensor tensor : saved) {
      if (!tensor.isParameter()) {
        tensor.storage().retain();
      }
    }
    nodes.add(node);
  }

  /// Keeps a tensor that many rules read by its address until no operation is left here.
  public void hold(Tensor tensor) {
    tensor.storage().retain();
    held.add(tensor);
  }

  private void letGo() {
    held.forEach(tensor -> tensor.storage().release());
    held.clear();
  }

  private static void checkUnspent(String name, Tensor input) {
    GradientSlot slot = Op.slotOf(input);
    if (slot != null && slot.spent()) {
      throw new IllegalStateException(
          name
              + ": an earlier backward has used and freed the way back of "
              + input.described()
              + ": add the losses and go back once, compute it anew, or take its values alone with"
              + " detach()");
    }
  }

  private boolean reaches(Tape tape) {
    return tape == this || outer != null && outer.reaches(tape);
  }

  /// Carries the gradients of some results to everything they were computed from.
  ///
  /// @param roots tensors that were recorded here
  /// @param gradients the gradient of each, of its shape
  /// @throws IllegalStateException if nothing recorded leads to a root
  public void backward(List<Tensor> roots, List<Tensor> gradients) {
    backward(roots, gradients, List.of(), _ -> {});
  }

  /// Like [#backward(List, List)], and hands over each of some parameters that got a gradient as soon as no operation that is
  /// still to be walked reads it or adds to its gradient. The gradient is freed then.
  ///
  /// @param whole told of each parameter, in an order that the tape alone decides
  /// @throws IllegalStateException if nothing recorded leads to a root
  public void backward(
      List<Tensor> roots,
      List<Tensor> gradients,
      Collection<Parameter> parameters,
      Consumer<Parameter> whole) {
    Map<Integer, List<Parameter>> last = lastUses(parameters);
    int from = -1;
    for (int i = 0; i < roots.size(); i++) {
      from = Math.max(from, place(roots.get(i)));
      Op.add(roots.get(i), gradients.get(i));
    }
    for (int i = from; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.reached()) {
        node.run();
        node.forget();
      }
      for (Parameter parameter : last.getOrDefault(i, List.of())) {
        if (parameter.hasGradient()) {
          whole.accept(parameter);
          parameter.freeGradient();
        }
      }
    }
    nodes.removeIf(node -> node.consumed);
    if (nodes.isEmpty()) {
      letGo();
    }
  }

  /// The parameters by the place of the first operation that reads them, which a backward comes to last.
  private Map<Integer, List<Parameter>> lastUses(Collection<Parameter> parameters) {
    var owners = new IdentityHashMap<Storage, Parameter>();
    parameters.forEach(parameter -> owners.put(parameter.storage(), parameter));
    var uses = new HashMap<Integer, List<Parameter>>();
    for (int i = 0; i < nodes.size() && !owners.isEmpty(); i++) {
      Node node = nodes.get(i);
      for (Tensor read : Stream.concat(node.inputs.stream(), node.saved.stream()).toList()) {
        Parameter parameter = owners.remove(read.storage());
        if (parameter != null) {
          uses.computeIfAbsent(i, _ -> new ArrayList<>()).add(parameter);
        }
      }
    }
    return uses;
  }

  /// Where the operation stands whose result this is.
  private int place(Tensor root) {
    int at = nodes.size() - 1;
    while (at >= 0 && !nodes.get(at).made(root)) {
      at--;
    }
    if (at < 0) {
      throw new IllegalStateException(
          "backward: nothing recorded leads to this tensor. Either nothing it was computed from"
              + " requires a gradient, or a backward has used it already");
    }
    return at;
  }

  /// Forgets everything recorded and frees what it saved.
  public void clear() {
    for (int i = nodes.size() - 1; i >= 0; i--) {
      nodes.get(i).forget();
    }
    nodes.clear();
    letGo();
  }

  private static final class Node {
    private final String name;
    private final List<Tensor> results;
    private final List<Tensor> inputs;
    private final boolean[] trained;
    private final List<Tensor> saved;
    private final int[] versions;
    private final BackwardRule rule;
    private boolean consumed;

    Node(
        String name,
        List<Tensor> results,
        List<Tensor> inputs,
        List<Tensor> saved,
        BackwardRule rule) {
      this.name = name;
      this.results = results;
      this.inputs = inputs;
      this.saved = saved;
      this.rule = rule;
      trained = new boolean[inputs.size()];
      for (int i = 0; i < trained.length; i++) {
        trained[i] = inputs.get(i).requiresGradient();
      }
      versions = new int[saved.size()];
      for (int i = 0; i < versions.length; i++) {
        versions[i] = saved.get(i).storage().version();
      }
    }

    /// What the rule reads and asks must be as it was when the operation ran: else the gradient would be wrong, and
    /// nobody would know.
    void check() {
      for (int i = 0; i < versions.length; i++) {
        if (saved.get(i).storage().version() != versions[i]) {
          throw new IllegalStateException(
              "backward of "
                  + name
                  + ": "
                  + saved.get(i).described()
                  + " was changed in place after the forward, which this gradient is of: call"
                  + " backward() first and change it then, or compute the forward anew");
        }
      }
      for (int i = 0; i < trained.length; i++) {
        Tensor input = inputs.get(i);
        if (input.requiresGradient() != trained[i]) {
          throw new IllegalStateException(
              "backward of "
                  + name
                  + ": "
                  + input.described()
                  + (trained[i]
                      ? " was frozen after the forward: freeze before it, or after the backward"
                      : " was asked for a gradient after the forward: ask before it"));
        }
        checkUnspent("backward of " + name, input);
      }
    }

    boolean made(Tensor root) {
      for (Tensor y : results) {
        if (Op.slot(y) == Op.slotOf(root)) {
          return true;
        }
      }
      return false;
    }

    boolean reached() {
      for (Tensor y : results) {
        if (y.hasGradient()) {
          return true;
        }
      }
      return false;
    }

    void run() {
      check();
      var gradients = new ArrayList<Optional<Tensor>>();
      for (Tensor y : results) {
        gradients.add(y.hasGradient() ? Optional.of(y.gradient()) : Optional.empty());
      }
      Scope.unrecorded(results.getFirst().backend(), () -> rule.run(gradients));
    }

    void forget() {
      if (consumed) {
        return;
      }
      consumed = true;
      results.forEach(y -> Op.slot(y).spend());
      for (Tensor tensor : saved) {
        if (!tensor.isParameter()) {
          tensor.storage().release();
        }
      }
    }

    @Override
    public String toString() {
      return name + " -> " + results.stream().map(Tensor::shape).toList();
    }
  }
}
