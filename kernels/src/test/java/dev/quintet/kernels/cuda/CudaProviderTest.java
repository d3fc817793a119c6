package dev.quintet.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.backend.BackendProvider;
import dev.quintet.core.backend.Backends;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.shape.Device;
import dev.quintet.kernels.driver.Chip;
import dev.quintet.kernels.driver.CudaDevices;
import dev.quintet.kernels.driver.CudaDriver;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CudaProviderTest {

  private static final CudaDriver RECENT = new CudaDriver(12_060);

  @Test
  void isFoundByItsInterface() {
    assertTrue(
        ServiceLoader.load(BackendProvider.class).stream()
            .anyMatch(provider -> provider.type() == CudaProvider.class));
    assertTrue(Backends.report().stream().anyMatch(line -> line.startsWith("cuda: ")));
  }

  @Test
  void answersInOneLineOnAnyMachine() {
    var answer = new CudaProvider().probe();
    System.out.println("cuda: " + answer.reason());
    assertEquals(1, answer.reason().lines().count());
  }

  @Test
  void looksOnlyOnce() {
    var looks = new AtomicInteger();
    var provider =
        new CudaProvider(
            () -> new BackendProvider.Availability(false, "look " + looks.incrementAndGet()));
    assertSame(provider.probe(), provider.probe());
    assertEquals(1, looks.get());
  }

  @Test
  void aMissingLibraryIsNoDriver() {
    assertTrue(CudaDriver.find("libno-such-driver.so.1").isEmpty());
  }

  @Test
  void aLibraryThatIsNoDriverHasNoVersion() {
    CudaDriver.find("libc.so.6")
        .ifPresent(notDriver -> {
          assertEquals(0, notDriver.version());
          assertFalse(notDriver.recentEnough());
        });
  }

  @Test
  void anOldDriverIsNamedWithoutTouchingJcuda() {
    var answer =
        CudaProvider.judge(
            new CudaDriver(11_040),
            () -> {
              throw new AssertionError("asked for devices");
            },
            _ -> Optional.empty());
    assertEquals(
        "the CUDA driver is too old: it supports CUDA 11.4, but 12.0 is needed; update the driver",
        answer.reason());
  }

  @Test
  void saysWhatTheDriverAnsweredWhenThereIsNoDevice() {
    var answer =
        CudaProvider.judge(
            RECENT,
            () -> new CudaDevices.None("cuInit: CUDA_ERROR_NO_DEVICE"),
            _ -> Optional.empty());
    assertEquals(
        "a CUDA driver but no device that it can use (cuInit: CUDA_ERROR_NO_DEVICE)",
        answer.reason());
  }

  @Test
  void takesADeviceThatMachineCodeIsThereFor() {
    var answer =
        CudaProvider.judge(
            RECENT,
            () -> new CudaDevices.Some(List.of(chip("X", 9), chip("Y", 7))),
            _ -> Optional.empty());
    assertTrue(answer.available());
    assertEquals(
        "X with compute capability 9.0, Y with compute capability 7.0; driver supports CUDA 12.6",
        answer.reason());
  }

  @Test
  void refusesADeviceThatIsTooOld() {
    var answer =
        CudaProvider.judge(
            RECENT, () -> new CudaDevices.Some(List.of(chip("Y", 7))), _ -> Optional.empty());
    assertFalse(answer.available());
    assertEquals(
        "the first CUDA device is too old: compute capability 8.0 is needed (Y with compute capability"
            + " 7.0; driver supports CUDA 12.6)",
        answer.reason());
  }

  @Test
  void refusesADeviceThatItHasNoMachineCodeFor() {
    var answer =
        CudaProvider.judge(
            RECENT,
            () -> new CudaDevices.Some(List.of(chip("X", 9))),
            chip -> Optional.of("no code for " + chip.name()));
    assertFalse(answer.available());
    assertEquals(
        "no code for X (found X with compute capability 9.0; driver supports CUDA 12.6)",
        answer.reason());
  }

  private static Chip chip(String name, int major) {
    return new Chip(name, major, 0, 108, 100 << 10, 1L << 30);
  }

  @Test
  void aNativeLibraryThatDoesNotLoadIsAReasonAndNotAnError() {
    var provider =
        new CudaProvider(() -> {
          throw new UnsatisfiedLinkError("Error while loading JCudaDriver\nstack\nmore");
        });
    assertEquals(
        "CUDA could not be asked: UnsatisfiedLinkError: Error while loading JCudaDriver",
        provider.probe().reason());
  }

  @Test
  void openingSaysWhyItCannot() {
    var provider = new CudaProvider(() -> new BackendProvider.Availability(false, "no driver"));
    var error = assertThrows(DeviceUnavailableException.class, () -> provider.open(0));
    assertEquals("device cuda:0 cannot be opened: no driver", error.getMessage());
    assertEquals(Device.Kind.CUDA, provider.kind());
  }
}
