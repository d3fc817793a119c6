package dev.quintet.kernels.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/// What a report says of a device: the chip, its clocks, its memory, the driver, and where its kernels come from.
final class DeviceDetails {
  private DeviceDetails() {}

  /// @param index the device, in the driver's order
  /// @param emulated whether the driver is the stand-in
  static Map<String, Object> of(int index, Chip chip, CudaDriver driver, boolean emulated) {
    var health = new Health("cuda:" + index);
    var device = new CUdevice();
    health.check(JCudaDriver.cuDeviceGet(device, index), "cuDeviceGet");
    var details = new LinkedHashMap<String, Object>();
    details.put("chip", chip.name());
    details.put("stand_in", emulated);
    details.put("compute_capability", chip.major() + "." + chip.minor());
    details.put("processors", chip.processors());
    details.put("shared_bytes_per_block", chip.sharedBytes());
    details.put("memory_bytes", chip.memory());
    details.put(
        "clock_mhz",
        CudaDevices.attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE, health)
            / 1e3);
    details.put(
        "memory_clock_mhz",
        CudaDevices.attribute(
                device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, health)
            / 1e3);
    details.put(
        "memory_bus_bits",
        CudaDevices.attribute(
            device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, health));
    details.put(
        "second_cache_bytes",
        CudaDevices.attribute(
            device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, health));
    details.put("driver_supports_cuda", driver.versionText());
    return details;
  }

  /// Families by the architecture that their images were made for and the compiler, or by the reason why there is none.
  static Map<String, List<String>> machine(MachineCode code, Chip chip, CudaDriver driver) {
    var found = new TreeMap<String, List<String>>();
    for (String family : code.families()) {
      String from =
          switch (code.find(family, chip, driver)) {
            case MachineCode.Image image ->
                image.architecture() + " of CUDA " + code.compiler(image);
            case MachineCode.None none -> none.reason();
          };
      found.computeIfAbsent(from, _ -> new ArrayList<>()).add(family);
    }
    return found;
  }
}
