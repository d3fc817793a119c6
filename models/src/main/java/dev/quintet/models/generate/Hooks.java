package dev.quintet.models.generate;

import dev.quintet.tokenizers.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// What a user adds to a generation beside its options.
///
/// @param processors behind the others
/// @param allowed which tokens may come
/// @param stops ends of one's own
/// @param listener hears of each token
/// @param tokenizer finds stop strings
/// @param cancelled whether to give up
/// @param prompts the decoder's first ids, `[B, P]`
/// @param numbers each input's number, which with the seed determines what is drawn for it; by default its row
/// @param seed of what is drawn
record Hooks(
    List<LogitsProcessor> processors,
    Optional<AllowedTokens> allowed,
    List<StopCondition> stops,
    TokenListener listener,
    Optional<Tokenizer> tokenizer,
    BooleanSupplier cancelled,
    Optional<int[][]> prompts,
    Optional<long[]> numbers,
    long seed) {
  static final Hooks NONE =
      new Hooks(
          List.of(),
          Optional.empty(),
          List.of(),
          TokenListener.NONE,
          Optional.empty(),
          () -> false,
          Optional.empty(),
          Optional.empty(),
          0);

  Hooks withProcessor(LogitsProcessor processor) {
    return new Hooks(
        longer(processors, processor),
        allowed,
        stops,
        listener,
        tokenizer,
        cancelled,
        prompts,
        numbers,
        seed);
  }

  Hooks withAllowed(AllowedTokens rule) {
    return new Hooks(
        processors,
        Optional.of(rule),
        stops,
        listener,
        tokenizer,
        cancelled,
        prompts,
        numbers,
        seed);
  }

  Hooks withStop(StopCondition stop) {
    return new Hooks(
        processors,
        allowed,
        longer(stops, stop),
        listener,
        tokenizer,
        cancelled,
        prompts,
        numbers,
        seed);
  }

  Hooks withListener(TokenListener hears) {
    return new Hooks(
        processors, allowed, stops, hears, tokenizer, cancelled, prompts, numbers, seed);
  }

  Hooks withTokenizer(Tokenizer finds) {
    return new Hooks(
        processors,
        allowed,
        stops,
        listener,
        Optional.of(finds),
        cancelled,
        prompts,
        numbers,
        seed);
  }

  Hooks withCancelled(BooleanSupplier asks) {
    return new Hooks(processors, allowed, stops, listener, tokenizer, asks, prompts, numbers, seed);
  }

  Hooks withPrompts(int[][] ids) {
    return new Hooks(
        processors,
        allowed,
        stops,
        listener,
        tokenizer,
        cancelled,
        Optional.of(ids),
        numbers,
        seed);
  }

  Hooks withNumbers(long[] inputs) {
    return new Hooks(
        processors,
        allowed,
        stops,
        listener,
        tokenizer,
        cancelled,
        prompts,
        Optional.of(inputs),
        seed);
  }

  Hooks withSeed(long number) {
    return new Hooks(
        processors, allowed, stops, listener, tokenizer, cancelled, prompts, numbers, number);
  }

  private static <T> List<T> longer(List<T> list, T one) {
    var more = new ArrayList<>(list);
    more.add(one);
    return List.copyOf(more);
  }
}
