package dev.quintet.core.nn;

import dev.quintet.core.tensor.Tensor;
import java.util.Optional;

/// A layer that stands in the place of another and changes it only in part, or only at times, as an adapter does.
///
/// Whoever computes several layers as one operation looks behind it, so that nothing is lost where it changes nothing.
public interface Overlay extends Layer {

  /// The layer whose results are this one's at this moment: another one where it stands in for this, else this one.
  Layer now();

  /// The plain projection whose results this layer goes on from, where it leaves the input as it is.
  Optional<Linear> under();

  /// The result, from the input and from what [#under] makes of it.
  ///
  /// @param x the input, `[..., K]`
  /// @param y the projection's result, `[..., N]`
  /// @param pass whether this is training
  Tensor over(Tensor x, Tensor y, Pass pass);

  /// The layer that computes a layer's results at this moment.
  static Layer now(Layer layer) {
    Layer here = layer;
    while (here instanceof Overlay overlay) {
      Layer next = overlay.now();
      if (next == here) {
        return here;
      }
      here = next;
    }
    return here;
  }
}
