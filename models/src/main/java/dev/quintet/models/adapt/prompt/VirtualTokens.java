package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Init;
import dev.quintet.core.nn.Linear;
import dev.quintet.core.nn.Module;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Parameter;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.Attachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The numbers of virtual tokens, `[N, W]`: a table, or a table and a small network that makes them of it, which trains more
/// steadily and is not needed afterwards (Liu et al., arXiv 2103.10385; Li and Liang, arXiv 2101.00190).
final class VirtualTokens extends Module {
  /// What files call the numbers.
  static final String STORED = "prompt_embeddings";

  private final Parameter table;
  private final List<Child<Linear>> layers = new ArrayList<>();
  private final UnaryOperator<Tensor> activation;

  private VirtualTokens(String name, Parameter table, UnaryOperator<Tensor> activation) {
    this.table = parameter(name, table);
    this.activation = activation;
  }

  /// A table alone.
  static VirtualTokens table(Attachment attachment, int tokens, int width, Init init) {
    Parameter table = attachment.make(STORED, Shape.of(tokens, width), init);
    return new VirtualTokens(STORED, table, UnaryOperator.identity());
  }

  /// A table and a network of linear layers, whose parameters are called as in peft.
  ///
  /// @param widths of the table and of each layer's result, the last of which is W
  /// @param name what the network is called; every second place in it is an activation
  /// @param activation between two layers
  /// @param zeros whether the last layer begins with zeros
  static VirtualTokens network(
      Attachment attachment,
      int tokens,
      List<Integer> widths,
      String name,
      UnaryOperator<Tensor> activation,
      boolean zeros) {
    String embedding = "embedding.weight";
    var made =
        new VirtualTokens(
            embedding,
            make(attachment, embedding, Shape.of(tokens, widths.getFirst()), Init.normal(1)),
            activation);
    for (int i = 1; i < widths.size(); i++) {
      String place = name + "." + 2 * (i - 1);
      int in = widths.get(i - 1);
      int out = widths.get(i);
      // as PyTorch's linear layers begin
      Init init = zeros && i == widths.size() - 1 ? Init.zeros() : Init.uniform(1 / Math.sqrt(in));
      var layer =
          new Linear(
              make(attachment, place + ".weight", Shape.of(out, in), init),
              make(attachment, place + ".bias", Shape.of(out), init));
      made.layers.add(made.child(place, layer));
    }
    return made;
  }

  private static Parameter make(Attachment attachment, String name, Shape shape, Init init) {
    return attachment.make("prompt_encoder." + name, shape, init);
  }

  /// Whether a network makes the numbers.
  boolean computed() {
    return !layers.isEmpty();
  }

  /// Whether a parameter is one of these.
  boolean holds(Parameter parameter) {
    return Set.copyOf(parameters().values()).contains(parameter);
  }

  /// The numbers of all tokens, `[N, W]`.
  Tensor all(Pass pass) {
    return layers.isEmpty() ? table : layers.getLast().get().apply(before(pass), pass);
  }

  /// The numbers of some columns, `[N, to - from]`; of a network's last layer no more than these are computed.
  Tensor columns(int from, int to, Pass pass) {
    if (layers.isEmpty()) {
      return table.slice(1, from, to);
    }
    Linear last = layers.getLast().get();
    return before(pass)
        .linear(last.weight().slice(0, from, to))
        .add(last.bias().orElseThrow().slice(0, from, to));
  }

  /// What the last layer is applied to.
  private Tensor before(Pass pass) {
    Tensor x = table;
    for (Child<Linear> layer : layers.subList(0, layers.size() - 1)) {
      x = activation.apply(layer.get().apply(x, pass));
    }
    return x;
  }
}
