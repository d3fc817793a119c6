package dev.quintet.models.adapt.prompt;

import dev.quintet.core.nn.Child;
import dev.quintet.core.nn.Layer;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.adapt.method.LayerDelta;
import java.util.List;

/// Virtual tokens before the embeddings of each input: `[B, S]` becomes `[B, N + S, D]`.
final class PromptDelta extends LayerDelta {
  private final Child<VirtualTokens> tokens;
  private final int count;

  /// @param count N, how many of the tokens stand before an input: peft's prompts have as many again, unused
  PromptDelta(VirtualTokens tokens, int count) {
    this.tokens = child("prompt_encoder", tokens);
    this.count = count;
  }

  @Override
  public Tensor apply(Layer base, Tensor ids, Pass pass) {
    Tensor own = base.apply(ids, pass);
    Tensor rows = tokens.get().all(pass).slice(0, 0, count).cast(own.type()).unsqueeze(0);
    Shape before = own.shape().withDim(1, count);
    return Tensor.concat(1, List.of(rows.broadcastTo(before), own));
  }
}
