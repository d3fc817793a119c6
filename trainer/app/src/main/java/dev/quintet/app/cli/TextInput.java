package dev.quintet.app.cli;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.data.MalformedDataException;
import dev.quintet.trainer.data.TextLines;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Texts of a file or of standard input, one a line, as they come. A carriage return alone ends a line, too.
final class TextInput implements AutoCloseable {
  private static final Set<String> PROMPT_KEYS = Set.of("prompt", "adapter");

  private final TextLines lines;
  private final boolean json;
  private final ArrayDeque<String> names = new ArrayDeque<>();
  private final List<String> lastNames = new ArrayList<>();
  private final ArrayDeque<String> texts = new ArrayDeque<>();
  private long blank;

  private TextInput(Path name, boolean json) {
    this.lines = new TextLines(StandardInput.blocks(name));
    this.json = json;
  }

  /// Reads a file, or standard input.
  ///
  /// @param json whether each line is a JSON string, or an object `{"prompt": ..., "adapter": NAME}`; blank ones are then
  ///     passed over
  static TextInput open(Optional<Path> file, boolean json) {
    return new TextInput(file.orElse(Path.of("-")), json);
  }

  /// The next texts: at least one, and up to `most` where they are there already; none at the end.
  ///
  /// @throws MalformedDataException if a line is not UTF-8, or no JSON string and should be one
  List<String> next(int most) {
    var next = new ArrayList<String>();
    lastNames.clear();
    while (next.size() < most && (next.isEmpty() || !texts.isEmpty() || lines.ready())) {
      if (texts.isEmpty() && !read()) {
        break;
      }
      if (!texts.isEmpty()) {
        next.add(texts.remove());
        lastNames.add(names.remove());
      }
    }
    return next;
  }

  /// Reads a line; false at the end.
  private boolean read() {
    Optional<String> line = lines.next();
    line.ifPresent(all -> {
      if (all.isEmpty()) {
        take(all);
      } else {
        all.lines().forEach(this::take);
      }
    });
    return line.isPresent();
  }

  private void take(String line) {
    if (!json) {
      add(line, "");
    } else if (line.isBlank()) {
      blank++;
    } else {
      parse(line);
    }
  }

  private void add(String text, String name) {
    texts.add(text);
    names.add(name);
  }

  /// The names of the adapters that the last texts want, empty where one names none.
  List<String> adapters() {
    return List.copyOf(lastNames);
  }

  /// A string, or an object of a prompt and its adapter.
  private void parse(String line) {
    try {
      if (!line.stripLeading().startsWith("{")) {
        add(JsonLine.string(line), "");
        return;
      }
      JsonObject object = JsonObject.parse("the line", line);
      Optional<String> other =
          object.keys().stream().filter(key -> !PROMPT_KEYS.contains(key)).findFirst();
      if (other.isPresent()) {
        throw new IllegalArgumentException(
            "a line's object has \"prompt\" and \"adapter\", not \"" + other.get() + "\"");
      }
      add(object.required("prompt", JsonObject::string), object.string("adapter").orElse(""));
    } catch (IllegalArgumentException e) {
      throw lines.broken(String.valueOf(e.getMessage()));
    }
  }

  /// How many blank lines were passed over.
  long blank() {
    return blank;
  }

  @Override
  public void close() {
    lines.close();
  }
}
