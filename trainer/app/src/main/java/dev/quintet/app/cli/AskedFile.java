package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoFolderException;
import dev.quintet.app.demo.MethodExample;
import dev.quintet.app.demo.MethodNamer;
import dev.quintet.app.demo.MethodParser;
import dev.quintet.app.demo.ParsedMethods;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.core.shape.Device;
import dev.quintet.models.text.TextToText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Names the methods of a file with the model of a demo.
///
/// @param model the model's folder
/// @param device where to compute
record AskedFile(Path model, Device device) {

  /// Prints a line for each method: what it is called, what the model would call it.
  ///
  /// @return the exit code
  int print(Path file, PrintWriter out) {
    if (!Files.exists(model.resolve("config.json"))) {
      throw new DemoFolderException(
          model + " holds no model: train one with ./quintet demo, or name its folder with --out");
    }
    ParsedMethods parsed = parse(file);
    if (parsed.files() == 0) {
      throw new IllegalArgumentException(
          parsed.problems().isEmpty() ? file + " is no Java source" : parsed.problems().getFirst());
    }
    List<MethodExample> methods = parsed.methods();
    if (methods.isEmpty()) {
      System.err.println(file + " holds no method that could be named");
      return 0;
    }
    List<String> guesses;
    try (TextToText text = TextToText.load(model, device)) {
      guesses =
          MethodNamer.ofNames(text)
              .name(methods.stream().map(MethodExample::source).toList(), done -> {});
    }
    int width = methods.stream().mapToInt(m -> m.name().length()).max().orElse(0);
    String form = "%6s  %-" + Math.max(11, width) + "s  %s%n";
    out.printf(form, "line", "it is called", "the model says");
    for (int i = 0; i < methods.size(); i++) {
      MethodExample method = methods.get(i);
      out.printf(form, method.line(), method.name(), camelCase(guesses.get(i)));
    }
    out.flush();
    return 0;
  }

  private static ParsedMethods parse(Path file) {
    try (SourceTree tree = SourceTree.of(file)) {
      return MethodParser.parse(tree, 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `is empty` as Java would write it: `isEmpty`.
  private static String camelCase(String words) {
    var name = new StringBuilder();
    for (String word : words.split(" ")) {
      name.append(
          name.isEmpty() || word.isEmpty()
              ? word
              : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
    }
    return name.toString();
  }
}
