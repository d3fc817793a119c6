package dev.quintet.app.measure;

import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// PyTorch on the same chip in the same minutes, where this machine's `python3` has it: a script that we carry along, whose
/// lines are figures.
final class PyTorchPart {
  private static final String SCRIPT = "pytorch.py";

  /// After which the script ends itself: a part that is cut off could not end it.
  private static final int SECONDS = 70;

  private PyTorchPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    return run(setting, "python3");
  }

  static Map<String, Object> run(Part.Setting setting, String python) {
    var figures = new LinkedHashMap<String, Object>();
    try {
      Path script = Files.createTempFile("quintet", ".py");
      try {
        Files.write(script, script());
        run(setting, figures, python, script);
      } finally {
        Files.delete(script);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("PyTorch's script cannot be written", e);
    }
    return figures;
  }

  private static void run(
      Part.Setting setting, Map<String, Object> figures, String python, Path script)
      throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(
                  python, script.toString(), SECONDS + "", setting.toy() ? "toy" : "whole")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      note(figures, "no column of PyTorch: there is no " + python);
      return;
    }
    process.getOutputStream().close();
    try (var lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("{")) { // and not what a library prints
          keep(figures, JsonObject.parse(python + "'s line", line));
          setting.soFar().accept(figures);
        }
      }
    }
    int code = process.onExit().join().exitValue();
    if (code != 0) {
      note(figures, python + " ended with exit code " + code + ", after at most " + SECONDS + " s");
    }
  }

  private static void keep(Map<String, Object> figures, JsonObject line) {
    line.string("note").ifPresent(note -> note(figures, note));
    line.string("name")
        .ifPresent(name -> {
          var figure = new LinkedHashMap<String, Object>(line.values());
          figure.remove("name");
          figures.put(name, figure);
        });
  }

  private static void note(Map<String, Object> figures, String note) {
    String key = "note";
    for (int i = 2; figures.containsKey(key); i++) {
      key = "note " + i;
    }
    figures.put(key, note);
  }

  private static byte[] script() throws IOException {
    try (InputStream in = PyTorchPart.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IOException("this library lacks " + SCRIPT);
      }
      return in.readAllBytes();
    }
  }
}
