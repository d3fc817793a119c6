package dev.quintet.trainer.evaluate;

import java.util.List;

/// A way to answer sources. Its text says all that decides the answers beside the weights.
public interface Answerer {

  /// The answers to sources, in their order; an answer does not depend on its neighbours.
  List<Reply> answer(List<String> sources);
}
