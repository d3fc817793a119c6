package dev.quintet.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaAgeTest {

  @ParameterizedTest
  @CsvSource({"25, true", "25.0.2+10, true", "25.0.3, false", "25.0.3+9-LTS, false", "26, false"})
  void javaThatMovesPinnedArraysIsToldWithTheReason(String version, boolean old) {
    var problem = JavaAge.problem(Runtime.Version.parse(version));
    assertEquals(old, problem.isPresent());
    assertTrue(problem.stream().allMatch(text -> text.contains("JDK-8377811")), version);
  }
}
