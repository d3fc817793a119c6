package dev.quintet.app.cli;

import dev.quintet.app.demo.DemoArguments;
import dev.quintet.app.demo.DemoFolder;
import dev.quintet.app.demo.DemoRun;
import dev.quintet.app.demo.MethodParser;
import dev.quintet.app.demo.MethodSplit;
import dev.quintet.app.demo.SourceTree;
import dev.quintet.app.recipe.MethodTasks;
import dev.quintet.core.io.AtomicFile;
import dev.quintet.core.io.FolderLock;
import dev.quintet.core.io.JsonText;
import dev.quintet.core.shape.Device;
import dev.quintet.models.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;

/// What `compare-tuning --example` compares on: the demo's model as the base, and four tasks on the methods of the JDK's sources,
/// parted as the demo parts them, so that nobody is asked about classes that the base has learned from.
///
/// @param out the folder of the comparison
/// @param device where the base trains
/// @param threads how many read the sources
record TuningExample(Path out, Device device, int threads) {
  /// The folder if nobody names one.
  static final String OUT = "quintet-tuning";

  private static final String CONFIG = "config.json";
  private static final String RESOURCE = "tuning-example.json";
  private static final MethodTasks.Sizes SIZES = new MethodTasks.Sizes(6_000, 60, 200);

  /// The settings, once base and rows are there; they are written into the folder too.
  ///
  /// @return nothing where it was stopped
  /// @throws IllegalArgumentException if the JDK has no sources, or something else is at the place of the rows
  Optional<JsonObject> settings(CommandSpec spec, Interruption interruption) throws IOException {
    try (SourceTree sources = RecipeSettings.jdk()) {
      Optional<Path> base = base(spec, interruption);
      if (base.isEmpty()) {
        return Optional.empty();
      }
      Path rows = out.resolve("rows");
      MethodTasks.write(
          rows,
          SIZES,
          () -> {
            System.err.println("reading methods from " + sources.description());
            return MethodSplit.ofDemo(MethodParser.parse(sources, threads).methods());
          });
      JsonObject settings = settings(base.get(), rows);
      AtomicFile.write(out.resolve(CONFIG), JsonText.of(settings) + "\n");
      return Optional.of(settings);
    }
  }

  /// The demo's model: of a demo that was run here, or of one that is trained now.
  private Optional<Path> base(CommandSpec spec, Interruption interruption) {
    var demo = new DemoFolder(Path.of(DemoCommand.OUT));
    if (demo.started() && demo.trained() && demo.arguments().sources().isEmpty()) {
      System.err.println("the base is the model of the demo in " + DemoCommand.OUT);
      return Optional.of(demo.path("model"));
    }
    var own = new DemoFolder(out.resolve("base"));
    if (!own.started() || !own.trained()) {
      System.err.println(
          "there is no demo of the JDK's sources in "
              + DemoCommand.OUT
              + ", so the base is trained first, as the demo does it");
      var arguments =
          new DemoArguments(
              0,
              DemoArguments.DEFAULT_MINUTES,
              OptionalLong.empty(),
              OptionalLong.empty(),
              Optional.empty(),
              false);
      try (FolderLock _ = own.lock()) {
        if (!own.started()) {
          own.start(arguments);
        }
        own.check(arguments);
        var console = new DemoConsole(spec.commandLine().getOut(), interruption);
        if (!new DemoRun(own, arguments, device, threads, console, interruption).base()) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(own.path("model"));
  }

  private JsonObject settings(Path base, Path rows) {
    JsonObject example;
    try (InputStream in = TuningExample.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing in this build");
      }
      example = JsonObject.read(Path.of(RESOURCE), in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    JsonObject named = example.required("tasks", JsonObject::object);
    var tasks = new LinkedHashMap<String, Object>();
    for (String name : named.keysAsWritten()) {
      MethodTasks task = MethodTasks.named(name);
      tasks.put(
          name,
          Overrides.over(
              named.required(name, JsonObject::object),
              JsonObject.of(
                  Map.of(
                      "train", task.file(rows, "train").toString(),
                      "validation", task.file(rows, "validation").toString(),
                      "test", task.file(rows, "test").toString()))));
    }
    var all = new TreeMap<>(example.values());
    all.put("tasks", JsonObject.parse("the example", JsonText.of(tasks)));
    all.put("train", example.required("train", JsonObject::object).with("model", base.toString()));
    all.put("out", out.toString());
    return JsonObject.of("the example", all);
  }
}
