package dev.quintet.app.cli;

import dev.quintet.models.adapt.Adapter;
import dev.quintet.models.adapt.Adapters;
import dev.quintet.models.text.TextOptions;
import dev.quintet.models.text.TextToText;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// The adapters that a command was given, each with a name.
final class NamedAdapters {

  @Option(
      names = "--adapter",
      paramLabel = "[NAME=]DIR",
      description =
          "Adapter folder, of this program or of peft; may be given several times. Prompts have the first one, unless a"
              + " line of --jsonl names another: {\"prompt\": ..., \"adapter\": NAME}. NAME is the folder's own if it is not"
              + " given.")
  private List<String> given = new ArrayList<>();

  private final List<String> names = new ArrayList<>();

  /// Made by picocli.
  NamedAdapters() {}

  /// Loads them all, and says what was passed over.
  void load(TextToText text, PrintWriter err) {
    for (String one : given) {
      int equals = one.indexOf('=');
      boolean named = equals > 0 && !Files.exists(Path.of(one));
      Path folder = Path.of(named ? one.substring(equals + 1) : one);
      String name = named ? one.substring(0, equals) : name(folder);
      Adapter adapter = Adapters.of(text.model()).load(name, folder);
      adapter.notes().forEach(note -> err.println("generate: " + note));
      names.add(name);
    }
  }

  private static String name(Path folder) {
    Path whole = folder.toAbsolutePath().normalize();
    String last = whole.getFileName() == null ? "" : String.valueOf(whole.getFileName());
    String name = last.replaceAll("[^A-Za-z0-9_-]", "-");
    return name.isEmpty() ? "adapter" : name.substring(0, Math.min(100, name.length()));
  }

  /// The options for prompts of which some name their adapters.
  ///
  /// @param wanted the name of each prompt's, empty for the first
  TextOptions with(TextOptions options, List<String> wanted) {
    if (names.isEmpty() && wanted.stream().allMatch(String::isEmpty)) {
      return options;
    }
    String first = names.isEmpty() ? "" : names.getFirst();
    return options.withAdapters(
        wanted.stream().map(name -> name.isEmpty() ? first : name).toList());
  }
}
