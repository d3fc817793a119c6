package dev.quintet.tokenizers.bpe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quintet.tokenizers.Golden;
import dev.quintet.tokenizers.Tokenizer;
import dev.quintet.tokenizers.pretokenize.SplitPattern;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Alphabets that are not all bytes; what is expected is what Hugging Face's tokenizers 0.23.2 trained, but for ties.
class ByteBpeTrainerTest {

  private static Tokenizer trained(int size, ByteAlphabet alphabet, List<String> texts) {
    return Tokenizer.of(
        ByteBpeTrainer.of(size)
            .withSpecialTokens(List.of("<pad>"))
            .withPattern(SplitPattern.GPT2)
            .withAlphabet(alphabet)
            .train(texts));
  }

  private static String tokens(Tokenizer tokenizer) {
    return IntStream.range(0, tokenizer.vocabularySize())
        .mapToObj(tokenizer::token)
        .collect(Collectors.joining(" "));
  }

  @Test
  void keepsTheMostFrequentBytes() {
    assertEquals(
        "<pad> a c d e h i l n o r s t u ã Ġ ĠĠ Ġa Ġt Ġo Ġi ãã Ġe he Ġs re in Ġl er ĠĠĠĠ Ġthe Ġd nd Ġc"
            + " en Ġu es on ha Ġr",
        tokens(trained(40, ByteAlphabet.SEEN.withLimit(15), Golden.corpus())));
  }

  @Test
  void keepsInitialBytesBeforeAnyOther() {
    assertEquals(
        "<pad> # a e n o t é Ġ Ġa Ġe Ġo Ġt ĠĠ Ġn Ġte te ĠĠĠĠ Ġan ne Ġae Ġee at Ġon",
        tokens(trained(24, new ByteAlphabet("#é", OptionalInt.of(8)), Golden.corpus())));
  }

  @Test
  void losesDroppedBytesInTrainingAndInEncoding() {
    Tokenizer few =
        trained(12, ByteAlphabet.SEEN.withLimit(3), List.of("abcab dabc ab\n", "eabc\n"));
    assertEquals("<pad> a b c ab abc abcab", tokens(few));
    assertEquals(List.of("abc", "ab"), few.tokens("dabcx ab", false));
  }

  @Test
  void dropsTheHigherCodePointOfEquals() {
    assertEquals(
        "<pad> a b", tokens(trained(3, ByteAlphabet.SEEN.withLimit(2), List.of("bca", "acb"))));
  }

  @Test
  void refusesWhatIsNoByteAndNoLimit() {
    assertThrows(IllegalArgumentException.class, () -> new ByteAlphabet("a ", OptionalInt.empty()));
    assertThrows(IllegalArgumentException.class, () -> ByteAlphabet.SEEN.withLimit(0));
  }
}
