package dev.quintet.tokenizers.sentencepiece;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel;
import dev.quintet.tokenizers.sentencepiece.file.SentencePieceModel.Type;
import dev.quintet.tokenizers.sentencepiece.train.SentencePieceOptions;
import dev.quintet.tokenizers.sentencepiece.train.TrainingRun;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Against what sentencepiece 0.2.2 and tokenizers 0.23.2 made of random small corpora with random
/// options.
class RecordedTrainingTest {

  @TestFactory
  Stream<DynamicTest> trainsTheRecordedSentencePieceModels() {
    return Golden.<Object>list(Golden.json("trained-sentencepiece.json")).stream()
        .map(Golden::object)
        .map(one ->
            DynamicTest.dynamicTest(one.get("options").toString(), () -> sentencePiece(one)));
  }

  private static void sentencePiece(Map<String, Object> recorded) {
    SentencePieceOptions options = SentencePieceOptions.defaults();
    for (var option : Golden.object(recorded.get("options")).entrySet()) {
      options = options.with(option.getKey(), option.getValue().toString());
    }
    List<byte[]> lines =
        Arrays.stream(recorded.get("corpus").toString().split("\n", -1))
            .map(line -> line.getBytes(StandardCharsets.UTF_8))
            .toList();
    for (int threads : new int[] {1, 3}) {
      SentencePieceModel trained =
          SentencePieceTrainer.trainUtf8(
              lines, options, new TrainingRun(threads, _ -> {}), SentencePieceTrainer.Origin.NONE);
      List<String> pieces = new ArrayList<>();
      for (int id = 0; id < trained.size(); id++) {
        if (trained.type(id) != Type.BYTE) {
          pieces.add(
              "%s %08x %d"
                  .formatted(
                      trained.piece(id),
                      Float.floatToRawIntBits(trained.score(id)),
                      trained.type(id).ordinal() + 1));
        }
      }
      assertEquals(recorded.get("pieces"), pieces);
    }
  }

  @TestFactory
  Stream<DynamicTest> trainsTheRecordedByteLevelTokenizers() {
    return Golden.<Object>list(Golden.json("trained-bytebpe.json")).stream()
        .map(Golden::object)
        .map(one -> DynamicTest.dynamicTest(one.get("pattern").toString(), () -> bytes(one)));
  }

  private static void bytes(Map<String, Object> recorded) {
    int maxLength = (int) recorded.get("maxLength");
    ByteBpeTrainer trainer =
        ByteBpeTrainer.of((int) recorded.get("vocabulary"))
            .withPattern(SplitPattern.of((String) recorded.get("pattern")))
            .withMinFrequency((int) recorded.get("minFrequency"))
            .withSpecialTokens(Golden.list(recorded.get("special")));
    trainer = maxLength == 0 ? trainer : trainer.withMaxTokenLength(maxLength);
    byte[] json = trainer.train(Golden.lines(recorded.get("corpus").toString())).toBytes();
    Map<String, Object> model = Golden.object(Golden.object(Golden.json(json)).get("model"));
    List<String> merges =
        Golden.<Object>list(model.get("merges")).stream()
            .map(merge ->
                merge instanceof List<?> pair ? pair.get(0) + " " + pair.get(1) : merge.toString())
            .toList();
    assertEquals(recorded.get("merges"), merges);
    Map<String, Object> vocabulary = Golden.object(model.get("vocab"));
    assertEquals(recorded.get("tokens"), vocabulary.size());
    assertEquals(vocabulary.size() - 1, vocabulary.get(recorded.get("last").toString()));
  }
}
