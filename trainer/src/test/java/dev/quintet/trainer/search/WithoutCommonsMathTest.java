package dev.quintet.trainer.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.folds.Folds;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Apache Commons Math is optional: who does not search does without, and who searches is told.
class WithoutCommonsMathTest {
  @TempDir Path folder;

  /// Runs in a world of classes without Commons Math.
  public static final class Probe {
    private Probe() {}

    /// A search, which needs it.
    public static void search(String file) {
      var space = Space.of(JsonObject.parse("space", "{\"a\": {\"uniform\": [0, 1]}}"));
      Search.of(space).run(Path.of(file), _ -> Optional.of(new Outcome(1, 0)));
    }

    /// Folds and the classes of a training, which do not.
    public static int others() throws ReflectiveOperationException {
      int methods = Class.forName("dev.quintet.trainer.loop.Trainer").getMethods().length;
      return methods == 0 ? 0 : Folds.plain(10, 5, 0).test(0).length;
    }
  }

  @Test
  void aSearchSaysInOneLineWhatToAddAndNothingElseNeedsIt() throws Exception {
    var urls = new ArrayList<URL>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("commons-math")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (var loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> probe = loader.loadClass(Probe.class.getName());
      assertEquals(2, probe.getMethod("others").invoke(null));
      Method search = probe.getMethod("search", String.class);
      var thrown =
          assertThrows(
              InvocationTargetException.class,
              () -> search.invoke(null, folder.resolve("trials.jsonl").toString()));
      String message = String.valueOf(thrown.getCause().getMessage());
      assertTrue(message.contains("org.apache.commons:commons-math3:3.6.1"), message);
      assertTrue(!message.contains("\n"), message);
    }
  }
}
