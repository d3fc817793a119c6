package dev.quintet.trainer.demo;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.text.TextToText;
import dev.quintet.trainer.data.Pairs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/// Asks a model for the words of names or tags, many at a time.
public final class MethodNamer {
  private static final int BATCH = 64;

  private final TextToText model;

  /// Asks this model, which stays the caller's to close.
  public MethodNamer(TextToText model) {
    this.model = model;
  }

  /// The model's words for each text, joined by single spaces, in order.
  ///
  /// @param sources texts as [MethodExample] gives them; cut to the tokens that the model was trained on
  /// @param progress hears how many are done
  public List<String> name(List<String> sources, LongConsumer progress) {
    var encoded = new ArrayList<int[]>();
    for (String source : sources) {
      int[] ids = model.tokenizer().encode(source).ids();
      encoded.add(Pairs.cut(ids, DemoRecipe.MAX_SOURCE, model.tokenizer()));
    }
    // like lengths together, as in training: less padding
    List<Integer> order =
        IntStream.range(0, encoded.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> encoded.get(i).length))
            .toList();
    GenerationConfig options = model.generation().withMaxNewTokens(DemoRecipe.MAX_TARGET);
    String[] answers = new String[sources.size()];
    for (int from = 0; from < order.size(); from += BATCH) {
      List<Integer> part = order.subList(from, Math.min(order.size(), from + BATCH));
      int[][] generated =
          Generator.of(model.model()).generate(part.stream().map(encoded::get).toList(), options);
      for (int i = 0; i < part.size(); i++) {
        answers[part.get(i)] = model.tokenizer().decode(generated[i], true).strip();
      }
      progress.accept(from + part.size());
    }
    return List.of(answers);
  }
}
