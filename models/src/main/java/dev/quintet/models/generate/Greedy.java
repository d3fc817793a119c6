package dev.quintet.models.generate;

import dev.quintet.core.nn.Pass;
import dev.quintet.core.shape.Shape;
import dev.quintet.core.tensor.Scope;
import dev.quintet.core.tensor.Tensor;
import dev.quintet.models.t5.DecoderCache;
import dev.quintet.models.t5.T5;
import java.util.Arrays;
import java.util.List;

/// Greedy decoding of one batch: the likeliest token each time, until every row has ended or the limit is reached.
final class Greedy {
  private static final int PROMPT = 1;

  private final T5 model;
  private final GenerationConfig config;
  private final List<LogitsProcessor> processors;
  private final TokenListener listener;
  private final int[] eosIds;
  private final int maxLength;

  Greedy(T5 model, GenerationConfig config, List<LogitsProcessor> own, TokenListener listener) {
    this.model = model;
    this.config = config;
    this.processors = Processors.of(config, PROMPT, own);
    this.listener = listener;
    this.eosIds = config.eosIds();
    this.maxLength = config.maxLength(PROMPT);
  }

  /// Decodes in the current scope.
  int[][] run(Tensor inputIds, Tensor mask, int[][] sources) {
    Sequence[] rows = new Sequence[sources.length];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = new Sequence(sources[row], new int[] {config.startId()}, maxLength);
    }
    boolean[] ended = new boolean[rows.length];
    int left = rows.length;
    if (maxLength > PROMPT) {
      Tensor memory = model.encode(inputIds, mask, Pass.inference());
      DecoderCache cache = model.cache(memory, mask, maxLength - 1);
      for (int length = PROMPT; length < maxLength && left > 0; length++) {
        int[] next = next(rows, cache);
        for (int row = 0; row < rows.length; row++) {
          rows[row].append(ended[row] ? config.padId() : next[row]);
          if (!ended[row]) {
            listener.token(row, next[row]);
            ended[row] = isEnd(next[row]);
            left -= ended[row] ? 1 : 0;
          }
        }
      }
    }
    return Arrays.stream(rows).map(Sequence::ids).toArray(int[][]::new);
  }

  private int[] next(Sequence[] rows, DecoderCache cache) {
    int[] last = Arrays.stream(rows).mapToInt(row -> row.id(row.length() - 1)).toArray();
    try (var _ = Scope.open()) {
      Tensor logits = model.step(Tensor.ofInts(Shape.of(rows.length, 1), last), cache);
      if (processors.isEmpty()) {
        return logits.argMax().toInts();
      }
      int[] next = new int[rows.length];
      for (int row = 0; row < rows.length; row++) {
        float[] scores = logits.slice(0, row, row + 1).toFloats();
        for (LogitsProcessor processor : processors) {
          processor.process(rows[row], scores);
        }
        next[row] = largest(scores);
      }
      return next;
    }
  }

  private static int largest(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  private boolean isEnd(int id) {
    for (int eos : eosIds) {
      if (id == eos) {
        return true;
      }
    }
    return false;
  }
}
