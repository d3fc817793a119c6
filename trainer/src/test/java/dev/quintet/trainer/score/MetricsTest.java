package dev.quintet.trainer.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.metric.Answered;
import dev.quintet.trainer.metric.Metric;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MetricsTest {

  static List<String> names() {
    return Metrics.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void eachNameScoresSomethingAndNothing(String name) {
    Metric metric = Metrics.named(name);
    List<Answered> rows = List.of(new Answered("one two three four", "one two three four"));
    double best = metric.measure(rows).scores()[0];
    assertTrue(best == 1 || Math.abs(best - 100) < 1e-9 || name.equals("ter") && best == 0, name);
    assertEquals(metric.names().size(), metric.measure(List.of()).scores().length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "rouge; {\"stemmer\": true, \"lsum_split\": \"sentence\"}; stemmer:yes|lsum_split:sentence",
        "rouge; {\"types\": [\"rougeL\"]}; stemmer:no",
        "squad; {\"version\": 2.0}; version:2.0",
        "squad; {\"version\": \"triviaqa\"}; version:triviaqa",
        "classification; {\"labels\": [\"a\", \"b\"], \"zero_division\": 1}; labels:a,b|zero_division:one"
      })
  void takesOptions(String name, String options, String signature) {
    assertEquals(signature, Metrics.named(name, JsonObject.parse("test", options)).signature());
  }

  @Test
  void refusesNamesOptionsAndValuesThatItDoesNotKnow() {
    refused("there is no metric \"roug\", did you mean rouge?", "roug", "{}");
    refused(
        "the metric rouge has no option \"stem\"; it has types, stemmer", "rouge", "{\"stem\": 1}");
    refused("the metric exact has no option \"at\"; it has none", "exact", "{\"at\": 1}");
    refused("must be one of 1.1, 2, 2.0, triviaqa", "squad", "{\"version\": 3}");
    refused("\"stemmer\" must be true or false", "rouge", "{\"stemmer\": \"yes\"}");
    refused("expected types among", "rouge", "{\"types\": \"rouge\"}");
    refused("takes whole numbers", "tags", "{\"at\": \"x\"}");
  }

  @Test
  void readsListsOfSettings() {
    JsonObject settings =
        JsonObject.parse("test", "{\"metrics\": [\"exact\", {\"name\": \"tags\", \"at\": [2]}]}");
    List<Metric> metrics = Metrics.of(settings.required("metrics", JsonObject::list));
    assertEquals(List.of("exact"), metrics.get(0).names());
    assertTrue(metrics.get(1).names().contains("f1_at_2"));
    assertThrows(IllegalArgumentException.class, () -> Metrics.of(List.of(3L)));
  }

  private static void refused(String message, String name, String options) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Metrics.named(name, JsonObject.parse("test", options)));
    assertTrue(String.valueOf(e.getMessage()).contains(message), e::getMessage);
  }
}
