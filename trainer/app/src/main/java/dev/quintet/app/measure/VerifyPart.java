package dev.quintet.app.measure;

import dev.quintet.core.shape.DType;
import dev.quintet.core.shape.Device;
import dev.quintet.models.verify.Check;
import dev.quintet.models.verify.Golden;
import dev.quintet.models.verify.Outcome;
import dev.quintet.models.verify.Verification;
import dev.quintet.trainer.verify.GraphCheck;
import dev.quintet.trainer.verify.TrainingCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Each recorded model that the bundle holds, on the device: `verify` in float32, kernel by kernel and, its trainings, as
/// graphs; and both in bfloat16.
final class VerifyPart {
  /// Steps of one training on an emulated device: one that is called, and one that is taken down.
  private static final int TOY_STEPS = 2;

  private VerifyPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    var figures = new LinkedHashMap<String, Object>();
    int trainings = setting.toy() ? 1 : Integer.MAX_VALUE;
    int steps = setting.toy() ? TOY_STEPS : Integer.MAX_VALUE;
    List<Path> folders = folders(setting.golden());
    if (setting.toy() && folders.size() > 1) {
      figures.put("note", "one of " + folders.size() + " folders, as the device is emulated");
      folders = folders.subList(0, 1);
    }
    for (Path folder : folders) {
      var whole = new ArrayList<Check>(Verification.checks());
      whole.add(new TrainingCheck());
      if (setting.toy()) {
        whole.subList(1, whole.size()).clear(); // forward and backward
      }
      var forms = new LinkedHashMap<String, List<Check>>();
      forms.put("float32", whole);
      forms.put("float32 graph", List.of(new GraphCheck(DType.F32, trainings, steps)));
      forms.put("bfloat16", Verification.narrow());
      forms.put("bfloat16 graph", List.of(new GraphCheck(DType.BF16, trainings, steps)));
      if (setting.toy()) { // each of both types, and each of both ways
        forms.keySet().retainAll(Set.of("float32", "bfloat16 graph"));
      }
      var golden = new Golden(folder, Device.cuda(0));
      for (var form : forms.entrySet()) {
        figures.put(folder.getFileName() + ", " + form.getKey(), result(golden, form.getValue()));
        setting.soFar().accept(figures);
      }
    }
    if (figures.isEmpty()) {
      figures.put("note", "there are no recorded models in " + setting.golden());
    }
    return figures;
  }

  private static Map<String, Object> result(Golden golden, List<Check> checks) {
    Verification verification = Verification.recomputed(golden, checks);
    var result = new LinkedHashMap<String, Object>();
    if (verification.rows().isEmpty()) {
      result.put("note", "the folder has no recording of this");
      return result;
    }
    result.put("passed", verification.count(Outcome.FAIL) == 0);
    result.put("lines", verification.table().lines().toList());
    return result;
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
