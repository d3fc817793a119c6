package dev.quintet.kernels.driver;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// The devices that the driver offers, as JCuda sees them.
public sealed interface CudaDevices {

  /// There is none.
  ///
  /// @param reason what the driver answered
  record None(String reason) implements CudaDevices {}

  /// At least one.
  ///
  /// @param chips in the driver's order
  record Some(List<Chip> chips) implements CudaDevices {}

  /// Asks JCuda, which loads its native library on the first call.
  ///
  /// @throws LinkageError if that library does not load
  static CudaDevices ask() {
    int result = JCudaDriver.cuInit(0);
    if (result != CUresult.CUDA_SUCCESS) {
      return new None("cuInit: " + CUresult.stringFor(result));
    }
    int[] count = {0};
    result = JCudaDriver.cuDeviceGetCount(count);
    if (result != CUresult.CUDA_SUCCESS) {
      return new None("cuDeviceGetCount: " + CUresult.stringFor(result));
    }
    var chips = new ArrayList<Chip>();
    for (int index = 0; index < count[0]; index++) {
      var health = new Health("cuda:" + index);
      var device = new CUdevice();
      health.check(JCudaDriver.cuDeviceGet(device, index), "cuDeviceGet");
      chips.add(chip(device, health));
    }
    return chips.isEmpty() ? new None("it counts 0 devices") : new Some(List.copyOf(chips));
  }

  /// What kind of GPU a device is.
  static Chip chip(CUdevice device, Health health) {
    byte[] name = new byte[256];
    health.check(JCudaDriver.cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    long[] memory = {0};
    health.check(JCudaDriver.cuDeviceTotalMem(memory, device), "cuDeviceTotalMem");
    return new Chip(
        new String(name, 0, length, StandardCharsets.UTF_8),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, health),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, health),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, health),
        attribute(
            device,
            CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN,
            health),
        memory[0]);
  }

  /// A number that the driver knows of a device.
  static int attribute(CUdevice device, int attribute, Health health) {
    int[] value = {0};
    health.check(
        JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
        "cuDeviceGetAttribute " + attribute);
    return value[0];
  }
}
