package dev.quintet.app.report;

import dev.quintet.core.backend.Backends;
import dev.quintet.core.cpu.CpuBackend;
import dev.quintet.core.shape.Device;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Where a run computes, as far as it bears on its speed and its numbers.
public final class RunEnvironment {
  private RunEnvironment() {}

  /// What is known of this process, by name.
  ///
  /// @param version of this program
  /// @param device where it computes
  public static SequencedMap<String, String> of(String version, Device device) {
    var facts = new LinkedHashMap<String, String>();
    facts.put("version", version);
    facts.put("device", device.toString());
    facts.put("computes", Backends.of(device).description());
    facts.put("backends", String.join("; ", Backends.report()));
    facts.put("threads", String.valueOf(CpuBackend.threads()));
    facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put("heap_bytes", String.valueOf(Runtime.getRuntime().maxMemory()));
    facts.putAll(software());
    return facts;
  }

  /// The virtual machine and the system, by name.
  public static SequencedMap<String, String> software() {
    var facts = new LinkedHashMap<String, String>();
    facts.put("java", System.getProperty("java.vm.name", "") + " " + Runtime.version());
    facts.put(
        "system",
        System.getProperty("os.name", "")
            + " "
            + System.getProperty("os.version", "")
            + " "
            + System.getProperty("os.arch", ""));
    return facts;
  }
}
