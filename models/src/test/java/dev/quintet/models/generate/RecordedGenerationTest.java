package dev.quintet.models.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.core.shape.Device;
import dev.quintet.models.verify.Verification;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random models under random options beside transformers 5.18: 45 cases each of a padded batch, left or right.
class RecordedGenerationTest {

  @ParameterizedTest
  @ValueSource(strings = {"v10", "v11", "umt5"})
  void randomOptionsGiveTheSameSequencesAndScores(String folder) throws URISyntaxException {
    URL config = getClass().getResource("/generate/random/" + folder + "/config.json");
    Path file = Path.of(Objects.requireNonNull(config).toURI());
    Path parent = Objects.requireNonNull(file.getParent());
    Verification found = Verification.of(parent, Device.cpu(), Verification.checks());
    assertTrue(found.passed(), found.table());
    assertEquals("generation: 45 cases identical", found.rows().getFirst().quantity());
  }
}
