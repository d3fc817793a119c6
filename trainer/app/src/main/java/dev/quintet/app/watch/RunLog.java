package dev.quintet.app.watch;

import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// The numbers of a run's `log.jsonl`, read on as it grows; a log that was begun anew, as a resumed run does, is read anew.
///
/// Every number of a line is a point of the column of its key, at the line's step; those of objects within have the keys joined
/// by `/`.
final class RunLog {
  private static final int BLOCK = 1 << 20;

  private final Path file;
  private final TreeMap<String, Column> columns = new TreeMap<>();
  private Object identity = "";
  private long read;
  private byte[] rest = new byte[0];
  private long unread;
  private long lastStep = -1;
  private Optional<JsonObject> test = Optional.empty();

  RunLog(Path file) {
    this.file = file;
  }

  /// Points of one key.
  static final class Column {
    private double[] steps = new double[64];
    private double[] values = new double[64];
    private int size;

    private void add(double step, double value) {
      if (size == steps.length) {
        steps = Arrays.copyOf(steps, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      steps[size] = step;
      values[size++] = value;
    }

    double[] steps() {
      return Arrays.copyOf(steps, size);
    }

    double[] values() {
      return Arrays.copyOf(values, size);
    }

    double last() {
      return values[size - 1];
    }
  }

  /// Reads what has come since.
  void follow() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      Object now =
          Objects.requireNonNullElse(
              Files.readAttributes(file, BasicFileAttributes.class).fileKey(), "");
      if (!now.equals(identity) || channel.size() < read) {
        forget();
        identity = now;
      }
      channel.position(read);
      var block = ByteBuffer.allocate(BLOCK);
      while (channel.read(block) > 0) {
        take(Arrays.copyOf(block.array(), block.position()));
        read += block.position();
        block.clear();
      }
    } catch (NoSuchFileException e) {
      forget();
    }
  }

  private void forget() {
    columns.clear();
    read = 0;
    rest = new byte[0];
    unread = 0;
    lastStep = -1;
    test = Optional.empty();
    identity = "";
  }

  private void take(byte[] more) {
    byte[] all = Arrays.copyOf(rest, rest.length + more.length);
    System.arraycopy(more, 0, all, rest.length, more.length);
    int start = 0;
    for (int i = rest.length; i < all.length; i++) {
      if (all[i] == '\n') {
        line(new String(all, start, i - start, StandardCharsets.UTF_8));
        start = i + 1;
      }
    }
    rest = Arrays.copyOfRange(all, start, all.length);
  }

  private void line(String text) {
    if (text.isBlank()) {
      return;
    }
    try {
      JsonObject line = JsonObject.parse(file.toString(), text);
      double step = line.required("step", JsonObject::number);
      if (line.has("test_loss")) {
        test = Optional.of(line);
        return;
      }
      lastStep = Math.max(lastStep, (long) step);
      numbers(line, "", step);
    } catch (IllegalArgumentException e) {
      unread++;
    }
  }

  private void numbers(JsonObject line, String before, double step) {
    for (String key : line.keys()) {
      Object value = line.value(key).orElseThrow();
      if (value instanceof JsonObject within) {
        numbers(within, before + key + "/", step);
      } else if (value instanceof Number number && !(before + key).equals("step")) {
        columns.computeIfAbsent(before + key, k -> new Column()).add(step, number.doubleValue());
      }
    }
  }

  /// The columns by key, in order.
  Map<String, Column> columns() {
    return columns;
  }

  /// What the best model made of the test part, at the end.
  Optional<JsonObject> test() {
    return test;
  }

  /// The last step that was logged; -1 before the first line.
  long lastStep() {
    return lastStep;
  }

  /// Lines that hold no JSON object with a step.
  long unread() {
    return unread;
  }
}
