package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/// An open device: its chip, its memory, its one queue and the kernels that are loaded there. Lives as long as the
/// process. Thread-safe.
public final class Cuda {
  /// Bytes of a `TileMap` of `hopper.cuh`.
  public static final int MAP_BYTES = 128;

  /// Maps that are kept.
  private static final int MOST_MAPS = 8192;

  private final int index;
  private final Chip chip;
  private final CudaQueue queue;
  private final CudaMemory memory;
  private final MachineCode code = MachineCode.carried();
  private final CudaDriver driver =
      CudaDriver.find(CudaDriver.libraryName()).orElse(new CudaDriver(0));
  private final @Nullable Watcher watcher = Watcher.find();
  private final DirectCalls direct = new DirectCalls();
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();
  private final Map<String, CUmodule> modules = new HashMap<>();
  private final Map<Tiles, ByteBuffer> maps = new ConcurrentHashMap<>();
  private final ThreadLocal<Launch> launch = ThreadLocal.withInitial(Launch::new);

  private Cuda(CUdevice device, int index) {
    this.index = index;
    String name = "cuda:" + index;
    var health = new Health(name);
    this.chip = CudaDevices.chip(device, health);
    var context = new CUcontext();
    health.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
    health.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
    this.queue = new CudaQueue(context, health);
    boolean maps =
        CudaDevices.attribute(
                device,
                CUdevice_attribute.CU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED,
                health)
            == 1;
    DeviceSlabs slabs =
        maps
            ? new MappedSlabs(queue, watcher, index, chip.memory())
            : new AllocatedSlabs(queue, watcher);
    this.memory = new CudaMemory(slabs, name, queue, watcher);
  }

  /// Opens a device.
  ///
  /// @param index which one, in the driver's order
  /// @throws CudaException if it cannot be opened
  public static Cuda open(int index) {
    var health = new Health("cuda:" + index);
    health.check(JCudaDriver.cuInit(0), "cuInit");
    var device = new CUdevice();
    health.check(JCudaDriver.cuDeviceGet(device, index), "cuDeviceGet");
    return new Cuda(device, index);
  }

  /// A kernel by the family whose source it stands in, and its name there. Its machine code is loaded at its first
  /// launch.
  public Kernel kernel(String family, String name) {
    return kernels.computeIfAbsent(name, _ -> new Kernel(this, family, name));
  }

  /// What kind of GPU it is.
  public Chip chip() {
    return chip;
  }

  /// The address of three int64 for `report` of `quintet.cuh`: the code of a [Fault], an index and its limit.
  public long fault() {
    return queue.faults().address();
  }

  /// The device's memory.
  public Memory memory() {
    return memory;
  }

  /// The order of the device's work.
  public CudaQueue queue() {
    return queue;
  }

  /// Bytes of global memory that launches so far have moved, by kernel, as their launchers reckon; see [Launch#moves].
  public Map<String, Long> moved() {
    var moved = new HashMap<String, Long>();
    kernels.forEach((name, kernel) -> moved.put(name, kernel.moved()));
    return moved;
  }

  /// A `TileMap` of `hopper.cuh`, [#MAP_BYTES] to be handed to a kernel by [Launch#struct], aligned to 64. It is kept for the next
  /// who asks, since operands have the same addresses from step to step.
  ///
  /// @throws CudaException if the driver knows no such maps, or not this one
  public ByteBuffer map(Tiles tiles) {
    if (maps.size() >= MOST_MAPS) {
      maps.clear();
    }
    return maps.computeIfAbsent(tiles, this::encoded);
  }

  private ByteBuffer encoded(Tiles tiles) {
    MemorySegment map = Arena.ofAuto().allocate(MAP_BYTES, 64);
    queue.begin();
    try {
      queue.health().check(direct.encode(map, tiles), "cuTensorMapEncodeTiled of " + tiles);
    } finally {
      queue.end();
    }
    return map.asByteBuffer();
  }

  DirectCalls direct() {
    return direct;
  }

  /// The calling thread's.
  Launch launch() {
    return launch.get();
  }

  /// Loads a family's machine code if it is not loaded, and finds a kernel in it. For the holder of the queue's lock.
  Address.Function find(String family, String name) {
    CUmodule module = modules.get(family);
    if (module == null) {
      module = new CUmodule();
      queue
          .health()
          .check(
              JCudaDriver.cuModuleLoadData(module, image(family)), "cuModuleLoadData of " + family);
      modules.put(family, module);
    }
    var function = new Address.Function();
    queue
        .health()
        .check(
            JCudaDriver.cuModuleGetFunction(function, module, name),
            "cuModuleGetFunction of " + name + " in " + family);
    return function;
  }

  /// Why the kernels of some families could not run on a chip, in one line; empty if they could.
  public static Optional<String> missing(List<String> families, Chip chip, CudaDriver driver) {
    if (Watcher.find() != null) {
      return Optional.empty();
    }
    MachineCode code = MachineCode.carried();
    return families.stream()
        .map(family -> code.find(family, chip, driver))
        .flatMap(found ->
            found instanceof MachineCode.None(String reason) ? Stream.of(reason) : Stream.empty())
        .findFirst();
  }

  /// Why the kernels of a family cannot run here, in one line; empty if they can.
  public Optional<String> missing(String family) {
    return watcher == null
            && code.find(family, chip, driver) instanceof MachineCode.None(String reason)
        ? Optional.of(reason)
        : Optional.empty();
  }

  /// What a report says of this device, by name.
  public Map<String, Object> details() {
    Map<String, Object> details = DeviceDetails.of(index, chip, driver, watcher != null);
    details.put(
        "machine_code",
        watcher != null
            ? "none: the stand-in has all kernels in it"
            : DeviceDetails.machine(code, chip, driver));
    return details;
  }

  private byte[] image(String family) {
    if (watcher != null) { // it has all kernels in it
      return new byte[1];
    }
    return switch (code.find(family, chip, driver)) {
      case MachineCode.Image image -> code.bytes(image);
      case MachineCode.None none -> throw new CudaException(none.reason());
    };
  }
}
