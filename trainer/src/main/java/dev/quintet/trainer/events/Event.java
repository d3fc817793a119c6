package dev.quintet.trainer.events;

import dev.quintet.trainer.metric.PythonText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// An event as TensorBoard's files hold it.
///
/// Source: event.proto, summary.proto and tensor.proto of TensorBoard 2.21, plugin_data.proto of its hparams.
public final class Event {
  private static final int FLOAT = 1;
  private static final int STRING = 7;
  private static final int SCALAR_CLASS = 1;

  private final byte[] data;

  private Event(Message message) {
    data = message.bytes();
  }

  /// The first event of a file.
  ///
  /// @param time seconds since 1970, as of all others
  public static Event fileVersion(double time) {
    return new Event(new Message().number(1, time).text(3, "brain.Event:2"));
  }

  /// The start of a run that goes on: TensorBoard drops what it has read of this step and later ones.
  public static Event sessionStart(double time, long step) {
    return new Event(at(time, step).message(7, new Message().whole(1, 1)));
  }

  /// Numbers by tag.
  public static Event scalars(double time, long step, Map<String, Double> values) {
    var summary = new Message();
    values.forEach((tag, value) ->
        summary.message(1, new Message().text(1, tag).floatAlways(2, (float) (double) value)));
    return new Event(at(time, step).message(5, summary));
  }

  /// A number.
  public static Event scalar(double time, long step, String tag, double value) {
    return scalars(time, step, Map.of(tag, value));
  }

  /// A number in the form of TensorFlow 2, a tensor without axes.
  public static Event tensorScalar(double time, long step, String tag, double value) {
    var metadata =
        new Message().message(1, new Message().text(1, "scalars")).whole(4, SCALAR_CLASS);
    return summary(
        time,
        step,
        new Message().text(1, tag).message(8, tensor((float) value)).message(9, metadata));
  }

  /// A text in Markdown.
  ///
  /// @param tag such as `examples`; the file has `/text_summary` behind it
  public static Event text(double time, long step, String tag, String markdown) {
    var shape = new Message().message(2, new Message().whole(1, 1));
    var tensor = new Message().whole(1, STRING).message(2, shape).textAlways(8, markdown);
    var metadata = new Message().message(1, new Message().text(1, "text"));
    return summary(
        time,
        step,
        new Message().text(1, tag + "/text_summary").message(8, tensor).message(9, metadata));
  }

  /// How values are spread.
  public static Event histogram(double time, long step, String tag, Histogram histogram) {
    var message =
        new Message()
            .number(1, histogram.min())
            .number(2, histogram.max())
            .number(3, histogram.count())
            .number(4, histogram.sum())
            .number(5, histogram.sumOfSquares())
            .packed(6, histogram.edges())
            .packed(7, histogram.counts());
    return summary(time, step, new Message().text(1, tag).message(5, message));
  }

  /// Which settings and scores a run has.
  ///
  /// @param parameters settings: booleans, numbers, or anything by its text
  /// @param metrics tags of numbers
  public static Event experiment(double time, Map<String, ?> parameters, List<String> metrics) {
    var experiment = new Message();
    sorted(parameters)
        .forEach((name, value) ->
            experiment.message(4, new Message().text(1, name).whole(4, type(value))));
    metrics.forEach(
        tag -> experiment.message(5, new Message().message(1, new Message().text(2, tag))));
    return hyperparameters(time, "_hparams_/experiment", new Message().message(2, experiment));
  }

  /// The settings of a run that begins.
  ///
  /// @param start seconds since 1970
  public static Event runStart(double time, Map<String, ?> parameters, double start) {
    var info = new Message();
    sorted(parameters)
        .forEach(
            (name, value) -> info.message(1, new Message().text(1, name).message(2, value(value))));
    return hyperparameters(
        time, "_hparams_/session_start_info", new Message().message(3, info.number(5, start)));
  }

  /// The end of a run.
  ///
  /// @param end seconds since 1970
  public static Event runEnd(double time, boolean success, double end) {
    var info = new Message().whole(1, success ? 1 : 2).number(2, end);
    return hyperparameters(time, "_hparams_/session_end_info", new Message().message(4, info));
  }

  /// The event's bytes.
  public byte[] data() {
    return data.clone();
  }

  /// The event as it stands in a file: its length, a checksum of that, its bytes, and a checksum of those.
  public byte[] record() {
    byte[] length =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    return ByteBuffer.allocate(data.length + 16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(length)
        .putInt(maskedChecksum(length))
        .put(data)
        .putInt(maskedChecksum(data))
        .array();
  }

  /// CRC32C, turned and shifted, so that the checksum of what holds checksums is none by chance.
  static int maskedChecksum(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  private static Message at(double time, long step) {
    return new Message().number(1, time).whole(2, step);
  }

  private static Event summary(double time, long step, Message value) {
    return new Event(at(time, step).message(5, new Message().message(1, value)));
  }

  private static Message tensor(float value) {
    return new Message().whole(1, FLOAT).message(2, new Message()).packed(5, value);
  }

  private static Event hyperparameters(double time, String tag, Message content) {
    var plugin = new Message().text(1, "hparams").message(2, content);
    return summary(
        time,
        0,
        new Message()
            .text(1, tag)
            .message(8, tensor(0))
            .message(9, new Message().message(1, plugin)));
  }

  private static int type(Object value) {
    return switch (value) {
      case Boolean _ -> 2;
      case Number _ -> 3;
      case Object _ -> 1;
    };
  }

  private static Message value(Object value) {
    return switch (value) {
      case Boolean flag -> new Message().wholeAlways(4, flag ? 1 : 0);
      case Number number -> new Message().numberAlways(2, number.doubleValue());
      case Object other -> new Message().textAlways(3, other.toString());
    };
  }

  private static Map<String, Object> sorted(Map<String, ?> parameters) {
    var sorted = new TreeMap<String, Object>(PythonText.ORDER);
    sorted.putAll(parameters);
    return new LinkedHashMap<>(sorted);
  }
}
