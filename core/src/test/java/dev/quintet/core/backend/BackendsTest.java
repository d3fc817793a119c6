package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendsTest {

  @Test
  void listsTheDevicesTheBestFirst() {
    List<Device> devices = Backends.devices();
    assertEquals(Backends.best(), devices.getFirst());
    assertTrue(devices.contains(Device.cpu()));
    assertEquals(devices.size(), devices.stream().distinct().count());
  }

  @Test
  void refusesASecondBackendOfADevice() {
    Backend cpu = Backends.of(Device.cpu());
    var error = assertThrows(IllegalStateException.class, () -> Backends.register(cpu));
    assertTrue(error.getMessage().contains("cpu has a backend already"), error.getMessage());
    assertSame(cpu, Backends.of(Device.cpu()));
  }

  @Test
  void saysWhoWasAskedForADeviceThatIsNotThere() {
    var error = assertThrows(DeviceUnavailableException.class, () -> Backends.of(Device.cuda(977)));
    assertTrue(error.getMessage().contains("cuda:977"), error.getMessage());
    assertTrue(error.getMessage().contains("processors"), error.getMessage());
  }

  @Test
  void replaysACaptureAsOftenAsAsked() {
    try (Queue queue = Backends.of(Device.cpu()).openQueue()) {
      var runs = new ArrayList<Integer>();
      try (Queue.Replay replay = queue.capture(() -> runs.add(runs.size()))) {
        assertEquals(List.of(), runs);
        replay.run();
        replay.run();
      }
      queue.await(queue.record());
      queue.synchronize();
      assertEquals(List.of(0, 1), runs);
    }
  }
}
