package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.models.TinyModels;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessorsTest {
  private static final float NO = Float.NEGATIVE_INFINITY;
  private static final int[] EOS = {1};

  @Test
  void theOrderIsThatOfTransformers() {
    GenerationConfig config =
        GenerationConfig.of(TinyModels.v10(40))
            .with("begin_suppress_tokens", List.of(3))
            .with("suppress_tokens", List.of(4))
            .with("exponential_decay_length_penalty", List.of(2, 1.5))
            .with("remove_invalid_values", true)
            .with("forced_eos_token_id", 1)
            .with("forced_bos_token_id", 5)
            .with("min_new_tokens", 2)
            .with("min_length", 2)
            .with("bad_words_ids", List.of(List.of(6)))
            .with("encoder_no_repeat_ngram_size", 2)
            .with("no_repeat_ngram_size", 2)
            .with("repetition_penalty", 1.2)
            .with("encoder_repetition_penalty", 1.2)
            .with("sequence_bias", List.of(List.of(List.of(3), 1.0)))
            .with("renormalize_logits", true)
            .with("do_sample", true)
            .with("temperature", 0.5)
            .with("top_h", 0.5)
            .with("top_p", 0.9)
            .with("min_p", 0.1)
            .with("typical_p", 0.9)
            .with("epsilon_cutoff", 0.01)
            .with("eta_cutoff", 0.01);
    LogitsProcessor own = (sequence, scores) -> {};
    List<LogitsProcessor> list =
        Processors.of(config, 1, Optional.of((input, sequence) -> new int[] {1}), List.of(own));
    assertEquals(
        List.of(
            "SequenceBias",
            "SourcePenalty",
            "Penalty",
            "Ngram",
            "SourceNgram",
            "SequenceBias",
            "NotBefore",
            "NotWithin",
            "Allowed",
            "ForcedAt",
            "ForcedAt",
            "Invalid",
            "Pull",
            "Suppressed",
            "SuppressedAt"),
        names(list.subList(0, 15)));
    assertEquals(own, list.get(15));
    assertEquals(
        List.of(
            "Temperature",
            "TopH",
            "TopK",
            "TopP",
            "MinP",
            "TypicalP",
            "Epsilon",
            "Eta",
            "Renormalized"),
        names(list.subList(16, list.size())));
  }

  private static List<String> names(List<LogitsProcessor> list) {
    return list.stream().map(p -> p.getClass().getSimpleName()).toList();
  }

  @Test
  void aPenaltyCountsEachIdOnceAndTheStartToo() {
    assertArrayEquals(
        new float[] {0.5f, 2, -4, 3},
        apply(new Repetition.Penalty(2), new float[] {1, 2, -2, 3}, 0, 2, 2));
  }

  @Test
  void theInputsPenaltyFavoursItsIds() {
    var sequence = new Sequence(0, new int[] {2, 3, 0, 0}, new int[] {0}, 5);
    float[] scores = {1, 2, -2, 3};
    new Repetition.SourcePenalty(2).process(sequence, scores);
    assertArrayEquals(new float[] {2, 2, -1, 6}, scores);
  }

  @Test
  void runsAreNotRepeated() {
    float[] zero = new float[4];
    assertArrayEquals(
        new float[] {0, 0, 0, NO}, apply(new Repetition.Ngram(2), zero.clone(), 0, 2, 3, 2));
    assertArrayEquals(
        new float[] {NO, 0, NO, 0}, apply(new Repetition.Ngram(1), zero.clone(), 0, 2));
    assertArrayEquals(zero, apply(new Repetition.Ngram(3), zero.clone(), 0, 2));
    var sequence = new Sequence(0, new int[] {2, 3, 1}, new int[] {0, 2}, 5);
    float[] scores = zero.clone();
    new Repetition.SourceNgram(2).process(sequence, scores);
    assertArrayEquals(new float[] {0, 0, 0, NO}, scores);
  }

  @Test
  void badWordsAreForbiddenAtTheirLastTokenButNotAnEnd() {
    int[][] words = {{1}, {2}, {0, 3}, {2, 3, 0}};
    var bad = SequenceBias.forbidding(words, EOS);
    assertArrayEquals(new float[] {0, 0, NO, NO}, apply(bad, new float[4], 0));
    assertArrayEquals(new float[] {NO, 0, NO, 0}, apply(bad, new float[4], 0, 2, 3));
  }

  @Test
  void theEndIsPutOffAndBroughtOn() {
    assertArrayEquals(new float[] {0, NO}, apply(new Ending.NotBefore(3, EOS), new float[2], 0, 0));
    assertArrayEquals(
        new float[] {0, 0}, apply(new Ending.NotBefore(3, EOS), new float[2], 0, 0, 0));
    assertArrayEquals(new float[] {0, NO}, apply(new Ending.NotWithin(2, EOS), new float[2], 0, 0));
    assertArrayEquals(
        new float[] {0, 0}, apply(new Ending.NotWithin(2, EOS), new float[2], 0, 0, 0));
    var pull = new Ending.Pull(new GenerationConfig.Decay(1, 2), EOS);
    assertArrayEquals(new float[] {0, -4}, apply(pull, new float[] {0, -4}, 0, 5));
    assertArrayEquals(new float[] {0, 0}, apply(pull, new float[] {0, -4}, 0, 5, 6));
    assertArrayEquals(new float[] {0, 8}, apply(pull, new float[] {0, -4}, 0, 5, 6, 7));
  }

  @Test
  void whatIsNoNumberIsReplaced() {
    assertArrayEquals(
        new float[] {0, Float.MAX_VALUE, -Float.MAX_VALUE, 3},
        apply(
            new Prohibition.Invalid(), new float[] {Float.NaN, Float.POSITIVE_INFINITY, NO, 3}, 0));
  }

  @Test
  void aRuleOfAllowedTokensWinsWhereNothingElseIsLeftInAnyBeam() {
    var rows = new Sequence[] {sequence(0), sequence(0)};
    var rule = new Allowed((input, sequence) -> new int[] {2, 1});
    float[][] scores = {{4, 5, 6, 7}, {NO, NO, NO, 7}};
    rule.processGroup(rows, scores, 0, 2);
    assertArrayEquals(new float[] {NO, 5, 6, NO}, scores[0]);
    assertArrayEquals(new float[] {NO, NO, NO, NO}, scores[1]);
    float[][] forbidden = {{4, NO, NO, 7}, {NO, NO, NO, 7}};
    rule.processGroup(rows, forbidden, 0, 2);
    assertArrayEquals(new float[] {NO, 0, 0, NO}, forbidden[0]);
    assertArrayEquals(new float[] {NO, 0, 0, NO}, forbidden[1]);
    var none = new Allowed((input, sequence) -> new int[0]);
    assertThrows(
        IllegalArgumentException.class, () -> none.process(sequence(0), new float[] {1, 2}));
  }

  private static Sequence sequence(int... ids) {
    return new Sequence(0, new int[] {1}, ids, ids.length);
  }

  private static float[] apply(LogitsProcessor processor, float[] scores, int... ids) {
    var sequence = new Sequence(0, new int[] {1}, new int[] {ids[0]}, ids.length);
    for (int i = 1; i < ids.length; i++) {
      sequence.append(ids[i]);
    }
    processor.process(sequence, scores);
    return scores;
  }
}
