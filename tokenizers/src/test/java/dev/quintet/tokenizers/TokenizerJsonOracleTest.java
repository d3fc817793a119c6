package dev.quintet.tokenizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quintet.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Against what Hugging Face's tokenizers 0.23.2 made of random texts with many combinations of
/// components; `src/test/oracle` holds what records them. A larger recording may be
/// named by `-Dtokenizers.oracle=FILE`.
class TokenizerJsonOracleTest {

  @TestFactory
  Stream<DynamicTest> equalsTheReferenceWithUnigramModels() {
    return tests(Golden.bytes("unigram-json-cases.json"));
  }

  @TestFactory
  Stream<DynamicTest> equalsTheReferenceWith() throws IOException {
    String larger = System.getProperty("tokenizers.oracle", "");
    byte[] bytes =
        larger.isEmpty()
            ? Golden.bytes("tokenizer-json-cases.json")
            : Files.readAllBytes(Path.of(larger));
    return tests(bytes);
  }

  private static Stream<DynamicTest> tests(byte[] bytes) {
    var recorded = Golden.object(Golden.json(bytes));
    var base = Golden.object(recorded.get("base"));
    List<Object> cases = Golden.list(recorded.get("cases"));
    assertFalse(cases.isEmpty());
    return cases.stream()
        .map(Golden::object)
        .map(one -> DynamicTest.dynamicTest((String) one.get("name"), () -> check(base, one)));
  }

  private static void check(Map<String, Object> base, Map<String, Object> one) {
    var components = Golden.object(one.get("components"));
    var root = new LinkedHashMap<>(base);
    var model = new LinkedHashMap<>(Golden.object(base.get("model")));
    components.forEach((name, value) -> {
      switch (name) {
        case "model" -> model.putAll(Golden.object(value));
        case "vocab", "merges" -> model.put(name, value);
        default -> root.put(name, value);
      }
    });
    root.put("model", model);
    byte[] json = Golden.write(root).getBytes(StandardCharsets.UTF_8);
    Tokenizer tokenizer = Tokenizer.of(TokenizerJson.parse("recorded", json));
    List<String> wrong = new ArrayList<>();
    for (Object row : Golden.<Object>list(one.get("rows"))) {
      try {
        checkRow(tokenizer, Golden.object(row), (String) one.get("name"));
      } catch (AssertionError difference) {
        wrong.add(difference.getMessage());
      }
    }
    assertEquals(
        List.of(), wrong.subList(0, Math.min(4, wrong.size())), () -> wrong.size() + " rows");
  }

  private static void checkRow(Tokenizer tokenizer, Map<String, Object> row, String name) {
    String text = (String) row.get("text");
    String shown = Golden.write(text) + " " + text;
    Encoding encoding = tokenizer.encode(text);
    int[] ids = Golden.ints(row.get("ids"));
    assertArrayEquals(ids, encoding.ids(), shown);
    int[] plain = Golden.ints(row.getOrDefault("plain", row.get("ids")));
    assertArrayEquals(plain, tokenizer.encode(text, false).ids(), shown);
    String decoded = (String) row.get("decoded");
    assertEquals(decoded, tokenizer.decode(ids), shown);
    assertEquals(row.getOrDefault("skipped", decoded), tokenizer.decode(ids, true), shown);
    List<Object> random = Golden.list(row.get("random"));
    assertEquals(random.get(1), tokenizer.decode(Golden.ints(random.get(0))));
    if (!name.equals("bytes missing") && !name.startsWith("nf")) {
      int[] offsets = new int[2 * encoding.size()];
      for (int i = 0; i < encoding.size(); i++) {
        offsets[2 * i] = text.codePointCount(0, encoding.start(i));
        offsets[2 * i + 1] = text.codePointCount(0, encoding.end(i));
      }
      assertArrayEquals(Golden.ints(row.get("offsets")), offsets, shown);
    }
  }
}
