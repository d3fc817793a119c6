package dev.quintet.app.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyTorchPartTest {
  @TempDir Path folder;

  @Test
  void whereThereIsNoPythonOrNoTorchItSaysSoAndGoesOn() throws Exception {
    assertEquals(
        Map.of("note", "no column of PyTorch: there is no no-such-python"), run("no-such-python"));
    String without =
        python("echo '{\"note\": \"no column of PyTorch: torch finds no CUDA device\"}'");
    assertEquals(Map.of("note", "no column of PyTorch: torch finds no CUDA device"), run(without));
  }

  @Test
  void itsLinesAreFiguresAndWhatLibrariesPrintIsNot() throws Exception {
    String python =
        python(
            """
            grep -q signal.alarm "$1" || exit 9
            echo warming up
            echo '{"name": "a product", "tflops": 2.5, "size": "'$3' '$2'"}'
            echo '{"note": "compiling failed"}'
            exit 3
            """);
    Map<String, Object> figures = run(python);
    assertEquals(List.of("a product", "note", "note 2"), List.copyOf(figures.keySet()));
    assertEquals("{size=toy 70, tflops=2.5}", String.valueOf(figures.get("a product")));
    assertEquals("compiling failed", figures.get("note"));
    assertTrue(String.valueOf(figures.get("note 2")).contains("exit code 3"), figures::toString);
  }

  private Map<String, Object> run(String python) {
    return PyTorchPart.run(
        new Part.Setting(true, folder, folder.resolve("none.json"), _ -> {}), python);
  }

  private String python(String script) throws Exception {
    Path file = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + script);
    assertTrue(file.toFile().setExecutable(true));
    return file.toString();
  }
}
