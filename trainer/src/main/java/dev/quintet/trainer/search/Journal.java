package dev.quintet.trainer.search;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.MalformedDataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What has happened in a search or another row of trainings, one JSON object a line, each on the disk before anything is done
/// upon it.
public final class Journal implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Journal.class.getName());

  private final Path file;
  private final FileChannel channel;
  private final List<JsonObject> events;

  private Journal(Path file, FileChannel channel, List<JsonObject> events) {
    this.file = file;
    this.channel = channel;
    this.events = events;
  }

  /// Opens a journal, or begins one. A last line that was cut off is dropped, which the log says.
  ///
  /// @throws MalformedDataException that names a line that is no event
  public static Journal open(Path file) {
    try {
      String text = Files.exists(file) ? Files.readString(file) : "";
      int end = text.lastIndexOf('\n') + 1;
      var events = new ArrayList<JsonObject>();
      int number = 0;
      for (String line : text.substring(0, end).lines().toList()) {
        number++;
        try {
          events.add(JsonObject.parse("the event", line));
        } catch (IllegalArgumentException e) {
          throw new MalformedDataException(file, number, String.valueOf(e.getMessage()));
        }
      }
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      long size = text.substring(0, end).getBytes(StandardCharsets.UTF_8).length;
      if (channel.size() > size) {
        LOG.log(
            System.Logger.Level.WARNING,
            "%s: the last line, %d, was cut off and is dropped".formatted(file, number + 1));
        channel.truncate(size);
        channel.force(true);
      }
      channel.position(size);
      return new Journal(file, channel, events);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the journal " + file + ": " + e, e);
    }
  }

  /// What had happened when it was opened.
  public List<JsonObject> events() {
    return events;
  }

  /// Adds an event and waits until it is on the disk.
  ///
  /// @return the event as it is read back
  public JsonObject append(Map<String, ?> event) {
    String line = JsonText.line(event);
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
      return JsonObject.parse("the event", line);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the journal " + file + ": " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the journal " + file + ": " + e, e);
    }
  }
}
