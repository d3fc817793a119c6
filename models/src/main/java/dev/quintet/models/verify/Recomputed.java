package dev.quintet.models.verify;

import dev.quintet.core.io.SafetensorsFile;
import dev.quintet.core.io.SafetensorsType;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.CrossEntropyOptions;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.T5;
import dev.quintet.models.t5.T5Encoder;
import dev.quintet.models.t5.T5EncoderDecoder;
import dev.quintet.models.t5.T5Family;
import dev.quintet.models.t5.T5QuestionAnswerer;
import dev.quintet.models.t5.T5SequenceClassifier;
import dev.quintet.models.t5.T5TokenClassifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// What a model computes of one recorded batch, under the names that transformers has for it.
///
/// @param outputs all but the loss
/// @param loss empty where the batch has no labels, or the model no head
record Recomputed(List<Output> outputs, Optional<Tensor> loss) {
  private static final Pass PASS = Pass.inference();

  /// One output.
  ///
  /// @param name as recordings have it, such as `logits`
  /// @param words what a report calls it
  /// @param tensor the values
  /// @param counts whether the element of an index is compared: what stands at padding is not
  record Output(String name, String words, Tensor tensor, IntPredicate counts) {}

  /// Runs the model, in the current scope.
  ///
  /// @param batch what stands before the first dot of names; empty where nothing does
  static Recomputed of(T5Family model, SafetensorsFile file, String batch) {
    var in = new Inputs(file, batch.isEmpty() ? "" : batch + ".");
    return switch (model) {
      case T5 t5 -> generator(t5, in);
      case T5QuestionAnswerer answerer -> answerer(answerer, in);
      case T5EncoderDecoder stacks -> stacks(stacks, in);
      case T5Encoder encoder -> {
        Tensor states = encoder.encode(in.ids(), in.mask(), PASS);
        yield new Recomputed(List.of(states(states, in)), Optional.empty());
      }
      case T5SequenceClassifier classifier -> {
        if (!in.has("labels")) {
          yield alone(classifier.logits(in.ids(), in.mask(), PASS), i -> true);
        }
        yield of(
            classifier.loss(
                in.ids(), in.mask(), in.tensor("labels"), PASS, CrossEntropyOptions.MEAN),
            i -> true);
      }
      case T5TokenClassifier classifier -> {
        int[] mask = in.mask().toInts();
        int labels = classifier.task().labels().size();
        IntPredicate counts = i -> mask[i / labels] != 0;
        if (!in.has("labels")) {
          yield alone(classifier.logits(in.ids(), in.mask(), PASS), counts);
        }
        yield of(
            classifier.loss(
                in.ids(), in.mask(), in.tensor("labels"), PASS, CrossEntropyOptions.MEAN),
            counts);
      }
    };
  }

  private static Recomputed generator(T5 t5, Inputs in) {
    Tensor memory = t5.encode(in.ids(), in.mask(), PASS);
    if (!in.has("labels")) {
      Tensor states = t5.decode(in.tensor("decoder_input_ids"), memory, in.mask(), PASS);
      return new Recomputed(
          List.of(states(memory, in), logits(t5.logits(states), i -> true)), Optional.empty());
    }
    int[] labels = in.tensor("labels").toInts();
    int vocabulary = t5.config().vocabSize();
    T5.Result result =
        t5.loss(in.ids(), in.mask(), in.tensor("labels"), PASS, CrossEntropyOptions.MEAN);
    Output logits = logits(result.logits(), i -> labels[i / vocabulary] != -100);
    return new Recomputed(List.of(states(memory, in), logits), Optional.of(result.loss()));
  }

  private static Recomputed stacks(T5EncoderDecoder stacks, Inputs in) {
    Tensor memory = stacks.encode(in.ids(), in.mask(), PASS);
    var outputs = new ArrayList<>(List.of(states(memory, in)));
    if (in.has("decoder_input_ids")) {
      Tensor states = stacks.decode(in.tensor("decoder_input_ids"), memory, in.mask(), PASS);
      outputs.add(new Output("last_hidden_state", "decoder states", states, i -> true));
    }
    return new Recomputed(outputs, Optional.empty());
  }

  private static Recomputed answerer(T5QuestionAnswerer answerer, Inputs in) {
    var spans = answerer.spans(in.ids(), in.mask(), PASS);
    Optional<Tensor> loss =
        in.has("start_positions") && in.has("end_positions")
            ? Optional.of(
                answerer.loss(
                    spans,
                    in.tensor("start_positions").toInts(),
                    in.tensor("end_positions").toInts()))
            : Optional.empty();
    return new Recomputed(
        List.of(
            new Output("start_logits", "start logits", spans.start(), i -> true),
            new Output("end_logits", "end logits", spans.end(), i -> true)),
        loss);
  }

  private static Output states(Tensor states, Inputs in) {
    int[] mask = in.mask().toInts();
    int width = states.shape().dim(-1);
    return new Output(
        "encoder_last_hidden_state", "encoder states", states, i -> mask[i / width] != 0);
  }

  private static Output logits(Tensor logits, IntPredicate counts) {
    return new Output("logits", "logits", logits, counts);
  }

  private static Recomputed alone(Tensor logits, IntPredicate counts) {
    return new Recomputed(List.of(logits(logits, counts)), Optional.empty());
  }

  private static Recomputed of(T5.Result result, IntPredicate counts) {
    return new Recomputed(List.of(logits(result.logits(), counts)), Optional.of(result.loss()));
  }

  /// The inputs of a batch, read anew each time, into the current scope.
  private record Inputs(SafetensorsFile file, String prefix) {
    boolean has(String name) {
      return file.contains(prefix + name);
    }

    Tensor ids() {
      return tensor("input_ids");
    }

    Tensor mask() {
      if (has("attention_mask")) {
        return tensor("attention_mask");
      }
      Shape shape = file.entry(prefix + "input_ids").shape();
      int[] ones = new int[Math.toIntExact(shape.elements())];
      Arrays.fill(ones, 1);
      return Tensor.ofInts(shape, ones);
    }

    Tensor tensor(String name) {
      var entry = file.entry(prefix + name);
      return entry.type() == SafetensorsType.F32
          ? Tensor.of(entry.shape(), file.floats(prefix + name))
          : Tensor.ofInts(entry.shape(), file.ints(prefix + name));
    }
  }
}
