package dev.quintet.trainer.loop;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.json.JsonObject;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.trainer.data.EncodedPairs;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.evaluate.GeneratedAnswers;
import dev.quintet.trainer.evaluate.RankedAnswers;
import java.util.Optional;

/// A model that learns to write.
///
/// @param text model and tokenizer
record TextTrainee(TextToText text) implements Trainee {

  @Override
  public T5 model() {
    return text.model();
  }

  @Override
  public Tokenizer tokenizer() {
    return text.tokenizer();
  }

  @Override
  public void checkpointing(boolean on) {
    text.model().checkpointing(on);
  }

  @Override
  public EncodedPairs encoded(Pairs pairs, int maxSource, int maxTarget) {
    return pairs.encoded(text.tokenizer(), maxSource, maxTarget, CpuBackend.threads());
  }

  @Override
  public boolean packs() {
    return true;
  }

  @Override
  public T5Learner learner(Optional<Integer> maxTarget, Losses losses) {
    return new T5Learner(
        maxTarget
            .map(most -> text.withGeneration(lengthened(text.generation(), most)))
            .orElse(text),
        losses);
  }

  @Override
  public Answerer answerer(Ask ask) {
    return ask.labels()
        .<Answerer>map(labels -> new RankedAnswers(text, labels, ask.maxSource(), ask.rows()))
        .orElseGet(() ->
            new GeneratedAnswers(
                text,
                lengthened(ask.options().orElse(text.generation()), ask.maxTarget()),
                ask.maxSource(),
                ask.rows()));
  }

  /// Options in which it is said how long answers may be: as long as a target, where nobody has said it.
  private static GenerationConfig lengthened(GenerationConfig options, int maxTarget) {
    JsonObject said = options.toJson();
    return said.has("max_new_tokens") || said.has("max_length")
        ? options
        : options.withMaxNewTokens(maxTarget);
  }
}
