package dev.quintet.core.tensor;

import dev.quintet.core.autograd.BackwardRule;
import dev.quintet.core.autograd.GradientSlot;
import dev.quintet.core.backend.Gradient;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How an operation is written, in core and outside it: what it computed, of what, and the way back.
///
/// ```java
/// static Tensor softplus(Tensor x) {
///   return Op.result("softplus", () -> x.relu().add(x.abs().negate().exp().add(1).log()))
///       .from(x)
///       .saves(x)
///       .back(dy -> Op.add(x, dy.multiply(x.detach().sigmoid())));
/// }
/// ```
///
/// The way back runs in a scope in which nothing is recorded. It reads the tensors that were saved, and no others,
/// and gives each input its part with [#add]; kernels write theirs to [#gradient].
public final class Op {
  private final String name;
  private final List<Tensor> results;
  private List<Tensor> inputs = List.of();
  private List<Tensor> saved = List.of();

  private Op(String name, List<Tensor> results) {
    this.name = Objects.requireNonNull(name, "name");
    this.results = List.copyOf(results);
  }

  /// An operation with this new result, which nothing was recorded of.
  ///
  /// @param name what to call the operation in messages
  public static Op result(String name, Tensor y) {
    return new Op(name, List.of(y));
  }

  /// An operation whose result other operations compute, of which nothing is recorded.
  ///
  /// @throws IllegalStateException if no scope is open
  public static Op result(String name, Supplier<Tensor> forward) {
    Objects.requireNonNull(forward, "forward");
    return new Op(name, Scope.unrecorded(() -> List.of(forward.get())));
  }

  /// An operation with several new results.
  public static Op results(String name, List<Tensor> ys) {
    return new Op(name, ys);
  }

  /// Gradient checkpointing (Chen et al., arXiv 1604.06174): of what a part computes its results alone are kept, and
  /// the part is computed anew when a backward reaches it. Gradients are bit for bit those without it.
  ///
  /// @param inputs what the part reads and a gradient may reach: tensors and parameters
  /// @param part computes the results; twice the same
  /// @throws IllegalStateException if no scope is open
  public static List<Tensor> checkpoint(
      List<? extends Tensor> inputs, Supplier<List<Tensor>> part) {
    return new Op("checkpoint", Scope.unrecorded(part))
        .from(inputs)
        .saves(inputs)
        .backEach(dys -> {
          try (var anew = Scope.openAnew()) {
            List<Tensor> again = part.get();
            var roots = new ArrayList<Tensor>();
            var gradients = new ArrayList<Tensor>();
            for (int i = 0; i < again.size(); i++) {
              if (again.get(i).requiresGradient() && dys.get(i).isPresent()) {
                roots.add(again.get(i));
                gradients.add(dys.get(i).get());
              }
            }
            anew.tape().backward(roots, gradients);
          }
        });
  }

  /// The tensors it was computed from.
  public Op from(Tensor... tensors) {
    return from(List.of(tensors));
  }

  /// The tensors it was computed from.
  public Op from(List<? extends Tensor> tensors) {
    inputs = List.copyOf(tensors);
    return this;
  }

  /// The tensors whose values the way back reads; they are kept until it has run.
  public Op saves(Tensor... tensors) {
    return saves(List.of(tensors));
  }

  /// The tensors whose values the way back reads; they are kept until it has run.
  public Op saves(List<? extends Tensor> tensors) {
    saved = List.copyOf(tensors);
    return this;
  }

  /// The result, with the way back where an input requires a gradient and the scope records.
  public Tensor back(BackwardRule.OfOne rule) {
    return backEach(rule).getFirst();
  }

  /// The results, with one way back for all of them.
  public List<Tensor> backEach(BackwardRule rule) {
    Objects.requireNonNull(rule, "rule");
    Scope scope = Scope.current();
    if (scope.recording() && learns()) {
      for (Tensor y : results) {
        y.slot(GradientSlot.ofResult(y.backend(), y.elements(), y.type(), scope.tape()));
      }
      scope.tape().record(name, results, inputs, saved, rule);
    }
    return results;
  }

  private boolean learns() {
    for (Tensor input : inputs) {
      if (input.requiresGradient()) {
        return true;
      }
    }
    return false;
  }

  /// Adds to the gradient of an input, if it requires one.
  ///
  /// @throws IllegalArgumentException if the number of elements or the type is another than the gradient's
  public static void add(Tensor input, Tensor gradient) {
    Objects.requireNonNull(gradient, "gradient");
    if (!input.requiresGradient()) {
      return;
    }
    if (gradient.elements() != input.elements()) {
      throw new IllegalArgumentException(
          "a gradient of shape "
              + gradient.shape()
              + " does not fit a tensor of shape "
              + input.shape());
    }
    GradientSlot slot = slot(input);
    Tensor fitting = gradient.cast(slot.type());
    slot.add(fitting.storage(), fitting.address());
  }

  /// [#add] of a gradient that nobody else has or will look at again, so that its memory may go along.
  ///
  /// @throws IllegalArgumentException if the number of elements or the type is another than the gradient's
  public static void give(Tensor input, Tensor gradient) {
    Objects.requireNonNull(gradient, "gradient");
    GradientSlot slot = slotOf(input);
    if (input.requiresGradient()
        && slot != null
        && slot.type() == gradient.type()
        && gradient.elements() == input.elements()) {
      slot.give(gradient.storage(), gradient.address());
    } else {
      add(input, gradient);
    }
  }

  /// Where a kernel puts its contribution to the gradient of an input; [Gradient#NONE] if it requires none.
  public static Gradient gradient(Tensor input) {
    return input.requiresGradient() ? slot(input).sink() : Gradient.NONE;
  }

  /// The slot of a tensor's gradient.
  ///
  /// @throws IllegalStateException if it requires no gradient
  public static GradientSlot slot(Tensor tensor) {
    GradientSlot slot = slotOf(tensor);
    if (slot == null) {
      throw new IllegalStateException("this tensor requires no gradient");
    }
    return slot;
  }

  /// The slot of a tensor's gradient, if it has one.
  public static @Nullable GradientSlot slotOf(Tensor tensor) {
    return tensor.slot();
  }

  /// A tensor over existing memory, which stays with its holders.
  ///
  /// @param offset bytes from the start of the block to the first element
  public static Tensor over(Storage storage, long offset, Shape shape, DType type) {
    return new Tensor(storage, offset, shape, type, null);
  }
}
