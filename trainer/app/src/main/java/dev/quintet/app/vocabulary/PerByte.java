package dev.quintet.app.vocabulary;

import dev.quintet.core.shape.Device;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Examples;
import dev.quintet.trainer.data.TextPair;
import dev.quintet.trainer.loop.Evaluation;
import dev.quintet.trainer.loop.T5Learner;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Measures per byte of UTF-8, by which models with different tokenizers can be compared.
final class PerByte {
  private PerByte() {}

  /// How many tokens texts have, without a special one.
  static double tokens(Tokenizer tokenizer, List<String> texts) {
    long tokens = texts.stream().mapToLong(one -> tokenizer.encodeToIds(one, false).length).sum();
    return (double) tokens / bytes(texts);
  }

  /// A model's loss on right answers.
  ///
  /// @param examples the pairs as the model reads them
  /// @param rows of a batch
  static double loss(
      TextToText model, List<Example> examples, List<TextPair> pairs, int rows, Device device) {
    var evaluation = new Evaluation(Examples.of(examples), rows, model.model().config().padId());
    return loss(evaluation.loss(new T5Learner(model), device), examples, pairs);
  }

  /// A mean over label tokens as the sum over the bytes that they stand for.
  static double loss(double mean, List<Example> examples, List<TextPair> pairs) {
    long labels = examples.stream().mapToLong(example -> example.target().length).sum();
    return mean * labels / bytes(pairs.stream().map(TextPair::target).toList());
  }

  private static long bytes(List<String> texts) {
    return texts.stream().mapToLong(one -> one.getBytes(StandardCharsets.UTF_8).length).sum();
  }
}
