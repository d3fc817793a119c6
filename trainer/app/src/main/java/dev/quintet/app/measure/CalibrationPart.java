package dev.quintet.app.measure;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.shape.Device;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Whether the chip's instructions do what the emulator, by which all kernels were proved, has them do.
final class CalibrationPart {
  private CalibrationPart() {}

  static Map<String, Object> run(Part.Setting setting) {
    var figures = new LinkedHashMap<String, Object>();
    Backends.of(Device.cuda(0))
        .calibrate(one -> {
          var figure = new LinkedHashMap<String, Object>();
          figure.put("apart", one.apart());
          figure.put("allowed", one.allowed());
          figure.put("in", one.unit().name().toLowerCase(Locale.ROOT).replace('_', ' '));
          figure.put("values", one.values());
          figure.put("passed", one.passed());
          figures.put(one.instruction(), figure);
          setting.soFar().accept(figures);
        });
    return figures;
  }
}
