package dev.quintet.benchmarks.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchArgumentsTest {

  @Test
  void withoutArgumentsItLists() {
    assertEquals(BenchArguments.Wish.LIST, BenchArguments.of().wish());
  }

  @Test
  void aPresetAloneRunsAll() {
    BenchArguments arguments = BenchArguments.of("full");
    assertEquals(BenchArguments.Wish.RUN, arguments.wish());
    assertEquals(Preset.FULL, arguments.preset());
    assertEquals(List.of(), arguments.names());
    assertEquals(5, arguments.turns());
  }

  @Test
  void optionsOfJmhStandBesideOurs() {
    BenchArguments arguments =
        BenchArguments.of(
            "Norm",
            "--baseline=old.json",
            "-f",
            "7",
            "-p",
            "layer=quick,2x3x4",
            "--out",
            "here/new",
            "-Dquintet.threads=1",
            "-prof",
            "gc",
            "Matmul",
            "-e",
            "Cuda");
    assertEquals(List.of("Norm", "Matmul"), arguments.names());
    assertEquals(List.of("Cuda"), arguments.excluded());
    assertEquals(Optional.of(Path.of("old.json")), arguments.baseline());
    assertEquals(Optional.of(Path.of("here/new")), arguments.out());
    assertEquals(Map.of("quintet.threads", "1"), arguments.properties());
    assertEquals(7, arguments.turns());
    assertEquals(List.of("layer"), arguments.jmh().parameters());
    assertEquals(
        List.of("quick", "2x3x4"), List.copyOf(arguments.jmh().values("layer").orElseThrow()));
    assertEquals(1, arguments.jmh().getProfilers().size());
    assertEquals(List.of(), arguments.jmh().getIncludes()); // each turn names its own
  }

  @Test
  void aPropertyMayHoldSpacesAndEqualsSigns() {
    assertEquals(
        Map.of("peer.onnx", "/a b/c=d"),
        BenchArguments.of("-Dpeer.onnx=/a b/c=d", "Norm").properties());
  }

  @Test
  void jmhsOwnResultsAreOurs() {
    BenchArguments arguments = BenchArguments.of("Norm", "-rf", "json", "-rff", "x.json");
    assertTrue(arguments.jmh().resultFormat().isPresent());
    assertEquals(Optional.of("x.json"), arguments.jmh().resultFile());
    assertTrue(!arguments.jmh().getResult().hasValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--nonsense", "--out", "--baseline", "-Dquintet.threads", "-Q", "-f"})
  void whatSaysNothingIsRefused(String argument) {
    assertThrows(IllegalArgumentException.class, () -> BenchArguments.of("Norm", argument));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--baseline=x.json", "-Dquintet.threads=1", "-f5"})
  void optionsWithoutANameAreNotPassedOver(String argument) {
    var refused = assertThrows(IllegalArgumentException.class, () -> BenchArguments.of(argument));
    assertTrue(refused.getMessage().contains("name what to measure"), refused.getMessage());
  }

  @Test
  void anEmptyNameIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> BenchArguments.of(""));
  }

  @Test
  void aListOfFormatsIsNoListOfProfilers() {
    assertEquals(BenchArguments.Wish.FORMATS, BenchArguments.of("-lrf").wish());
    assertEquals(BenchArguments.Wish.PROFILERS, BenchArguments.of("-lprof").wish());
  }

  @Test
  void whatGoesOnIsWhatWasWritten() {
    BenchArguments arguments =
        BenchArguments.of("full", "No|rm", "--continue", "a.json", "-Dpeer.onnx=it's", "-f", "5");
    assertEquals(Optional.of(Path.of("a.json")), arguments.goesOn());
    assertEquals(
        "./quintet bench full 'No|rm' '-Dpeer.onnx=it'\\''s' -f 5 --continue b.json",
        arguments.goingOn(Path.of("b.json")));
  }

  @Test
  void twoPresetsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> BenchArguments.of("quick", "full"));
  }

  @Test
  void helpNamesEveryOptionOfOurs() {
    for (String option :
        List.of(
            "quick", "full", "--out", "--baseline", "--continue", "-D", "--help", "--jmh-help")) {
      assertTrue(BenchArguments.USAGE.contains(option), option);
    }
  }
}
