package dev.quintet.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.app.demo.DemoArguments;
import dev.quintet.app.demo.DemoFolder;
import dev.quintet.app.demo.DemoRun;
import dev.quintet.app.demo.Silent;
import dev.quintet.core.shape.Device;
import dev.quintet.trainer.GoldenFolder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compiles and runs what README shows, on a model that a tiny demo made.
class ReadmeTest {
  private static final Path PROJECT = GoldenFolder.PROJECT;
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void snippetsCompileAndRun() throws Exception {
    tinyDemo(folder.resolve("quintet-demo"));
    var pairs = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      pairs
          .append("{\"question\": \"int n return n + ")
          .append(i)
          .append("\", \"answer\": \"add\"}\n");
    }
    Files.writeString(folder.resolve("train.jsonl"), pairs);
    List<String> printed = run(snippets());
    assertTrue(printed.getFirst().endsWith("gradient [512, 10]"), printed.toString());
    assertTrue(Files.exists(folder.resolve("out/best/model.safetensors")));
    assertEquals(6, printed.size(), printed.toString());
    assertEquals(" return n == 0; 6 2", printed.getLast());
  }

  private static List<String> snippets() throws Exception {
    var snippets = new ArrayList<String>();
    Matcher matcher = SNIPPET.matcher(Files.readString(PROJECT.resolve("README.md")));
    while (matcher.find()) {
      snippets.add(matcher.group(1));
    }
    assertEquals(6, snippets.size(), "the imports, and what is shown");
    return snippets;
  }

  /// The lines that the snippets print, one after the other; paths in them lie in the test's folder.
  private List<String> run(List<String> snippets) throws Exception {
    String shown = String.join("", snippets.subList(1, snippets.size()));
    String paths = shown.replace("Path.of(\"", "Path.of(\"" + folder + "/");
    String source =
        snippets.getFirst()
            + """
            public class Shown {
              public static void run() throws Exception {
            """
            + paths
            + "}}\n";
    Path file = folder.resolve("Shown.java");
    Files.writeString(file, source);
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-nowarn",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());
    assertEquals(0, failed, source);
    var bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      loader.loadClass("Shown").getMethod("run").invoke(null);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static void tinyDemo(Path out) {
    var arguments =
        new DemoArguments(
            1,
            4,
            OptionalLong.of(3),
            OptionalLong.empty(),
            Optional.of(PROJECT.resolve("trainer/app/src/main/java").toString()),
            false);
    var demo = new DemoFolder(out);
    demo.start(arguments);
    assertTrue(new DemoRun(demo, arguments, Device.cpu(), 2, new Silent(), () -> false).run());
    assertTrue(demo.finished());
  }
}
