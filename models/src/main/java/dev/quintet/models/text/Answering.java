package dev.quintet.models.text;

import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.tokenizers.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalDouble;

/// One call: prompts in batches of like length, and their answers in order.
final class Answering {
  private final Tokenizer tokenizer;
  private final TextOptions options;
  private final Generator generator;
  private final int returned;
  private final int padId;
  private final int[][] encoded;
  private final AdapterBatches batches;
  private final List<List<Answer>> answers = new ArrayList<>();

  Answering(T5 model, Tokenizer tokenizer, List<String> prompts, TextOptions options) {
    this.tokenizer = tokenizer;
    this.options = options;
    this.returned = options.generation().returned();
    this.padId = options.generation().padId();
    this.generator =
        Generator.of(model)
            .withTokenizer(tokenizer)
            .withSeed(options.seed())
            .withCancelled(options.cancelled());
    this.batches = new AdapterBatches(Adapters.of(model), options.adapters(), prompts.size());
    this.encoded = new int[prompts.size()][];
    for (int i = 0; i < encoded.length; i++) {
      int[] ids = tokenizer.source().encodeToIds(prompts.get(i), true);
      // An empty prompt is the end alone, as a tokenizer without a template gives no ids for it.
      encoded[i] = ids.length == 0 ? new int[] {model.config().eosId()} : ids;
      answers.add(List.of());
    }
  }

  List<List<Answer>> run() {
    for (int[] batch : batches.of(options.batch(), prompt -> encoded[prompt].length)) {
      answer(batch);
    }
    return answers;
  }

  private void answer(int[] batch) {
    int longest = Arrays.stream(batch).map(prompt -> encoded[prompt].length).max().orElse(0);
    int[][] ids = new int[batch.length][longest];
    int[][] mask = new int[batch.length][longest];
    for (int row = 0; row < batch.length; row++) {
      int[] given = encoded[batch[row]];
      Arrays.fill(ids[row], padId);
      System.arraycopy(given, 0, ids[row], 0, given.length);
      Arrays.fill(mask[row], 0, given.length, 1);
    }
    Generator asked =
        generator.withNumbers(
            Arrays.stream(batch).mapToLong(prompt -> options.first() + prompt).toArray());
    var texts = new ArrayList<PieceText>();
    if (options.listener() != TextListener.NONE) {
      BitSet bytes = PieceText.bytes(tokenizer);
      for (int row = 0; row < batch.length * returned; row++) {
        int prompt = batch[row / returned];
        int answer = row % returned;
        texts.add(
            new PieceText(
                tokenizer,
                bytes,
                options.specialTokens(),
                piece -> options.listener().text(prompt, answer, piece)));
      }
      asked = asked.withListener((row, id) -> texts.get(row).add(id));
    }
    Generator ready = asked;
    keep(
        batch,
        batches.with(batch, () -> ready.generateScored(ids, mask, options.generation())),
        texts);
  }

  private void keep(int[] batch, Generator.Generated found, List<PieceText> texts) {
    for (int i = 0; i < batch.length; i++) {
      var own = new ArrayList<Answer>();
      for (int row = i * returned; row < (i + 1) * returned; row++) {
        int[] ids = Arrays.copyOfRange(found.sequences()[row], 1, found.lengths()[row]);
        var score =
            found.scores().length > 0
                ? OptionalDouble.of(found.scores()[row])
                : OptionalDouble.empty();
        String text = tokenizer.decode(ids, !options.specialTokens());
        own.add(new Answer(text, ids, score));
        if (!texts.isEmpty()) {
          texts.get(row).end(text);
        }
      }
      answers.set(batch[i], List.copyOf(own));
    }
  }
}
