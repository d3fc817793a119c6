package dev.quintet.app.measure;

import dev.quintet.core.backend.Backend;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.Device;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the chip is, its driver and its clocks, which machine code it takes, and its two ceilings.
final class ChipPart {
  private ChipPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    Backend backend = Backends.of(Device.cuda(0));
    var figures = new LinkedHashMap<String, Object>();
    figures.put("device", backend.description());
    figures.put("providers", Backends.report());
    figures.put("java", System.getProperty("java.vm.version", ""));
    figures.put("details", backend.details());
    setting.soFar().accept(figures);
    figures.putAll(Ceilings.measured(backend, setting.toy()).figures(setting.toy()));
    return figures;
  }
}
