package dev.quintet.kernels.cuda;

import dev.quintet.core.backend.DecoderCall.Block;

/// The launches between a step's ids and its logits.
interface DecoderLayers {
  /// A layer.
  void run(Block block);

  /// The last norm and the head.
  void head();
}
