package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.huggingface.DecoderSpec;
import dev.quintet.tokenizers.huggingface.NormalizerStep;
import dev.quintet.tokenizers.normalize.TextNormalizer;
import dev.quintet.tokenizers.pipeline.DecoderChain;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A regular expression that matches the empty string, as version 0.23.2 of Hugging Face's library
/// replaces it.
class ReplaceEmptyTest {

  @ParameterizedTest
  @CsvSource({"a*, -b-", "^, -b", "$, b-"})
  void replacesNothingInAnEmptyTextAndEachEmptyMatchInAnother(String regex, String expected) {
    TextNormalizer normalizer =
        new TextNormalizer(List.of(new NormalizerStep.Replace(regex, true, "-")));
    assertEquals("", normalizer.normalize(""));
    assertEquals(expected, normalizer.normalize("b"));
    DecoderChain decoder = new DecoderChain(List.of(new DecoderSpec.Replace(regex, true, "-")));
    assertEquals(expected, decoder.decode(List.of(decoder.prepare(""), decoder.prepare("b"))));
    assertEquals("", decoder.decode(List.of(decoder.prepare(""))));
  }
}
