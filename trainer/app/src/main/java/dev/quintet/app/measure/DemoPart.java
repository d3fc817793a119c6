package dev.quintet.app.measure;

import dev.quintet.app.demo.PreparedDemo;
import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// The demo's model trained from scratch for some seconds in bfloat16 on the device, then for as long on the processor in
/// float32: how far each gets, and how well it names methods of classes that it has never seen.
final class DemoPart {
  private static final double SECONDS = 10;

  private DemoPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    var figures = new LinkedHashMap<String, Object>();
    Path data = setting.golden().resolve("demo");
    if (!PreparedDemo.isIn(data)) {
      figures.put("note", "there are no data of the demo in " + data);
      return figures;
    }
    var length = setting.toy() ? PreparedDemo.Length.toy() : PreparedDemo.Length.ofSeconds(SECONDS);
    try {
      var demo = PreparedDemo.open(data);
      figures.put("bf16 on the device", trained(demo, Device.cuda(0), DType.BF16, length));
      setting.soFar().accept(figures);
      figures.put("f32 on the processor", trained(demo, Device.cpu(), DType.F32, length));
    } catch (IOException e) {
      throw new UncheckedIOException(data + " cannot be read", e);
    }
    return figures;
  }

  private static Map<String, Object> trained(
      PreparedDemo demo, Device device, DType type, PreparedDemo.Length length) throws IOException {
    Path folder = Files.createTempDirectory("quintet-demo");
    try {
      PreparedDemo.Result result = demo.train(device, type, length, folder.resolve("run"));
      var figure = new LinkedHashMap<String, Object>();
      figure.put("steps", result.steps());
      figure.put("steps_per_second", result.stepsPerSecond());
      figure.put("f1_percent", 100 * result.scores().f1());
      figure.put("exact_percent", 100 * result.scores().exactMatch());
      figure.put("methods", result.scores().examples());
      return figure;
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
