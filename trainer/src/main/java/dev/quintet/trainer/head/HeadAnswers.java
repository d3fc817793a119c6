package dev.quintet.trainer.head;

import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Device;
import dev.quintet.core.tensor.Scope;
import dev.quintet.models.t5.T5Encoder;
import dev.quintet.models.t5.T5EncoderDecoder;
import dev.quintet.models.t5.T5QuestionAnswerer;
import dev.quintet.models.t5.T5SequenceClassifier;
import dev.quintet.models.t5.T5TokenClassifier;
import dev.quintet.tokenizers.Encoding;
import dev.quintet.trainer.data.Batch;
import dev.quintet.trainer.data.Example;
import dev.quintet.trainer.data.Pairs;
import dev.quintet.trainer.evaluate.Answerer;
import dev.quintet.trainer.evaluate.Reply;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Answers that are read off a head.
final class HeadAnswers implements Answerer {
  /// What stands for a word that was cut away.
  static final String NONE = "<none>";

  private static final int LONGEST =
      30; // tokens of a span, as transformers' max_answer_length has 30 words

  private final TaskModel task;
  private final int maxSource;
  private final int rows;

  HeadAnswers(TaskModel task, int maxSource, int rows) {
    this.task = task;
    this.maxSource = maxSource;
    this.rows = rows;
  }

  @Override
  public List<Reply> answer(List<String> sources) {
    List<Encoding> encodings = task.tokenizer().encodeAll(sources, CpuBackend.threads());
    var examples = new ArrayList<Example>();
    encodings.forEach(encoding ->
        examples.add(
            new Example(Pairs.cut(encoding.ids(), maxSource, task.tokenizer()), new int[0])));
    int[] order =
        IntStream.range(0, sources.size())
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> examples.get(i).source().length))
            .mapToInt(Integer::intValue)
            .toArray();
    Reply[] replies = new Reply[sources.size()];
    Device device = task.model().parameters().values().iterator().next().device();
    for (int from = 0; from < order.length; from += rows) {
      int[] part =
          IntStream.range(from, Math.min(order.length, from + rows)).map(i -> order[i]).toArray();
      Batch batch =
          Batch.of(
              IntStream.of(part).mapToObj(examples::get).toList(),
              0,
              task.model().config().padId());
      try (var _ = Scope.openWithoutGradients(device)) {
        answer(part, batch, sources, encodings, replies);
      }
    }
    return List.of(replies);
  }

  private void answer(
      int[] part, Batch batch, List<String> sources, List<Encoding> encodings, Reply[] replies) {
    Batch.Uploaded there = batch.uploaded(task.model().config().startId());
    Pass pass = Pass.inference();
    int length = batch.sourceLength();
    switch (task.model()) {
      case T5SequenceClassifier classifier -> {
        var logits =
            new TaskModel.Logits(
                classifier.logits(there.inputIds(), there.attentionMask(), pass).toFloats());
        int labels = task.labels().size();
        for (int row = 0; row < part.length; row++) {
          int best = logits.best(row * labels, labels);
          double score = logits.logProbability(row * labels, labels, best);
          replies[part[row]] = new Reply(task.labels().get(best), 1, false, score);
        }
      }
      case T5TokenClassifier classifier -> {
        var logits =
            new TaskModel.Logits(
                classifier.logits(there.inputIds(), there.attentionMask(), pass).toFloats());
        for (int row = 0; row < part.length; row++) {
          int own = encodings.get(part[row]).size();
          replies[part[row]] =
              words(
                  logits,
                  row * length,
                  sources.get(part[row]),
                  encodings.get(part[row]),
                  Math.min(own, maxSource));
        }
      }
      case T5QuestionAnswerer answerer -> {
        var spans = answerer.spansOfTokens(there.inputIds(), there.attentionMask(), pass);
        float[] starts = spans.start().toFloats();
        float[] ends = spans.end().toFloats();
        for (int row = 0; row < part.length; row++) {
          Encoding encoding = encodings.get(part[row]);
          int kept = Math.min(encoding.size(), maxSource);
          replies[part[row]] =
              span(starts, ends, row * length, kept, sources.get(part[row]), encoding);
        }
      }
      case T5EncoderDecoder _, T5Encoder _ ->
          throw new IllegalStateException("a model without a head answers nothing");
    }
  }

  private Reply words(
      TaskModel.Logits logits, int from, String source, Encoding encoding, int tokens) {
    int labels = task.labels().size();
    var answer = new ArrayList<String>();
    boolean cut = false;
    double sum = 0;
    for (int place : WordPlaces.first(source, encoding, tokens)) {
      cut |= place < 0;
      int best = place < 0 ? -1 : logits.best((from + place) * labels, labels);
      answer.add(place < 0 ? NONE : task.labels().get(best));
      sum += place < 0 ? 0 : logits.logProbability((from + place) * labels, labels, best);
    }
    return new Reply(
        String.join(" ", answer), answer.size(), cut, sum / Math.max(1, answer.size()));
  }

  /// The span whose first and last token have the highest sum of logits.
  private static Reply span(
      float[] starts, float[] ends, int from, int kept, String source, Encoding encoding) {
    int first = 0;
    int last = 0;
    double most = Double.NEGATIVE_INFINITY;
    int behind = kept - 1; // the end of the text is no answer
    for (int i = 0; i < behind; i++) {
      for (int j = i; j < Math.min(behind, i + LONGEST); j++) {
        double sum = (double) starts[from + i] + ends[from + j];
        if (sum > most) {
          most = sum;
          first = i;
          last = j;
        }
      }
    }
    if (behind < 1) {
      return new Reply("", 0, false);
    }
    String text = source.substring(encoding.start(first), encoding.end(last)).strip();
    double score =
        (new TaskModel.Logits(starts).logProbability(from, kept, first)
                + new TaskModel.Logits(ends).logProbability(from, kept, last))
            / 2;
    return new Reply(text, last - first + 1, false, score);
  }

  /// The head.
  @Override
  public String toString() {
    return "by the head " + task.kind().key() + " for sources of up to " + maxSource;
  }
}
