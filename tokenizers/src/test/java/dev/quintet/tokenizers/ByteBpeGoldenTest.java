package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.bpe.ByteBpeTrainer;
import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against what Hugging Face's tokenizers 0.23.2 trained and encoded.
class ByteBpeGoldenTest {

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-1500", "gpt4-3000", "identity-1000"})
  void trainsTheRecordedTokenizerByteForByte(String name) {
    var recorded = Golden.object(Golden.json("bytebpe-" + name + ".ids.json"));
    var trainer =
        ByteBpeTrainer.of((int) recorded.get("vocab_size"))
            .withMinFrequency((int) recorded.get("min_frequency"))
            .withMaxTokenLength((int) recorded.get("max_token_length"))
            .withPattern(SplitPattern.of(name.substring(0, name.indexOf('-'))));
    byte[] trained = trainer.train(Golden.corpus()).toBytes();
    assertEquals(
        new String(Golden.bytes("bytebpe-" + name + ".tokenizer.json"), StandardCharsets.UTF_8),
        new String(trained, StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2-1500", "gpt4-3000", "identity-1000"})
  void encodesAndDecodesAsRecorded(String name) {
    Tokenizer tokenizer =
        Tokenizer.of(
            TokenizerJson.parse(name, Golden.bytes("bytebpe-" + name + ".tokenizer.json")));
    var recorded = Golden.object(Golden.json("bytebpe-" + name + ".ids.json"));
    List<String> texts = Golden.list(Golden.json("texts.json"));
    List<Object> ids = Golden.list(recorded.get("ids"));
    List<String> decoded = Golden.list(recorded.get("decoded"));
    List<Object> offsets = Golden.list(recorded.get("offsets"));
    for (int i = 0; i < texts.size(); i++) {
      Encoding encoding = tokenizer.encode(texts.get(i));
      assertArrayEquals(Golden.ints(ids.get(i)), encoding.ids(), texts.get(i));
      assertEquals(decoded.get(i), tokenizer.decode(encoding.ids(), true), texts.get(i));
      if (i < offsets.size()) {
        assertEquals(offsets.get(i).toString(), codePointOffsets(texts.get(i), encoding));
      }
    }
  }

  /// Recorded offsets count code points, ours UTF-16 units.
  static String codePointOffsets(String text, Encoding encoding) {
    StringBuilder out = new StringBuilder("[");
    for (int i = 0; i < encoding.size(); i++) {
      out.append(i > 0 ? ", [" : "[")
          .append(text.codePointCount(0, encoding.start(i)))
          .append(", ")
          .append(text.codePointCount(0, encoding.end(i)))
          .append(']');
    }
    return out.append(']').toString();
  }
}
