package dev.quintet.trainer.evaluate;

import dev.quintet.models.generate.GenerationConfig;
import dev.quintet.models.generate.Generator;
import dev.quintet.models.t5.T5;
import dev.quintet.models.text.TextToText;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Answers that a model generates, each the best of its prompt. What is drawn, where the options sample, depends on the
/// source's place alone.
public final class GeneratedAnswers implements Answerer {
  private final TextToText text;
  private final GenerationConfig options;
  private final int maxSource;
  private final int batch;
  private final boolean spaceBefore;

  /// Answers of a model.
  ///
  /// @param text stays the caller's to close
  /// @param options how answers are generated
  /// @param maxSource tokens of a source, the end included; longer ones are cut as for training
  /// @param batch the most sources that are answered at once
  /// @throws UnsupportedOperationException if an option asks for what there is not
  public GeneratedAnswers(TextToText text, GenerationConfig options, int maxSource, int batch) {
    options.requireSupported();
    this.text = text;
    this.options = options;
    this.maxSource = maxSource;
    this.batch = batch;
    spaceBefore =
        Arrays.equals(text.tokenizer().encode("a").ids(), text.tokenizer().encode(" a").ids());
  }

  @Override
  public List<Reply> answer(List<String> sources) {
    return answer(sources, false);
  }

  @Override
  public List<Reply> scored(List<String> sources) {
    return answer(sources, true);
  }

  private List<Reply> answer(List<String> sources, boolean scored) {
    T5 model = text.model();
    Reply[] replies = new Reply[sources.size()];
    var encoded =
        new Sources(sources, text.tokenizer(), maxSource, options.padId(), model.config().eosId());
    Generator generator = Generator.of(model).withTokenizer(text.tokenizer());
    try (var _ = model.use()) {
      for (Sources.Part part : encoded.parts(batch)) {
        long[] numbers = Arrays.stream(part.numbers()).asLongStream().toArray();
        Generator.Generated found =
            generator.withNumbers(numbers).generateScored(part.ids(), part.mask(), options);
        List<int[]> answers =
            IntStream.range(0, numbers.length)
                .map(row -> row * options.returned())
                .mapToObj(
                    row -> Arrays.copyOfRange(found.sequences()[row], 1, found.lengths()[row]))
                .toList();
        double[] scores = scored ? Likelihoods.means(model, part, answers) : new double[0];
        for (int row = 0; row < numbers.length; row++) {
          replies[part.numbers()[row]] = reply(answers.get(row), scored ? scores[row] : Double.NaN);
        }
      }
    }
    return List.of(replies);
  }

  private Reply reply(int[] ids, double score) {
    String decoded = text.tokenizer().decode(ids, true);
    // Where the tokenizer puts a space before every text, a target has one that its writer did not
    // mean.
    String answer = spaceBefore && decoded.startsWith(" ") ? decoded.substring(1) : decoded;
    boolean ended =
        ids.length < options.maxLength(1) - 1
            || ids.length == 0
            || Arrays.stream(options.eosIds()).anyMatch(id -> id == ids[ids.length - 1])
            || options.stopStrings().stream().anyMatch(answer::contains);
    return new Reply(answer, ids.length, !ended, score);
  }

  /// The options.
  @Override
  public String toString() {
    return "generated " + options.toJson() + " of sources of up to " + maxSource;
  }
}
