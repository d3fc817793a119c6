package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.models.TinyModels;
import dev.quintet.models.json.JsonObject;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Whole chains of processors beside transformers 5.18's, on scores with and without ties: 120 random combinations of
/// options, as `_get_logits_processor` builds them.
class RecordedProcessorsTest {

  @Test
  void chainsGiveWhatTransformersGives() throws URISyntaxException {
    var file = getClass().getResource("/generate/processors.json");
    List<String> wrong = differences(JsonObject.read(Path.of(file.toURI())));
    assertEquals(List.of(), wrong);
  }

  static List<String> differences(JsonObject file) {
    var wrong = new ArrayList<String>();
    for (Object item : file.list("cases").orElseThrow()) {
      JsonObject one = (JsonObject) item;
      JsonObject options = one.object("options").orElseThrow();
      GenerationConfig config = GenerationConfig.of(TinyModels.v10(24)).with(options);
      int prompt = one.integer("prompt").orElseThrow();
      int[] ids = one.integers("ids").orElseThrow();
      int[] source = one.integers("source").orElseThrow();
      var sequence = new Sequence(0, source, java.util.Arrays.copyOf(ids, prompt), ids.length);
      for (int i = prompt; i < ids.length; i++) {
        sequence.append(ids[i]);
      }
      float[] scores = numbers(one, "scores");
      float[] expected = numbers(one, "processed");
      for (LogitsProcessor processor : Processors.of(config, prompt, Optional.empty(), List.of())) {
        processor.process(sequence, scores);
      }
      for (int id = 0; id < scores.length; id++) {
        float tolerance = 2e-6f * Math.max(1, Math.abs(expected[id]));
        boolean same =
            Float.compare(expected[id], scores[id]) == 0
                || Math.abs(expected[id] - scores[id]) <= tolerance;
        if (!same) {
          wrong.add(
              String.format(
                  Locale.ROOT,
                  "token %d: %s, not %s, with %s behind %s",
                  id,
                  scores[id],
                  expected[id],
                  options.toString().replaceAll("\\s+", " "),
                  java.util.Arrays.toString(ids)));
          break;
        }
      }
    }
    return wrong;
  }

  private static float[] numbers(JsonObject object, String key) {
    List<?> list = object.list(key).orElseThrow();
    float[] numbers = new float[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          switch (list.get(i)) {
            case Number number -> number.floatValue();
            case String text ->
                switch (text) {
                  case "inf" -> Float.POSITIVE_INFINITY;
                  case "-inf" -> Float.NEGATIVE_INFINITY;
                  case "nan" -> Float.NaN;
                  default -> throw new IllegalArgumentException(text);
                };
            default -> throw new IllegalArgumentException(key);
          };
    }
    return numbers;
  }
}
