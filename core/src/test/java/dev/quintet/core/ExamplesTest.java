package dev.quintet.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compiles what EXAMPLES.md shows with core alone, and runs it.
class ExamplesTest {
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n// (\\w+)\\.java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void programsCompileWithCoreAloneAndPrintWhatTheySay() throws Exception {
    List<String> names = compile();
    assertEquals(List.of("TwoMoons", "SaveAndLoad", "ArraysAndTensors", "OwnOperation"), names);
    List<String> moons = run("TwoMoons");
    assertEquals(5, moons.size(), moons.toString());
    Matcher right = Pattern.compile("right: (\\d+) of 512 points.*").matcher(moons.getLast());
    assertTrue(right.matches() && Integer.parseInt(right.group(1)) > 495, moons.toString());
    List<String> saved = run("SaveAndLoad");
    assertEquals("the same: true", saved.getLast());
    assertTrue(Files.exists(folder.resolve("last.safetensors")));
    List<String> arrays = run("ArraysAndTensors");
    assertEquals("[[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]", arrays.getFirst());
    assertEquals("6.0 6.0", arrays.getLast());
    assertEquals(
        List.of("[0.12692805, 0.6931472, 100.0]", "[0.11920292, 0.5, 1.0]"), run("OwnOperation"));
  }

  private List<String> compile() throws Exception {
    var arguments =
        new ArrayList<>(
            List.of(
                "-nowarn",
                "-cp",
                Path.of(Tensor.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString(),
                "-d",
                folder.toString()));
    var names = new ArrayList<String>();
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("EXAMPLES.md")));
    while (program.find()) {
      names.add(program.group(1));
      Path file = folder.resolve(program.group(1) + ".java");
      Files.writeString(file, program.group(2).replace("Path.of(\"", "Path.of(\"" + folder + "/"));
      arguments.add(file.toString());
    }
    var faults = new ByteArrayOutputStream();
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, faults, arguments.toArray(String[]::new));
    assertEquals(0, failed, faults.toString(StandardCharsets.UTF_8));
    return names;
  }

  /// The lines that a program prints.
  private List<String> run(String name) throws Exception {
    var bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Class<?> program = loader.loadClass(name);
      var constructor = program.getDeclaredConstructor();
      constructor.setAccessible(true);
      var main = program.getDeclaredMethod("main");
      main.setAccessible(true);
      main.invoke(constructor.newInstance());
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
