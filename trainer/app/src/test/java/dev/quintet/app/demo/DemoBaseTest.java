package dev.quintet.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.text.TextToText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoBaseTest {

  @TempDir Path folder;

  @Test
  void aBaseIsMadeInAFolderThatIsNotThereYetAndFoundAgain() throws IOException {
    Path sources = Files.createDirectory(folder.resolve("sources"));
    for (String name : List.of("Red", "Green", "Blue", "White", "Black")) {
      Files.writeString(
          sources.resolve(name + ".java"),
          "class %s { int get%s() { return %d; } }".formatted(name, name, name.hashCode()));
    }
    Path made = folder.resolve("out/base");
    assertTrue(DemoBase.in(made).isEmpty());
    try (SourceTree tree = SourceTree.of(sources)) {
      DemoBase base =
          DemoBase.make(tree, made, 1, 0, Device.cpu(), new Silent(), List.of(), () -> false)
              .orElseThrow();
      DemoBase found = DemoBase.in(made).orElseThrow();
      assertEquals(base.model(), found.model());
      assertEquals(3, found.methods().train().size());
      try (TextToText model = TextToText.load(base.model())) {
        assertEquals(1, model.generate(List.of("int ( ) return 1")).size());
      }
    }
  }
}
