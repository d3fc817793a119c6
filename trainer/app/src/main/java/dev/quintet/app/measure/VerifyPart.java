package dev.quintet.app.measure;

import dev.quintet.core.shape.Device;
import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.verify.TrainingCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// `verify` on the device for each recorded model that the bundle holds.
final class VerifyPart {
  private VerifyPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    var figures = new LinkedHashMap<String, Object>();
    for (Path folder : folders(setting.golden())) {
      List<Check> checks = new ArrayList<>(Verification.checks());
      if (!setting.toy()) {
        checks.add(new TrainingCheck());
      }
      Verification verification = Verification.of(folder, Device.cuda(0), checks);
      System.err.print(folder.getFileName() + "\n" + verification.table());
      var result = new LinkedHashMap<String, Object>();
      result.put("passed", verification.passed());
      result.put("lines", verification.table().lines().toList());
      figures.put(String.valueOf(folder.getFileName()), result);
      setting.soFar().accept(figures);
    }
    if (figures.isEmpty()) {
      figures.put("note", "there are no recorded models in " + setting.golden());
    }
    return figures;
  }

  private static List<Path> folders(Path golden) {
    if (!Files.isDirectory(golden)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(golden)) {
      return all.filter(folder -> Files.exists(folder.resolve("config.json"))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(golden + " cannot be listed", e);
    }
  }
}
