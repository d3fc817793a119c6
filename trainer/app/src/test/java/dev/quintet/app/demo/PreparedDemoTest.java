package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedDemoTest {

  @Test
  void trainsOnWhatWasPreparedForATime(@TempDir Path folder) throws Exception {
    Path sources = Files.createDirectory(folder.resolve("sources"));
    for (int i = 0; i < 60; i++) {
      Files.writeString(
          sources.resolve("C" + i + ".java"),
          """
          class C%1$d {
            int getValue%1$d() { return value%1$d; }
            boolean isEmpty%1$d() { return size == %1$d; }
          }
          """
              .formatted(i));
    }
    Path data = folder.resolve("data");
    assertFalse(PreparedDemo.isIn(data));
    int methods = PreparedDemo.prepare(Optional.of(sources), data);
    assertEquals(96, methods);
    assertTrue(PreparedDemo.isIn(data));
    var demo = PreparedDemo.open(data);
    var timed =
        demo.train(
            Device.cpu(), DType.F32, new PreparedDemo.Length(0.1, 0, 2, 2), folder.resolve("run"));
    assertTrue(timed.steps() > 40, timed::toString);
    assertTrue(timed.steps() < 10_000, timed::toString);
    assertEquals(2, timed.scores().examples());
  }
}
