package dev.quintet.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/// The devices that the driver offers, as JCuda sees them.
sealed interface CudaDevices {

  /// There is none.
  ///
  /// @param reason what the driver answered
  record None(String reason) implements CudaDevices {}

  /// At least one.
  ///
  /// @param names each one's name and compute capability, in the driver's order
  record Some(List<String> names) implements CudaDevices {}

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
    var names = new ArrayList<String>();
    for (int index = 0; index < count[0]; index++) {
      names.add(describe(index));
    }
    return names.isEmpty() ? new None("it counts 0 devices") : new Some(List.copyOf(names));
  }

  private static String describe(int index) {
    var device = new CUdevice();
    if (JCudaDriver.cuDeviceGet(device, index) != CUresult.CUDA_SUCCESS) {
      return "device " + index + " that does not answer";
    }
    byte[] name = new byte[256];
    JCudaDriver.cuDeviceGetName(name, name.length, device);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8)
        + " with compute capability "
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
        + "."
        + attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = {0};
    JCudaDriver.cuDeviceGetAttribute(value, attribute, device);
    return value[0];
  }
}
