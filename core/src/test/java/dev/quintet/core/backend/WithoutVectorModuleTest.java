package dev.quintet.core.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The scalar fallback must not link a class of a module that may be absent.
class WithoutVectorModuleTest {

  @Test
  void kernelsRunWhereTheModuleIsAbsentAndGiveTheScalarBits()
      throws IOException, InterruptedException {
    assertEquals(
        BitsProbe.inAnotherJvm("--add-modules=jdk.incubator.vector", "-Dquintet.cpu=scalar"),
        BitsProbe.inAnotherJvm("--limit-modules=java.base,java.logging", "-Dquintet.cpu=scalar"));
  }
}
