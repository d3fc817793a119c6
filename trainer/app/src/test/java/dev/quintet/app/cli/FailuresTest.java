package dev.quintet.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.quintet.core.backend.DeviceException;
import dev.quintet.core.backend.DeviceUnavailableException;
import dev.quintet.core.backend.OutOfDeviceMemoryException;
import dev.quintet.core.io.MalformedFileException;
import dev.quintet.models.hub.HubException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class FailuresTest {
  private String err = "";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "No space left on device",
        "Input/output error",
        "Disk quota exceeded",
        "Connection reset"
      })
  void aDiskOrAConnectionThatFailsIsNoBadInput(String reason) {
    assertEquals(1, code(new IOException(reason)));
    assertEquals(1, code(new UncheckedIOException("cannot write x", new IOException(reason))));
    assertEquals("quintet: cannot write x: " + reason, err.strip());
    IOException full = new FileSystemException("x", null, reason);
    assertEquals(1, code(new UncheckedIOException("cannot write x: " + full, full)));
    assertEquals("quintet: x: " + reason, err.strip());
    assertEquals(1, code(new HubException("the server answers 503")));
  }

  @Test
  void aNameThatIsWrongIsBadInput() {
    assertEquals(2, code(new NoSuchFileException("x")));
    assertEquals("quintet: x does not exist", err.strip());
    assertEquals(2, code(new UncheckedIOException(new AccessDeniedException("x"))));
    assertEquals(2, code(new IOException("x: Is a directory")));
    assertEquals(2, code(new FileSystemException("x", null, "Not a directory")));
    assertEquals(2, code(new MalformedFileException(Path.of("x"), 3, "it is whole")));
    assertEquals(2, code(new IllegalArgumentException("x is too large")));
    assertFalse(err.contains("Exception"), err);
  }

  @Test
  void aDeviceThatFailsIsOneLineWithoutAClass() {
    assertEquals(1, code(new DeviceException("cuda:0: cuLaunchKernel of x: launch failed") {}));
    assertEquals("quintet: cuda:0: cuLaunchKernel of x: launch failed", err.strip());
    assertEquals(1, code(new OutOfDeviceMemoryException("cuda:0 is full\nlargest: a, b")));
    assertEquals("quintet: cuda:0 is full; largest: a, b", err.strip());
    assertEquals(2, code(new DeviceUnavailableException("there is no cuda:7")));
    assertEquals("quintet: there is no cuda:7", err.strip());
  }

  private int code(Exception failure) {
    var text = new StringWriter();
    CommandLine command = Main.commands().setErr(new PrintWriter(text, true));
    int code = new Failures(() -> false).handleExecutionException(failure, command, null);
    err = text.toString();
    return code;
  }
}
