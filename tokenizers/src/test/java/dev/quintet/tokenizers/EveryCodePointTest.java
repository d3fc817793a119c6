package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.tokenizers.huggingface.TokenizerJson;
import dev.quintet.tokenizers.normalize.AlignedText;
import dev.quintet.tokenizers.normalize.TextNormalizer;
import dev.quintet.tokenizers.pretokenize.PreTokenizer;
import dev.quintet.tokenizers.sentencepiece.normalize.SentencePieceNormalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Normalizers and pre-tokenizers against what version 0.23.2 of Hugging Face's library gave for
/// every code point but those of planes where nothing is assigned.
class EveryCodePointTest {

  private static final int BLOCK = 0x1000;
  private static final int PART = 0x100;

  /// A component of a `tokenizer.json`, the text that is made of each code point, which stands for
  /// `%`, and the checksum of the results for each block.
  record Recorded(String kind, String json, String template, List<String> checksums) {
    @Override
    public String toString() {
      return json + " on " + template;
    }
  }

  static Stream<Recorded> recorded() {
    return new String(Golden.bytes("every-code-point.tsv"), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t", -1))
        .map(line -> new Recorded(line[0], line[1], line[2], List.of(line[3].split(" ", -1))));
  }

  private static List<Integer> blocks() {
    List<Integer> blocks = new ArrayList<>();
    for (int block = 0; block < 0x32000; block += BLOCK) {
      blocks.add(block);
    }
    blocks.addAll(List.of(0xE0000, 0x10F000));
    return blocks;
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void givesWhatTheReferenceGivesForEveryCodePoint(Recorded recorded) {
    UnaryOperator<String> component = component(recorded);
    List<String> checksums = new ArrayList<>();
    for (int block : blocks()) {
      CRC32 crc = new CRC32();
      for (int part = block; part < block + BLOCK; part += PART) {
        StringBuilder text = new StringBuilder();
        for (int c = part; c < part + PART; c++) {
          if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
            text.append(recorded.template.replace("%", Character.toString(c)));
          }
        }
        crc.update(component.apply(text.toString()).getBytes(StandardCharsets.UTF_8));
      }
      checksums.add("%08x".formatted(crc.getValue()));
    }
    for (int i = 0; i < checksums.size(); i++) {
      assertEquals(
          recorded.checksums.get(i), checksums.get(i), "U+%04X and on".formatted(blocks().get(i)));
    }
  }

  private static UnaryOperator<String> component(Recorded recorded) {
    String json =
        "{\"%s\": %s, \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}, \"unk_token\": \"a\"}}"
            .formatted(recorded.kind, recorded.json.replace("NMT_NFKC", charsmap()));
    TokenizerJson file =
        TokenizerJson.parse("recorded.json", json.getBytes(StandardCharsets.UTF_8));
    if (recorded.kind.equals("normalizer")) {
      return new TextNormalizer(file.normalizers())::normalize;
    }
    PreTokenizer steps = PreTokenizer.of(file.preTokenizers());
    return text -> pieces(steps, text);
  }

  private static String charsmap() {
    try (InputStream in = SentencePieceNormalizer.class.getResourceAsStream("nmt_nfkc.bin")) {
      return Base64.getEncoder().encodeToString(in.readAllBytes());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// The pieces with their places, counted in code points as the reference does.
  private static String pieces(PreTokenizer steps, String text) {
    int[] places = new int[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      places[i + 1] = places[i] + (Character.isHighSurrogate(text.charAt(i)) ? 0 : 1);
    }
    StringBuilder out = new StringBuilder();
    for (AlignedText piece : steps.pieces(AlignedText.of(text, 0, text.length()))) {
      out.append(piece.string())
          .append('\n')
          .append(places[piece.startOf(piece.start())])
          .append(' ')
          .append(places[piece.endOf(piece.end() - 1)])
          .append('\n');
    }
    return out.toString();
  }
}
