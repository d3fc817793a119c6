package dev.quintet.trainer.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.events.Checksums;
import dev.quintet.trainer.events.Event;
import dev.quintet.trainer.events.Histogram;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Judges events and their records by the bytes that TensorBoard's own code writes.
final class TensorboardJudge implements GoldenJudge {

  @Override
  public int check(JsonObject file) {
    Recorded.form(file, "tensorboard", "source", "crc", "file", "cases");
    List<JsonObject> sums = Recorded.objects(file, "crc");
    sums.forEach(TensorboardJudge::checksum);
    var records = new ByteArrayOutputStream();
    List<JsonObject> cases = Recorded.objects(file, "cases");
    for (JsonObject one : cases) {
      Recorded.form(one, "tensorboard", "what", "event", "record");
      JsonObject what = one.required("what", JsonObject::object);
      Event event = event(what);
      assertArrayEquals(bytes(one, "event"), event.data(), () -> "event " + what.keys());
      assertArrayEquals(bytes(one, "record"), event.record(), () -> "record " + what.keys());
      records.writeBytes(event.record());
    }
    assertArrayEquals(bytes(file, "file"), records.toByteArray(), "the file");
    return sums.size() + cases.size();
  }

  private static void checksum(JsonObject one) {
    Recorded.form(one, "crc", "data", "crc32c", "masked");
    byte[] data = bytes(one, "data");
    long plain = one.required("crc32c", JsonObject::whole);
    Recorded.same("crc32c", plain, Checksums.plain(data));
    Recorded.same("masked", one.required("masked", JsonObject::whole), Checksums.masked(data));
  }

  private static Event event(JsonObject what) {
    double time = Recorded.number(what, "wall_time");
    if (what.has("file_version")) {
      form(what, "file_version", "wall_time");
      Recorded.same("version", "brain.Event:2", what.required("file_version", JsonObject::string));
      return Event.fileVersion(time);
    }
    if (what.has("hparams")) {
      return hyperparameters(what, time);
    }
    long step = what.required("step", JsonObject::whole);
    if (what.has("scalar")) {
      form(what, "scalar", "value", "step", "wall_time");
      return Event.scalar(time, step, string(what, "scalar"), Recorded.number(what, "value"));
    }
    if (what.has("scalars")) {
      form(what, "scalars", "step", "wall_time");
      JsonObject scalars = what.required("scalars", JsonObject::object);
      var values = new LinkedHashMap<String, Double>();
      scalars.keys().forEach(tag -> values.put(tag, Recorded.number(scalars, tag)));
      return Event.scalars(time, step, values);
    }
    if (what.has("tensor_scalar")) {
      form(what, "tensor_scalar", "value", "step", "wall_time");
      return Event.tensorScalar(
          time, step, string(what, "tensor_scalar"), Recorded.number(what, "value"));
    }
    if (what.has("text")) {
      form(what, "text", "value", "step", "wall_time");
      String tag = string(what, "text").replaceFirst("/text_summary$", "");
      return Event.text(time, step, tag, string(what, "value"));
    }
    if (what.has("session_start")) {
      form(what, "session_start", "step", "wall_time");
      return Event.sessionStart(time, step);
    }
    form(
        what,
        "histogram",
        "min",
        "max",
        "num",
        "sum",
        "sum_squares",
        "bucket_limit",
        "bucket",
        "step",
        "wall_time");
    return Event.histogram(
        time,
        step,
        string(what, "histogram"),
        new Histogram(
            Recorded.number(what, "min"),
            Recorded.number(what, "max"),
            Recorded.number(what, "num"),
            Recorded.number(what, "sum"),
            Recorded.number(what, "sum_squares"),
            Recorded.numbers(what, "bucket_limit"),
            Recorded.numbers(what, "bucket")));
  }

  private static Event hyperparameters(JsonObject what, double time) {
    form(what, "hparams", "parameters", "metric", "wall_time", "start", "end");
    JsonObject recorded = what.required("parameters", JsonObject::object);
    Map<String, Object> parameters = new LinkedHashMap<>();
    recorded.keys().forEach(key -> parameters.put(key, recorded.value(key).orElseThrow()));
    return switch (string(what, "hparams")) {
      case "_hparams_/experiment" ->
          Event.experiment(time, parameters, List.of(string(what, "metric")));
      case "_hparams_/session_start_info" ->
          Event.runStart(time, parameters, Recorded.number(what, "start"));
      case "_hparams_/session_end_info" -> Event.runEnd(time, true, Recorded.number(what, "end"));
      case String other -> throw new AssertionError("unknown event " + other);
    };
  }

  /// The keys of an event, which may have a note beside.
  private static void form(JsonObject what, String... keys) {
    var all = new ArrayList<>(List.of(keys));
    Set.of("note").stream().filter(what::has).forEach(all::add);
    Recorded.form(what, "event", all.toArray(String[]::new));
  }

  private static String string(JsonObject in, String key) {
    return in.required(key, JsonObject::string);
  }

  private static byte[] bytes(JsonObject in, String key) {
    return Base64.getDecoder().decode(string(in, key));
  }
}
