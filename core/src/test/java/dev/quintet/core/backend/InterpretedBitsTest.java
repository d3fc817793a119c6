package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quintet.core.shape.Device;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A training that is resumed begins interpreted where it ended compiled: bits must be the same.
@Tag("cpu-variants")
class InterpretedBitsTest {

  @Test
  void kernelsGiveTheSameBitsInterpretedAndCompiled() throws IOException, InterruptedException {
    Map<String, Integer> compiled = BitsProbe.checksums(Backends.of(Device.cpu()), 1000);
    assertEquals(compiled, BitsProbe.inAnotherJvm("-Xint", "--add-modules=jdk.incubator.vector"));
  }
}
