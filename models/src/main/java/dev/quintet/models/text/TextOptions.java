package dev.quintet.models.text;

import dev.quintet.models.generate.GenerationConfig;
import java.util.List;
import java.util.function.BooleanSupplier;

/// How prompts are answered.
///
/// @param generation the options of `generation_config.json`
/// @param seed of what is drawn at random; with a prompt's number it determines its answers
/// @param first the first prompt's number; the others count on. For prompts that come in several calls
/// @param batch the most prompts that are computed at once; answers do not depend on it
/// @param specialTokens whether answers keep special tokens, as span infilling needs
/// @param listener hears of answers while they are generated; none under beams
/// @param adapters the name of each prompt's adapter, empty for none; one name alone is for all prompts, and no name at all
///     leaves them the one that the model uses
/// @param cancelled asked before each token; if it says yes, the call ends with a
///     [java.util.concurrent.CancellationException]
public record TextOptions(
    GenerationConfig generation,
    long seed,
    long first,
    int batch,
    boolean specialTokens,
    TextListener listener,
    List<String> adapters,
    BooleanSupplier cancelled) {
  private static final int BATCH = 16;

  /// Checks the batch's size.
  ///
  /// @throws IllegalArgumentException if it is below 1
  public TextOptions {
    adapters = List.copyOf(adapters);
    if (batch < 1) {
      throw new IllegalArgumentException("a batch is at least one prompt, not " + batch);
    }
  }

  /// The defaults: seed 0, batches of 16, no special tokens.
  public static TextOptions of(GenerationConfig generation) {
    return new TextOptions(
        generation, 0, 0, BATCH, false, TextListener.NONE, List.of(), () -> false);
  }

  /// With another seed.
  public TextOptions withSeed(long number) {
    return new TextOptions(
        generation, number, first, batch, specialTokens, listener, adapters, cancelled);
  }

  /// With another number of the first prompt.
  public TextOptions withFirst(long number) {
    return new TextOptions(
        generation, seed, number, batch, specialTokens, listener, adapters, cancelled);
  }

  /// With other batches.
  public TextOptions withBatch(int prompts) {
    return new TextOptions(
        generation, seed, first, prompts, specialTokens, listener, adapters, cancelled);
  }

  /// With special tokens in the answers.
  public TextOptions withSpecialTokens() {
    return new TextOptions(generation, seed, first, batch, true, listener, adapters, cancelled);
  }

  /// With a listener.
  public TextOptions withListener(TextListener hears) {
    return new TextOptions(
        generation, seed, first, batch, specialTokens, hears, adapters, cancelled);
  }

  /// With a question whether to give up.
  public TextOptions withCancelled(BooleanSupplier asks) {
    return new TextOptions(generation, seed, first, batch, specialTokens, listener, adapters, asks);
  }

  /// With one adapter for all prompts.
  ///
  /// @param name as the model's adapters call it; empty for none
  public TextOptions withAdapter(String name) {
    return withAdapters(List.of(name));
  }

  /// With an adapter for each prompt; prompts of several adapters share batches and get what they would get alone.
  ///
  /// @param names as the model's adapters call them; empty for none
  public TextOptions withAdapters(List<String> names) {
    return new TextOptions(
        generation, seed, first, batch, specialTokens, listener, names, cancelled);
  }
}
